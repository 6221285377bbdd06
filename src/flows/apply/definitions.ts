import { keyOf, refOf, type KubeObject } from '../../domain/kube.ts'
import { aboutToWrite } from '../../domain/definitions/written.ts'
import type { Operation } from '../../domain/journal/operation.ts'
import { operationText } from '../../screen/operation.ts'
import { ownDefinitions } from '../plan/definitions.ts'
import { readExpectations } from '../prove/expectations.ts'
import type { Applied, AppliedRelease } from '../phases/applied.ts'
import { JudgedFailure } from '../prove/failure.ts'
import type { Writer } from './write-session.ts'
import { underWatch } from '../prove/under-watch.ts'

const ESTABLISHED_MS = 60_000

/**
 * Before helm runs, which would leave them as they are: the definitions of crds/ as the plan has shown them (`crds: update`). They
 * belong to no release, so forge applies them itself. Resolves when the API server serves them. Throws JudgedFailure.
 */
export async function applyDefinitions(
  work: AppliedRelease,
  context: Applied,
  { ports, report, session }: Writer,
): Promise<void> {
  const moving = new Set(
    work.plans.filter(({ action }) => action === 'create' || action === 'change').map(({ ref }) => keyOf(ref)),
  )
  const wanted = ownDefinitions(work).filter((object) => moving.has(keyOf(object)))
  if (wanted.length === 0) return
  const { cluster, project } = context
  session.record.definitions(
    work.release.name,
    wanted.map((object) => aboutToWrite(refOf(object), context.live.get(keyOf(object)))),
  )
  const names = wanted.map(({ metadata }) => metadata.name)
  const operation: Operation = { op: 'write-definitions', release: work.release.name, names }
  report.detail({ doing: 'operation', operation })
  await session.record.step(operation, 'running')
  const stage = operationText(operation)
  const stages = [{ name: stage, timeoutMs: ESTABLISHED_MS, targets: wanted.filter(isDefinition).map(refOf) }]
  await underWatch(context, { clock: ports.clock }, stages, ports.signal, async (follower) => {
    for (const object of wanted) {
      await session.confirm()
      context.definitions.push({ object, before: context.live.get(keyOf(object)) })
      await cluster.apply(object, ports.signal)
    }
    follower.released(await readExpectations(cluster, stages, project.environment.namespace, ports.signal))
    const end = await follower.stage(stage, () => undefined)
    if (end.state === 'failed') throw new JudgedFailure(end.failed, [])
  })
  await session.record.step(operation, 'done')
}

function isDefinition({ kind }: KubeObject): boolean {
  return kind === 'CustomResourceDefinition'
}
