import { keyOf, nameOf, type KubeObject } from '../../domain/kube.ts'
import { jobRuns, type JobRun } from '../../domain/logs/job-runs.ts'
import { podStatusOf } from '../../domain/readiness/shapes.ts'
import type { Judge } from '../../domain/readiness/model.ts'
import type { StageTarget } from '../../domain/stages/stages.ts'
import type { PodLogs } from '../../ports.ts'
import type { DeployPorts } from './context.ts'

/** How long the end of a Job waits for the last lines of its log. */
const GRACE_MS = 1000
/** The same where the container has ended: then its log ends by itself, and a busy machine is only slow to give it. */
const ENDED_GRACE_MS = 5000

export interface JobLine {
  readonly job: StageTarget
  /** What people call the Job. */
  readonly source: string
  readonly pod: string
  readonly container: string
  readonly text: string
}

export interface JobLogs {
  /** Looks for containers of this Job that have begun to run since the last call. */
  look(job: StageTarget): void
  /**
   * After their end: looks at these Jobs once more. Resolves when their logs have ended, or after a moment: the last lines come a
   * little late.
   */
  ended(jobs: readonly StageTarget[], ports: Pick<DeployPorts, 'clock' | 'signal'>): Promise<void>
}

interface Reading {
  readonly job: string
  readonly pod: string
  /** The container has ended. */
  isOver: boolean
  readonly done: Promise<void>
}

/**
 * The log of Jobs, line by line, each run of a container once, from the event on that shows that it has begun. One that
 * cannot be had is asked for again with the next event, and is no failure of the deploy; where the pod is gone, that is said.
 */
export function followJobLogs(
  { judge, logs }: { readonly judge: Pick<Judge, 'madePods'>; readonly logs: Pick<PodLogs, 'follow'> },
  onLine: (line: JobLine) => void,
  signal: AbortSignal,
): JobLogs {
  const begun = new Map<string, Reading>()
  const missed = new Set<string>()
  const spoke = new Set<string>()
  const read = async (job: StageTarget, pod: KubeObject, run: JobRun): Promise<void> => {
    const { name, namespace = '' } = pod.metadata
    const called = job.label ?? job.name
    const line = {
      job,
      source: run.isMain ? called : `${called} ${run.container}`,
      pod: name,
      container: run.container,
    }
    let isThere = false
    const onOpen = (): void => void (isThere = true)
    try {
      const where = { namespace, name, container: run.container }
      for await (const text of logs.follow(where, signal, { onOpen })) {
        spoke.add(name)
        onLine({ ...line, text })
      }
    } catch {
      // The connection broke, or the log may not be read: the verdict does not rest on it.
    }
    if (!isThere) begun.delete(run.key)
  }
  const tellMissed = (job: StageTarget, pod: KubeObject): void => {
    const key = pod.metadata.uid ?? pod.metadata.name
    if (missed.has(key)) return
    missed.add(key)
    const text = `(its log went with it: ${nameOf(pod)} was deleted before it could be read)`
    onLine({ job, source: job.label ?? job.name, pod: pod.metadata.name, container: '', text })
  }
  const has = (pod: string): boolean => [...begun.values()].some((reading) => reading.pod === pod)
  // A log that was given empty is that of a silent program, unless it has failed: then it went while it was asked for.
  const isLost = (pod: KubeObject): boolean => {
    const { name } = pod.metadata
    if (jobRuns(pod).length === 0 || spoke.has(name)) return false
    return !has(name) || podStatusOf(pod).phase === 'Failed'
  }
  const look = (job: StageTarget): void => {
    for (const { pod, gone } of judge.madePods(job)) {
      if (!gone) for (const run of jobRuns(pod)) begin(job, pod, run)
      else if (isLost(pod)) tellMissed(job, pod)
    }
  }
  const begin = (job: StageTarget, pod: KubeObject, run: JobRun): void => {
    const known = begun.get(run.key)
    if (known !== undefined) known.isOver = run.isOver
    else {
      const { promise, resolve } = Promise.withResolvers<undefined>()
      begun.set(run.key, { job: keyOf(job), pod: pod.metadata.name, isOver: run.isOver, done: promise })
      void read(job, pod, run).then(() => resolve(undefined))
    }
  }
  return {
    look,
    async ended(jobs, { clock, signal: until }) {
      for (const job of jobs) look(job)
      const keys = new Set(jobs.map(keyOf))
      const own = [...begun.values()].filter(({ job }) => keys.has(job))
      const over = new AbortController()
      const within = async (readings: readonly Reading[], ms: number): Promise<void> => {
        const late = clock.after(ms, AbortSignal.any([until, over.signal])).catch(() => undefined)
        await Promise.race([Promise.all(readings.map(({ done }) => done)), late])
      }
      await Promise.all([
        within(
          own.filter(({ isOver }) => isOver),
          ENDED_GRACE_MS,
        ),
        within(
          own.filter(({ isOver }) => !isOver),
          GRACE_MS,
        ),
      ])
      // What was asked for just before may have been refused since: then its pod is gone.
      for (const job of jobs) look(job)
      // A timer that nobody waits for any more would keep the process alive for as long.
      over.abort()
    },
  }
}
