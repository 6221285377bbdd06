import { keyOf, type KubeObject } from '../kube.ts'
import { containerStatusesOf, podStatusOf } from '../readiness/shapes.ts'
import type { PlannedRelease } from './document.ts'
import type { ObjectPlan } from './model.ts'

interface JobStatus {
  readonly active?: number
  readonly ready?: number
  readonly succeeded?: number
  readonly failed?: number
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

/** Running, and a pod of it has been ready or has ended. Before that it may be cut off, and waiting for it is of no use. */
export function hasBegun(job: KubeObject): boolean {
  return isRunning(job) && !neverBegan(job)
}

/** No pod of it is ready or has ended. */
function neverBegan(job: KubeObject): boolean {
  const { ready = 0, succeeded = 0, failed = 0 } = (job['status'] ?? {}) as JobStatus
  return ready === 0 && succeeded === 0 && failed === 0
}

/**
 * Of a Job's pod: one of its containers runs, or has ended well, which its Job does not say yet. What waits to be started, or has
 * ended badly, is at nothing.
 */
export function isAtWork(pod: KubeObject): boolean {
  const { containerStatuses = [] } = podStatusOf(pod)
  return (
    containerStatusesOf(pod).some(({ state }) => state?.running !== undefined) ||
    containerStatuses.some(({ state }) => state?.terminated?.exitCode === 0)
  )
}

function conditionOf(job: KubeObject, type: string): boolean {
  const { conditions = [] } = (job['status'] ?? {}) as JobStatus
  return conditions.some((condition) => condition.type === type && condition.status === 'True')
}

export interface JobsInput {
  readonly rendered: ReadonlyMap<string, KubeObject>
  readonly live: ReadonlyMap<string, KubeObject>
  readonly schema: PlannedRelease['schema']
}

/**
 * Plans of Jobs with what people want to know of them: the only one that runs when the schema changes is the one that
 * migrates it, and one that goes has ended, or has not.
 */
export function explainJobs(plans: readonly ObjectPlan[], { rendered, live, schema }: JobsInput): ObjectPlan[] {
  const jobs = plans.filter(({ ref }) => ref.kind === 'Job')
  const runs = jobs.filter(({ action }) => action === 'create' || action === 'replace')
  const names = new Set(runs.map(({ ref }) => appOf(rendered.get(keyOf(ref)))))
  return plans.map((plan) => {
    if (plan.ref.kind !== 'Job' || plan.because !== undefined) return plan
    if (plan.action === 'create' && runs.length === 1 && migrates(schema))
      return { ...plan, because: `migrates schema ${schema.from} → ${schema.to}` }
    const job = plan.action === 'delete' ? live.get(keyOf(plan.ref)) : undefined
    if (job === undefined) return plan
    const app = appOf(job)
    const state = hasFailed(job) ? 'failed' : isRunning(job) ? 'STILL RUNS' : 'finished'
    return { ...plan, because: app !== undefined && names.has(app) ? `${state}, replaced` : state }
  })
}

function migrates(schema: PlannedRelease['schema']): schema is { readonly from: number; readonly to: number } {
  return schema !== null && schema.from !== null && schema.from !== schema.to
}

function appOf(job: KubeObject | undefined): string | undefined {
  return job?.metadata.labels?.['app.kubernetes.io/name']
}
