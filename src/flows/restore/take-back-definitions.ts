import { nameOf, refOf, type KubeObject } from '../../domain/kube.ts'
import type { Operation } from '../../domain/journal/operation.ts'
import type { LeftDefinition, NotTakenBack } from '../../domain/restore/model.ts'
import { ForgeError } from '../../errors.ts'
import { inAnyCase } from '../in-any-case.ts'
import type { Applied } from '../phases/applied.ts'
import type { DeployPorts } from '../phases/ports.ts'
import type { WriteSession } from '../apply/write-session.ts'

/**
 * After a failure: what was changed as it was; what was made stays, for objects may be in it by now. Once for a deploy. Returns
 * those that are not as they were.
 */
export async function takeBackDefinitions(
  { definitions, cluster }: Pick<Applied, 'definitions' | 'cluster'>,
  { leave, say }: Pick<DeployPorts, 'leave' | 'say'>,
  session: WriteSession,
): Promise<LeftDefinition[]> {
  const left: LeftDefinition[] = []
  const signal = AbortSignal.any([leave, session.signal])
  for (const { object, before } of definitions.splice(0).reverse()) {
    const name = nameOf(object)
    if (before === undefined) {
      left.push({ name, how: 'made' })
      continue
    }
    const operation: Operation = { op: 'take-back', kind: object.kind, name: object.metadata.name }
    await inAnyCase(session.record.step(operation, 'running'), { say })
    const why = await takeBack(before, cluster, session, signal)
    if (why !== undefined) left.push({ name, how: 'stuck', why })
    await session.record.step(operation, why === undefined ? 'done' : 'failed')
  }
  return left
}

/** Where nothing is rolled back, the new release goes on living by them. */
export function keptDefinitions({ definitions }: Pick<Applied, 'definitions'>): LeftDefinition[] {
  return definitions.splice(0).map(({ object }) => ({ name: nameOf(object), how: 'kept' }))
}

/** Once more where a controller has written its status meanwhile. Returns why it could not be done. */
async function takeBack(
  before: KubeObject,
  cluster: Applied['cluster'],
  session: WriteSession,
  signal: AbortSignal,
): Promise<NotTakenBack | undefined> {
  try {
    for (let tries = 0; tries < 5; tries += 1) {
      await session.confirm(signal)
      const now = await cluster.get(refOf(before), signal)
      if (now === undefined) return { kind: 'gone' }
      const { labels, annotations } = before.metadata
      const metadata = { ...now.metadata, labels: labels ?? {}, annotations: annotations ?? {} }
      if ((await cluster.replace({ ...now, spec: before['spec'], metadata }, signal)) !== undefined) return undefined
    }
    return { kind: 'contended' }
  } catch (error) {
    if (!(error instanceof ForgeError) || signal.aborted) throw error
    return { kind: 'refused', message: error.message }
  }
}
