import { madeAt, refOf, type KubeObject } from '../kube.ts'
import type { BackupRun } from './model.ts'

interface JobStatus {
  readonly startTime?: string
  readonly conditions?: readonly { readonly type: string; readonly status: string }[]
}

/** Jobs of this CronJob and of no other of its name; what forge or kubectl made by hand of it is among them. */
export function runsOfCronJob(cronJob: KubeObject, jobs: readonly KubeObject[]): BackupRun[] {
  const { uid } = cronJob.metadata
  const own = jobs.filter(({ metadata: { ownerReferences = [] } }) =>
    ownerReferences.some((owner) => owner.uid === uid),
  )
  return own.map((job) => {
    const { startTime, conditions = [] } = (job['status'] ?? {}) as JobStatus
    const is = (type: string): boolean => conditions.some((one) => one.type === type && one.status === 'True')
    const state = is('Complete') ? 'done' : is('Failed') ? 'failed' : 'running'
    return { ref: refOf(job), state, beganAt: startedAt(job, startTime, state) }
  })
}

interface BackupStatus {
  readonly phase?: string
  readonly startedAt?: string
}

/**
 * Backups of this Cluster. One of before the Cluster was made is of another database that had its name, as a restored one
 * has (https://cloudnative-pg.io/documentation/current/recovery/: recovery makes a new Cluster).
 */
export function runsOfCluster(cluster: KubeObject, backups: readonly KubeObject[]): BackupRun[] {
  const own = backups.filter(({ spec }) => {
    return (spec as { cluster?: { name?: string } } | undefined)?.cluster?.name === cluster.metadata.name
  })
  const runs = own.map((backup): BackupRun => {
    const { phase, startedAt: began } = (backup['status'] ?? {}) as BackupStatus
    const state = phase === 'completed' ? 'done' : phase === 'failed' ? 'failed' : 'running'
    return { ref: refOf(backup), state, beganAt: startedAt(backup, began, state) }
  })
  return runs.filter(({ beganAt }) => !(beganAt < madeAt(cluster)))
}

/** What runs and has not said when it began did not begin before it was made. */
function startedAt(object: KubeObject, said: string | undefined, state: BackupRun['state']): number {
  return said === undefined && state === 'running' ? madeAt(object) : Date.parse(said ?? '')
}

export interface Freshness {
  /** By the cluster's clock; undefined: it did not say, and nothing is proven. */
  readonly now: number | undefined
  readonly maxAgeMs: number | undefined
  /** When the last deploy ended: a backup of before may be of another schema. */
  readonly after: number | undefined
}

/** Clocks of nodes differ a little; what began later than that is not believed. */
const SKEW_MS = 60_000

/** The newest that will do: one that is done, else one that runs. Undefined: none is proven. */
export function freshRun(
  runs: readonly BackupRun[],
  { now, maxAgeMs, after = Number.NEGATIVE_INFINITY }: Freshness,
): { readonly run: BackupRun; readonly ageMs: number } | undefined {
  if (now === undefined || maxAgeMs === undefined) return undefined
  const young = runs
    .filter(({ beganAt }) => beganAt > after && beganAt <= now + SKEW_MS && now - beganAt <= maxAgeMs)
    .toSorted((one, other) => other.beganAt - one.beganAt)
  const run = young.find(({ state }) => state === 'done') ?? young.find(({ state }) => state === 'running')
  return run === undefined ? undefined : { run, ageMs: Math.max(0, now - run.beganAt) }
}
