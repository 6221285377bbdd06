import { placedStages, planStages } from '../../domain/stages/stages.ts'
import type { KubeObject } from '../../domain/kube.ts'
import { counted } from '../../screen/counted.ts'
import { judgeRun } from '../apply/judge-run.ts'
import type { Writer } from '../apply/write-session.ts'
import type { Followed } from '../phases/applied.ts'
import { followStage } from '../prove/stage.ts'
import { underWatch } from '../prove/under-watch.ts'
import { tellWorkloads } from '../run-events.ts'

/**
 * What only the old stack ran runs again: no stage of the releases waits for it. Throws JudgedFailure; then what helm ran can still
 * come back. What was proven, in clauses.
 */
export async function proveLent(objects: readonly KubeObject[], context: Followed, writer: Writer): Promise<string[]> {
  const { ports, report } = writer
  const { project, options } = context
  const { file, environment } = project
  const limit = options.timeoutMs === undefined ? {} : { limitMs: options.timeoutMs }
  // A Job that had ended waits for somebody to start it.
  const running = objects.filter(({ kind }) => kind !== 'Job')
  const planned = planStages({ stages: [], file, ...limit }, running)
  const stages = placedStages(planned, environment.namespace)
  const count = stages.reduce((sum, { targets }) => sum + targets.length, 0)
  if (count === 0) return []
  const watching = { clock: ports.clock, tell: tellWorkloads(ports.events, 'back') }
  return await underWatch(context, watching, stages, ports.signal, async (follower) => {
    const judged = { ...context, follower, stages }
    await judgeRun(judged, writer, { remade: new Set(), isBack: true }, ports.signal)
    for (const { name } of stages) await followStage(name, judged, ports, report)
    return [`${counted(count, 'workload')} of the old stack again`]
  })
}
