import type { Check, Stage } from '../config/model.ts'
import type { JsonMap } from '../values/model.ts'

/**
 * How a deploy ended. `running` is what a killed one leaves behind: under the lock it can only mean that. `rolled-back`:
 * `forge rollback` reached its target. `restored`: it failed and the state before it was brought back. A deploy that
 * changes nothing writes no entry and takes no number.
 */
export type DeployState = 'running' | 'deployed' | 'rolled-back' | 'restored' | 'failed' | 'interrupted'

/** One deploy, as the journal keeps it in the cluster. It never holds a secret value. Times are ISO 8601, UTC. */
export interface JournalEntry {
  readonly v: 1
  readonly number: number
  readonly project: string
  readonly environment: string
  readonly namespace: string
  /** As it was typed, redacted. */
  readonly command: string
  /** `user@host` */
  readonly by: string
  readonly state: DeployState
  readonly startedAt: string
  readonly endedAt?: string
  /** `forge rollback`: the deploy that it goes back to. */
  readonly target?: number
  readonly releases: readonly JournalRelease[]
  readonly secrets: readonly JournalSecret[]
  readonly configuration: JournalConfiguration
  /** Only the steps that change something. */
  readonly steps: readonly JournalStep[]
  readonly verdict?: JournalVerdict
  /** Parts that were left out because the entry would not have fitted into a Secret. */
  readonly omitted?: readonly ('values' | 'log')[]
}

export interface JournalRelease {
  readonly name: string
  readonly namespace: string
  /** Absent: it was not installed. */
  readonly revisionBefore?: number
  /** Absent: helm was not run for it, or did not come to its end. */
  readonly revisionAfter?: number
}

export interface JournalSecret {
  readonly name: string
  /** Absent: there was no such Secret. */
  readonly revisionBefore?: number
  readonly revision: number
}

/** What is needed to come back to this deploy without its checkout. */
export interface JournalConfiguration {
  readonly releases: readonly JournalReleaseConfiguration[]
  readonly stages: readonly Stage[]
  readonly verify: readonly Check[]
}

export interface JournalReleaseConfiguration {
  readonly name: string
  readonly chart: string
  readonly version?: string
  readonly values: JsonMap
  readonly schema?: { readonly version: number; readonly oldestReader: number }
}

export type StepOutcome = 'running' | 'done' | 'skipped' | 'failed'

export interface JournalStep {
  readonly name: string
  readonly outcome: StepOutcome
  readonly startedAt: string
  readonly endedAt?: string
  readonly detail?: string
}

export interface JournalVerdict {
  readonly code: string
  readonly message: string
  readonly chain: readonly string[]
  readonly where?: string
  readonly hint: string
  /** The last lines of what failed. */
  readonly log: readonly string[]
}

/** What is known when a deploy begins. */
export type NewEntry = Omit<
  JournalEntry,
  'v' | 'number' | 'project' | 'namespace' | 'state' | 'startedAt' | 'endedAt' | 'steps' | 'verdict' | 'omitted'
>
