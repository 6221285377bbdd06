import type { BackupMade } from '../backup/model.ts'
import type { Checkout } from '../config/checkout.ts'
import type { Check, RollbackRule, Stage } from '../config/model.ts'
import type { SchemaVersion } from './schema.ts'
import type { PlainMap } from '../config/path.ts'
import type { JsonMap } from '../values/model.ts'
import type { ObjectRef } from '../kube.ts'
import type { Hint } from '../../hint.ts'
import type { Operation, Reason } from './operation.ts'
import type { JournalPlanned, JournalTimes } from './times.ts'

/**
 * How a deploy ended. `running` is what a killed one leaves behind: under the lock it can only mean that. `rolled-back`:
 * `forge rollback` reached its target. `restored`: it failed and the state before it was brought back. `uninstalled`:
 * `forge uninstall` took the releases away. A deploy that changes nothing writes no entry and takes no number.
 */
export type DeployState =
  | 'running'
  | 'deployed'
  | 'rolled-back'
  | 'restored'
  | 'failed'
  | 'interrupted'
  | 'uninstalled'
  /** `forge pause`, `forge resume`: they change no release. */
  | 'paused'
  | 'resumed'

/**
 * One deploy, as the journal tells it; how it is stored is said in `format/`. It never holds a secret value. Times are ISO
 * 8601, UTC.
 */
export interface JournalEntry {
  readonly number: number
  readonly project: string
  readonly environment: string
  readonly namespace: string
  /** As it was typed, redacted. */
  readonly command: string
  /** `user@host` */
  readonly by: string
  readonly state: DeployState
  /** No deploy: what runs was brought to rest, or woken. Such entries stand apart (`Journal.pauses`). */
  readonly kind?: 'pause' | 'resume'
  readonly startedAt: string
  readonly endedAt?: string
  /** `forge rollback`: the deploy that it goes back to. */
  readonly target?: number
  /** The deploy that the target itself had gone back to, and so on: whose state runs. It may be forgotten before this one. */
  readonly origin?: number
  /** It failed, and its rollback has brought back this deploy, if not proven. Not always what ran before: that may have failed half-way. */
  readonly brought?: number
  /** What it changed, in a line: `app image 1f3c9a2e, app-env LOG_LEVEL`. */
  readonly changes?: string
  /** `forge uninstall --delete-data`: the claims that it deleted. */
  readonly deleted?: readonly string[]
  readonly releases: readonly JournalRelease[]
  readonly secrets: readonly JournalSecret[]
  /** Secrets that live in Vault. Absent: there were none. */
  readonly vault?: readonly JournalHome[]
  readonly configuration: JournalConfiguration
  /** All its checks under `verify` are part of it: where it was ready, they have passed. */
  readonly verified?: true
  /** There when its Jobs began to migrate. */
  readonly backups?: readonly BackupMade[]
  /** Only the steps that change something. */
  readonly steps: readonly JournalStep[]
  readonly verdict?: JournalVerdict
  /** What it was to change. Absent: an older forge wrote it, or it did not fit. */
  readonly planned?: JournalPlanned
  /** Absent beside that: it was cut off. */
  readonly times?: JournalTimes
  /** Folder on the machine of `by`, with what was kept of a failure. */
  readonly evidence?: string
  /** Parts that were left out because the entry would not have fitted into a Secret. */
  readonly omitted?: readonly ('values' | 'log')[]
  /** What another forge has stored beside all this, in its place in the document; it is stored again as it was. */
  readonly unknown?: PlainMap
}

export interface JournalRelease {
  readonly name: string
  readonly namespace: string
  /** Absent: it was not installed. */
  readonly revisionBefore?: number
  /** Absent: helm was not run for it, or did not come to its end. */
  readonly revisionAfter?: number
  /** Of a deploy that failed: whether what it made of the release stays, or what ran before runs (again). */
  readonly left?: 'own' | 'before'
  /** This deploy left it as it was: the deploy that made its revision, and when that began. */
  readonly leftOut?: { readonly deploy: number; readonly at: string }
  readonly chart?: JournalChart
  /** Of which its chart or values are, beside the project's own. */
  readonly checkouts?: readonly Checkout[]
  /** Of the containers that it runs, without repetition. */
  readonly images?: readonly string[]
  /** Replicas that were other than the chart's when it began, by the object's key: a recovery brings them back. */
  readonly counts?: Readonly<Record<string, number>>
  /** Of pods that waited for what came only while it ran: they began with what there is now. */
  readonly came?: readonly CameMark[]
  /** Definitions of crds/ that forge began to write before helm ran (`crds: update`). */
  readonly definitions?: readonly JournalDefinition[]
  /** What it takes over from other releases (`takesOver`). */
  readonly takes?: readonly JournalTake[]
  /** The schema that its database has, as far as forge knows: code that was deployed before may have brought it. */
  readonly database?: SchemaVersion
}

export interface JournalChart {
  readonly name: string
  readonly version: string
  readonly appVersion?: string
  /** Forge made it of plain objects: how many, and where they are written, as forge.yaml says it. */
  readonly plain?: { readonly objects: number; readonly from: readonly string[] }
}

/** Objects that move from another release. */
export interface JournalTake {
  readonly from: string
  readonly namespace: string
  readonly objects: readonly ObjectRef[]
}

/** One annotation that tells a workload's pods by what they consume (`restartMarks`). */
export interface CameMark {
  /** By `keyOf`. */
  readonly workload: string
  readonly mark: string
  /** What was written: there was nothing yet. */
  readonly written: string
  /** What it would be by what came. */
  readonly came: string
}

/** A definition of crds/ as it was before forge wrote it. */
export interface JournalDefinition {
  readonly ref: ObjectRef
  /** It was not there. */
  readonly isNew: boolean
  /** When forge had written it last, as the object says; absent: never. */
  readonly applied?: string
}

export interface JournalSecret {
  readonly name: string
  /** Absent: there was no such Secret. */
  readonly revisionBefore?: number
  readonly revision: number
  /** Keys that a rollback does not simply restore. */
  readonly rules?: Readonly<Record<string, Exclude<RollbackRule, 'restore'>>>
}

/** A path of Vault with values of the project: which version its pods began with. */
export interface JournalHome {
  readonly name: string
  readonly path: string
  /** Those that are the project's. */
  readonly keys: readonly string[]
  /** Absent: forge could not look, or the engine has no versions. */
  readonly version?: number
  /** `version` is what this deploy itself wrote; this is what was there. */
  readonly versionBefore?: number
  readonly rules?: Readonly<Record<string, Exclude<RollbackRule, 'restore'>>>
}

/** What is needed to come back to this deploy without its checkout. */
export interface JournalConfiguration {
  readonly releases: readonly JournalReleaseConfiguration[]
  readonly stages: readonly Stage[]
  readonly verify: readonly Check[]
  /** `postgres` → `Cluster/temporal-postgres` */
  readonly components?: Readonly<Record<string, string>>
  /** A rollback asks there, too. */
  readonly protected?: boolean
}

export interface JournalReleaseConfiguration {
  readonly name: string
  readonly chart: string
  readonly version?: string
  readonly values: JsonMap
  readonly schema?: SchemaVersion
  /** Releases that must be ready before it. */
  readonly needs?: readonly string[]
}

export type StepOutcome = 'running' | 'done' | 'skipped' | 'failed'

export interface JournalStep {
  readonly operation: Operation
  readonly outcome: StepOutcome
  readonly startedAt: string
  readonly endedAt?: string
  /** Of a recovery's step. */
  readonly because?: Reason
}

export interface JournalVerdict {
  readonly code: string
  readonly message: string
  readonly chain: readonly string[]
  readonly where?: string
  /** A line where an older forge wrote it. Undefined: what was typed again, which the journal does not keep. */
  readonly hint?: Hint | string
  /** The last lines of what failed. */
  readonly log: readonly string[]
}

/** What is known when a deploy begins. */
export type NewEntry = Omit<
  JournalEntry,
  | 'number'
  | 'project'
  | 'namespace'
  | 'state'
  | 'startedAt'
  | 'endedAt'
  | 'steps'
  | 'verdict'
  | 'times'
  | 'evidence'
  | 'omitted'
  | 'unknown'
>
