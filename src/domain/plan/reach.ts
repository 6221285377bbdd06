import type { KubeObject } from '../kube.ts'
import { specOf, statusOf } from '../readiness/shapes.ts'
import { listed } from '../readiness/workloads/kept-pods.ts'
import { valueAfter } from './field-path.ts'
import type { ObjectPlan } from './model.ts'

/** Which of a workload's pods a changed template reaches. */
export interface Reach {
  readonly restarts: boolean
  /** What is said of the others. */
  readonly left: string | undefined
}

const ALL: Reach = { restarts: true, left: undefined }

/**
 * A rolling update replaces every pod. What it does not: `updateStrategy: OnDelete`, the pods below a StatefulSet's partition, and
 * whatever a ReplicaSet or ReplicationController has made
 * (https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#update-strategies).
 */
export function reachOf(
  { ref, action, changes }: Pick<ObjectPlan, 'ref' | 'action' | 'changes'>,
  rendered: KubeObject | undefined,
  live: KubeObject | undefined,
): Reach {
  const after = (path: string): unknown => valueAfter(path, { rendered, live, changes })
  if (ref.kind === 'Deployment' || live === undefined) return ALL
  if (ref.kind === 'ReplicaSet' || ref.kind === 'ReplicationController')
    return action === 'replace' ? ALL : nobody(podsOf(statusOf(live).replicas ?? 0), 'a new template replaces no pod')
  const onDelete = after('spec.updateStrategy.type') === 'OnDelete'
  if (ref.kind === 'DaemonSet')
    return onDelete ? nobody(podsOf(statusOf(live).desiredNumberScheduled ?? 0), 'updateStrategy OnDelete') : ALL
  const count = Math.min(specOf(live).replicas ?? 1, numberOf(after('spec.replicas'), 1))
  const first = numberOf(after('spec.ordinals.start'), 0)
  const names = (below: number): string[] => Array.from({ length: below }, (_, at) => `${ref.name}-${first + at}`)
  if (onDelete) return nobody(names(count), 'updateStrategy OnDelete')
  const partition = numberOf(after('spec.updateStrategy.rollingUpdate.partition'), 0)
  const kept = Math.min(partition, count)
  if (kept === 0) return ALL
  const left = `${listed(names(kept))} ${go(kept)} as ${they(kept)} (partition ${partition})`
  return { restarts: kept < count, left }
}

function nobody(pods: readonly string[] | string, why: string): Reach {
  if (pods.length === 0) return { restarts: false, left: undefined }
  const [who, many] = typeof pods === 'string' ? [pods, 2] : [listed(pods), pods.length]
  return { restarts: false, left: `${who} ${go(many)} as ${they(many)} until ${they(many)} deleted (${why})` }
}

function podsOf(count: number): string {
  return count === 0 ? '' : `its ${count} ${count === 1 ? 'pod' : 'pods'}`
}

function go(count: number): string {
  return count === 1 ? 'goes on' : 'go on'
}

function they(count: number): string {
  return count === 1 ? 'it is' : 'they are'
}

function numberOf(value: unknown, otherwise: number): number {
  return typeof value === 'number' && value >= 0 ? value : otherwise
}
