import type { Project } from '../../domain/config/model.ts'
import type { JournalEntry } from '../../domain/journal/model.ts'
import type { Audience } from '../../domain/notify/audience.ts'
import type { SchemaVersion } from '../../domain/journal/schema.ts'
import type { Charts } from '../../ports.ts'
import type { Once } from '../once.ts'
import type { Journal } from '../state/journal.ts'
import type { HeldLease } from '../state/lease.ts'
import type { RunOptions } from './options.ts'
import type { Policy } from './policy.ts'
import type { Connection } from './ports.ts'

/** What the phases find and a person is told, whatever becomes of the run. Every phase adds to them; none reads them to decide. */
export interface Notes {
  readonly warnings: string[]
  /** What could not be looked at, and why. */
  readonly notChecked: string[]
  /** Kinds that may not be read, as `apiVersion/kind`. */
  readonly unreadable: Set<string>
}

/** What is asked for, before a cluster is spoken to. */
export interface Asked extends Notes {
  /** Who is told how it ended. */
  readonly audience: Once<Audience>
  readonly project: Project
  readonly options: RunOptions
  readonly policy: Policy
}

/** The ways into the cluster. */
export interface Connected extends Asked {
  readonly cluster: Connection
  readonly charts: Charts
  /** `--wait-for-lock`: held from the beginning, so that nothing planned can be stale when it is carried out. */
  readonly lease: HeldLease | undefined
  /** The key for marks of other people's Secrets. Undefined inside: it may not be read. */
  readonly hashKey: Once<HashKey | undefined>
  /** What Secrets held before, once a log of a pod that may still have it is shown. */
  readonly keptSecrets: Once<undefined>
}

/** What a keyed hash of other people's Secrets is made with. `fresh`: the cluster does not have it yet. */
export interface HashKey {
  readonly bytes: Uint8Array
  readonly fresh: boolean
}

/** What the journal says of the deploys before this one. */
export interface Past {
  /** Undefined: it may not be read (`forge plan`). */
  readonly journal: Pick<Journal, 'entries' | 'others' | 'pauses' | 'nextNumber'> | undefined
  /** `forge plan`: why it is not known what runs. */
  readonly unknown?: string
  /** Rights would tell it. */
  readonly lacksRights?: true
  readonly previous: JournalEntry | undefined
  /** The deploy that runs, ready or not; `previous` may have been taken back. */
  readonly liveEntry: JournalEntry | undefined
  /** All that the journal keeps, newest first. */
  readonly deploys: readonly JournalEntry[]
  /** The schema that each release's database has by now, as far as the journal knows. */
  readonly databases: ReadonlyMap<string, SchemaVersion>
  /** One that still runs, or that was left as it was: to be put right first. */
  readonly interrupted: JournalEntry | undefined
  /** Of the deploy that runs; 0: none. */
  readonly number: number
}

export interface Opened extends Connected, Past {
  /** `forge rollback`: the deploy that it goes back to. */
  readonly target: JournalEntry | undefined
}
