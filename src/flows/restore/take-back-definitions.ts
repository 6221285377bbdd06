import { nameOf, refOf, type KubeObject } from '../../domain/kube.ts'
import type { Operation } from '../../domain/journal/operation.ts'
import { ForgeError } from '../../errors.ts'
import { inAnyCase } from '../in-any-case.ts'
import type { Applied } from '../phases/applied.ts'
import type { DeployPorts } from '../phases/ports.ts'
import type { RollbackEnd } from './rollback-end.ts'
import type { Run } from '../apply/run.ts'

/**
 * After a failure: what was changed as it was; what was made stays, for objects may be in it by now. Once for a deploy. What
 * cannot be taken back is named: the result adds it to how the rollback ended.
 */
export async function takeBackDefinitions(
  { definitions, cluster }: Pick<Applied, 'definitions' | 'cluster'>,
  { leave, say }: Pick<DeployPorts, 'leave' | 'say'>,
  run: Run,
): Promise<(end: RollbackEnd) => RollbackEnd> {
  const told: string[] = []
  let isWhole = true
  const signal = AbortSignal.any([leave, run.signal])
  for (const { object, before } of definitions.splice(0).reverse()) {
    const name = nameOf(object)
    if (before === undefined) {
      told.push(`${name}, which this deploy made, stays`)
      continue
    }
    const operation: Operation = { op: 'take-back', kind: object.kind, name: object.metadata.name }
    await inAnyCase(run.record.step(operation, 'running'), { say })
    const why = await takeBack(before, cluster, run, signal)
    isWhole &&= why === undefined
    if (why !== undefined) told.push(`${name} stays as this deploy made it: ${why}`)
    await run.record.step(operation, why === undefined ? 'done' : 'failed')
  }
  return (end) => withClauses({ ...end, restored: end.restored && isWhole }, told)
}

/** Where nothing is rolled back, the new release goes on living by them. */
export function keepDefinitions(end: RollbackEnd, context: Pick<Applied, 'definitions'>): RollbackEnd {
  return withClauses(end, keptDefinitions(context))
}

/** Those that were written, in a clause for the row `now`; none where there are none. */
export function keptDefinitions({ definitions }: Pick<Applied, 'definitions'>): string[] {
  const names = definitions.splice(0).map(({ object }) => nameOf(object))
  return names.length === 0
    ? []
    : [`${names.join(', ')} of crds/ ${names.length === 1 ? 'stays' : 'stay'} as this deploy made it`]
}

function withClauses(end: RollbackEnd, clauses: readonly string[]): RollbackEnd {
  return clauses.length === 0 ? end : { ...end, now: [end.now, ...clauses].join('; ') }
}

/** Once more where a controller has written its status meanwhile. Returns why it could not be done. */
async function takeBack(
  before: KubeObject,
  cluster: Applied['cluster'],
  run: Run,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    for (let tries = 0; tries < 5; tries += 1) {
      await run.confirm(signal)
      const now = await cluster.get(refOf(before), signal)
      if (now === undefined) return 'it is gone'
      const { labels, annotations } = before.metadata
      const metadata = { ...now.metadata, labels: labels ?? {}, annotations: annotations ?? {} }
      if ((await cluster.replace({ ...now, spec: before['spec'], metadata }, signal)) !== undefined) return undefined
    }
    return 'somebody else keeps writing it'
  } catch (error) {
    if (!(error instanceof ForgeError) || signal.aborted) throw error
    return error.message
  }
}
