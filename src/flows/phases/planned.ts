import type { BackupMade, DueBackup } from '../../domain/backup/model.ts'
import type { KubeObject } from '../../domain/kube.ts'
import type { Migration } from '../../domain/migrate/model.ts'
import type { RollbackFeasibility } from '../../domain/plan/rollback-feasibility.ts'
import type { FoundLoss, Loss } from '../../domain/plan/losses.ts'
import type { Left, ObjectPlan, Restart } from '../../domain/plan/model.ts'
import type { Preserved } from '../../domain/plan/preserved.ts'
import type { Awaited } from '../../domain/secrets/awaited.ts'
import type { StageTargets } from '../../domain/stages/stages.ts'
import type { DesiredRelease, Resolved } from './desired.ts'

/** A release with what each of its objects would become. */
export interface ReleasePlan extends DesiredRelease {
  readonly plans: readonly ObjectPlan[]
}

/** Namespaces beside the environment's in which forge may not look, each with what it may not do: `list pods`. */
export type Hidden = ReadonlyMap<string, string>

/** Data that is there now, and that an automatic rollback of a release would delete. */
export interface AtRisk {
  readonly release: string
  readonly text: string
}

export interface Losses {
  readonly losses: readonly Loss[]
  readonly found: readonly FoundLoss[]
  /** What could not be looked at, so that nobody can say that nothing is lost. */
  readonly unknown: readonly string[]
}

export const NO_LOSSES: Losses = { losses: [], found: [], unknown: [] }

/** What is wanted, beside what is there. */
export interface Compared<Release extends DesiredRelease = DesiredRelease> extends Resolved<Release> {
  /** The live objects that the releases have or will have, by key, as they were before anything was written. */
  readonly live: ReadonlyMap<string, KubeObject>
  /** How much helm's record of each release takes, about. Of a revision that it has kept already it is not asked. */
  readonly recordBytes: ReadonlyMap<string, number>
}

/** What each object would become. */
export interface Assessed<Release extends ReleasePlan = ReleasePlan> extends Compared<Release> {
  readonly preserved: (object: KubeObject) => readonly Preserved[]
}

export interface Watched {
  readonly stages: readonly StageTargets[]
  readonly hidden: Hidden
  /** Workloads that cannot be watched, each in a sentence. */
  readonly unseen: readonly string[]
}

/** What would be done. Nothing has been written. */
export interface Foreseen extends Assessed, Watched {
  /** What pods need of Secrets that something else makes: waited for (`grace.missing`). */
  readonly awaited: readonly Awaited[]
  readonly restarts: readonly Restart[]
  /** Pods that a changed template does not reach. */
  readonly left: readonly Left[]
  readonly unchanged: boolean
  readonly losses: Losses
  readonly atRisk: readonly AtRisk[]
}

export interface Planned extends Foreseen {
  /** Whether the present state can be brought back afterwards. Undefined: nobody asks, as in an uninstallation. */
  readonly back: RollbackFeasibility | undefined
  /** What becomes of the stack that ran before helm. Undefined: nothing is migrated. */
  readonly migration?: Migration
  /** Backups that its Jobs are to be preceded by. Absent: none. */
  readonly backups?: readonly DueBackup[]
  /** Those that there are, once they were seen to. */
  readonly secured?: readonly BackupMade[]
}

/** What is not asked for where releases only go. */
export const NOTHING_PLANNED = {
  preserved: () => [],
  recordBytes: new Map<string, number>(),
  stages: [],
  hidden: new Map<string, string>(),
  unseen: [],
  awaited: [],
  restarts: [],
  left: [],
  unchanged: false,
  losses: NO_LOSSES,
  atRisk: [],
  back: undefined,
} as const
