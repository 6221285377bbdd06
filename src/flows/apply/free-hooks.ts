import { keyOf, nameOf, refOf, type KubeObject } from '../../domain/kube.ts'
import type { ReleaseRecord } from '../../domain/helm/model.ts'
import { comingHooks } from '../../domain/manifest/hooks.ts'
import { isRunning } from '../../domain/plan/jobs.ts'
import { leftHooks } from '../../domain/plan/left-hooks.ts'
import type { Timed } from '../../time-limit.ts'
import type { StepReport } from '../step.ts'
import { takeAway } from './replace.ts'
import type { Planned } from '../phases/planned.ts'
import { inspectRecord } from '../observe/release-records.ts'
import type { Watched } from '../prove/watching.ts'
import { hasEnded } from '../../domain/pod-phase.ts'

/** What a hook leaves that holds nothing of its own: helm makes it again from the chart in this very rollback. */
const REMADE = new Set([
  ...['Job', 'Pod', 'ConfigMap', 'ServiceAccount', 'Service', 'NetworkPolicy'],
  ...['Role', 'RoleBinding', 'ClusterRole', 'ClusterRoleBinding'],
])

/**
 * Before helm goes back on its own: hooks of the revision to go back to that a deploy, or a helm that was ended, has left, and
 * that their policy does not take away. helm would fail on them each time, with no way back. Their logs are in the evidence.
 * A person who types `forge rollback` is asked instead (E_HOOK_LEFT); what still runs, or may hold data, stays.
 */
export async function freeHooks(
  record: ReleaseRecord,
  namespace: string,
  scene: Watched & { readonly facts: Pick<Planned['facts'], 'resources'> },
  confirm: () => Promise<void>,
  report: Pick<StepReport, 'detail'>,
  timed: Timed,
): Promise<void> {
  const { hooks: own } = inspectRecord(record, namespace, scene.facts.resources)
  const hooks = comingHooks(own, 'rollback').filter(
    ({ object, hook }) => REMADE.has(object.kind) && !hook.deletePolicy.includes('before-hook-creation'),
  )
  const live = new Map<string, KubeObject>()
  for (const { object } of hooks) {
    const found = await scene.cluster.get(refOf(object), timed.signal)
    if (found !== undefined) live.set(keyOf(object), found)
  }
  for (const { hook, end } of leftHooks(hooks, live, record.applyMethod)) {
    const left = live.get(keyOf(hook.object))
    if (end === 'skipped' || left === undefined || stillRuns(left)) continue
    report.detail({ doing: 'free-hook', hook: nameOf(left) })
    await confirm()
    await takeAway(left, scene, timed)
  }
}

function stillRuns(object: KubeObject): boolean {
  return object.kind === 'Job' ? isRunning(object) : object.kind === 'Pod' && !hasEnded(object)
}
