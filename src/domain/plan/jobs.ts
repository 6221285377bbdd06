import type { KubeObject } from '../kube.ts'

interface JobStatus {
  readonly active?: number
  readonly conditions?: readonly { readonly type: string; readonly status: string }[]
}

/** Terminal by its condition (Kubernetes API, JobCondition): it will never run again under this name. */
export function hasFailed(job: KubeObject): boolean {
  return conditionOf(job, 'Failed')
}

export function hasCompleted(job: KubeObject): boolean {
  return conditionOf(job, 'Complete')
}

export function isRunning(job: KubeObject): boolean {
  return (
    !conditionOf(job, 'Failed') &&
    !conditionOf(job, 'Complete') &&
    ((job['status'] as JobStatus | undefined)?.active ?? 0) > 0
  )
}

function conditionOf(job: KubeObject, type: string): boolean {
  const { conditions = [] } = (job['status'] ?? {}) as JobStatus
  return conditions.some((condition) => condition.type === type && condition.status === 'True')
}
