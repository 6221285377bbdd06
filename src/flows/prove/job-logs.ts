import { keyOf, nameOf, type KubeObject } from '../../domain/kube.ts'
import { jobRuns, type JobRun } from '../../domain/logs/job-runs.ts'
import { podStatusOf } from '../../domain/readiness/shapes.ts'
import type { Judge } from '../../domain/readiness/model.ts'
import type { StageTarget } from '../../domain/stages/stages.ts'
import type { PodLogs } from '../../ports.ts'
import { passes, type Timed } from '../../time-limit.ts'
import { expected } from '../../expected.ts'

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

interface Reading {
  readonly job: string
  readonly pod: string
  /** The container has ended. */
  isOver: boolean
  readonly done: Promise<void>
}

export interface JobLogsParts {
  readonly judge: Pick<Judge, 'madePods'>
  readonly logs: Pick<PodLogs, 'follow'>
}

/**
 * The log of Jobs, line by line, each run of a container once, from the event on that shows that it has begun. One that
 * cannot be had is asked for again with the next event, and is no failure of the deploy; where the pod is gone, that is said.
 */
export class JobLogs {
  readonly #parts: JobLogsParts
  readonly #onLine: (line: JobLine) => void
  readonly #signal: AbortSignal
  readonly #begun = new Map<string, Reading>()
  /** Pods of which a line was heard, and those whose log went with them. */
  readonly #spoke = new Set<string>()
  readonly #missed = new Set<string>()

  constructor(parts: JobLogsParts, onLine: (line: JobLine) => void, signal: AbortSignal) {
    this.#parts = parts
    this.#onLine = onLine
    this.#signal = signal
  }

  /** Looks for containers of this Job that have begun to run since the last call. */
  look(job: StageTarget): void {
    for (const { pod, gone } of this.#parts.judge.madePods(job)) {
      if (!gone) for (const run of jobRuns(pod)) this.#begin(job, pod, run)
      else if (this.#isLost(pod)) this.#tellMissed(job, pod)
    }
  }

  /**
   * After their end: looks at these Jobs once more. Resolves when their logs have ended, or after a moment: the last lines come a
   * little late.
   */
  async ended(jobs: readonly StageTarget[], { clock, signal: until }: Timed): Promise<void> {
    for (const job of jobs) this.look(job)
    const keys = new Set(jobs.map(keyOf))
    const own = [...this.#begun.values()].filter(({ job }) => keys.has(job))
    const over = new AbortController()
    const signal = AbortSignal.any([until, over.signal])
    const late = async (isOver: boolean): Promise<unknown> =>
      await passes(isOver ? ENDED_GRACE_MS : GRACE_MS, { clock, signal })
    await Promise.all(own.map(async ({ done, isOver }) => await Promise.race([done, late(isOver)])))
    // What was asked for just before may have been refused since: then its pod is gone.
    for (const job of jobs) this.look(job)
    // A timer that nobody waits for any more would keep the process alive for as long.
    over.abort()
  }

  #begin(job: StageTarget, pod: KubeObject, run: JobRun): void {
    const known = this.#begun.get(run.key)
    if (known !== undefined) {
      known.isOver = run.isOver
      return
    }
    const { promise, resolve, reject } = Promise.withResolvers<undefined>()
    promise.catch(() => undefined)
    this.#begun.set(run.key, { job: keyOf(job), pod: pod.metadata.name, isOver: run.isOver, done: promise })
    this.#read(job, pod, run).then((isThere) => {
      if (!isThere) this.#begun.delete(run.key)
      resolve(undefined)
    }, reject)
  }

  /** Whether there was a log to read. */
  async #read(job: StageTarget, pod: KubeObject, { container, isMain }: JobRun): Promise<boolean> {
    const { name, namespace = '' } = pod.metadata
    const called = job.label ?? job.name
    const line = { job, source: isMain ? called : `${called} ${container}`, pod: name, container }
    const opened = { yet: false }
    const onOpen = (): void => void (opened.yet = true)
    try {
      for await (const text of this.#parts.logs.follow({ namespace, name, container }, this.#signal, { onOpen })) {
        this.#spoke.add(name)
        this.#onLine({ ...line, text })
      }
    } catch (error) {
      expected(error)
      // The connection broke, or the log may not be read: the verdict does not rest on it.
    }
    return opened.yet
  }

  /** A log that was given empty is that of a silent program, unless it has failed: then it went while it was asked for. */
  #isLost(pod: KubeObject): boolean {
    const { name } = pod.metadata
    if (jobRuns(pod).length === 0 || this.#spoke.has(name)) return false
    const isRead = [...this.#begun.values()].some((reading) => reading.pod === name)
    return !isRead || podStatusOf(pod).phase === 'Failed'
  }

  #tellMissed(job: StageTarget, pod: KubeObject): void {
    const key = pod.metadata.uid ?? pod.metadata.name
    if (this.#missed.has(key)) return
    this.#missed.add(key)
    const text = `(its log went with it: ${nameOf(pod)} was deleted before it could be read)`
    this.#onLine({ job, source: job.label ?? job.name, pod: pod.metadata.name, container: '', text })
  }
}
