import type { StepOutcome } from './model.ts'

/** When what happened in a deploy, as forge saw it, by the clock of its machine. Times are ISO 8601, UTC. */
export interface JournalTimes {
  /** Those of the screen, in order. */
  readonly steps: readonly TimedStep[]
  readonly workloads: readonly TimedWorkload[]
  /** Workloads beside them, of which nothing is kept. */
  readonly more?: number
}

export interface TimedStep {
  readonly name: string
  readonly outcome: Exclude<StepOutcome, 'running'>
  readonly startedAt: string
  readonly seconds: number
  /** Of forge.yaml. */
  readonly isStage?: true
}

export interface TimedWorkload {
  readonly stage: string
  readonly kind: string
  readonly name: string
  /** Where it is another than the environment's. */
  readonly namespace?: string
  readonly readyAt?: string
  readonly failedAt?: string
  /** Ready again, during the rollback. */
  readonly backAt?: string
  /** What was said of it last, where it was never ready. */
  readonly reason?: string
  /** A few of those that were made: the first, the slowest, those that failed. */
  readonly pods: readonly TimedPod[]
  /** Those beside them. */
  readonly morePods?: number
}

export interface TimedPod {
  readonly name: string
  readonly node?: string
  readonly createdAt: string
  readonly scheduledAt?: string
  /** Its init containers have ended; absent where it has none. */
  readonly initializedAt?: string
  /** All its containers run, so their images are there. */
  readonly startedAt?: string
  readonly readyAt?: string
  readonly goneAt?: string
  readonly restarts?: number
  readonly troubles?: readonly PodTrouble[]
}

export interface PodTrouble {
  readonly at: string
  readonly container?: string
  /** As Kubernetes names it: `ImagePullBackOff`, `OOMKilled`, `Unschedulable`. */
  readonly reason: string
  readonly message?: string
}

/** What a deploy was to change: names and fields, as `forge plan` shows them, cut to a size. */
export interface JournalPlanned {
  readonly restarts: readonly { readonly workload: string; readonly because: readonly string[] }[]
  readonly objects: readonly PlannedChange[]
  /** Objects beside them. */
  readonly more?: number
}

export interface PlannedChange {
  readonly object: string
  readonly release: string
  readonly action: string
  readonly because?: string
  readonly fields: readonly ChangedField[]
  /** Fields beside them. */
  readonly more?: number
}

export interface ChangedField {
  readonly field: string
  readonly text: string
  /** Of a text of several lines: those that differ, after `+ ` or `- `. */
  readonly lines?: readonly string[]
  /** `values.prod.yaml:31` */
  readonly at?: string
  readonly isCut?: true
}
