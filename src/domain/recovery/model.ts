import type { ReleaseRecord } from '../helm/model.ts'
import type { JournalDefinition, JournalEntry } from '../journal/model.ts'
import type { Reason } from '../journal/operation.ts'
import type { KubeObject } from '../kube.ts'

export type Revision = Pick<ReleaseRecord, 'revision' | 'status' | 'description'>

/** One release of a deploy that was interrupted, as it is found in the cluster. */
export interface ReleaseFacts {
  readonly name: string
  /** Newest first. */
  readonly history: readonly Revision[]
  /** Jobs that only the interrupted revision has, and that run now. */
  readonly runningJobs: readonly string[]
  /** Objects of the last deployed revision that are not there. */
  readonly missing: readonly string[]
  /** Those of crds/ that it has written before helm ran. */
  readonly definitions?: readonly JournalDefinition[]
  /** The interrupted revision has migrated its database to a schema that the code before cannot read. */
  readonly migrated?: boolean
}

/** What a recovery is decided from; all of it is read under the lock. */
export interface RecoveryFacts {
  readonly entry: JournalEntry
  /** Number of the deploy that was ready last. */
  readonly live: number | undefined
  readonly releases: readonly ReleaseFacts[]
  /** Numbers on the live Secrets, by name. */
  readonly secrets: ReadonlyMap<string, number>
  /** Whether all that the interrupted deploy made is ready now. False where it did not make all. */
  readonly ready: boolean
}

/** How helm's records of a release stand after a deploy that was interrupted. */
export type Stand =
  /** helm wrote no revision. */
  | { readonly kind: 'untouched'; readonly base: Revision | undefined }
  /** helm ended well, but nobody has seen that the pods became ready. */
  | { readonly kind: 'unproven'; readonly newest: Revision; readonly base: Revision | undefined }
  /** helm failed, or was cut off. */
  | { readonly kind: 'broken'; readonly newest: Revision; readonly base: Revision | undefined }
  /** Its rollback had ended before it was interrupted. */
  | { readonly kind: 'returned'; readonly newest: Revision; readonly base: Revision }

export type RecoveryAction =
  | { readonly kind: 'wait'; readonly release: string; readonly jobs: readonly string[]; readonly because: Reason }
  | {
      readonly kind: 'settle'
      readonly release: string
      readonly revision: number
      readonly status: string
      readonly because: Reason
    }
  | {
      readonly kind: 'roll-back'
      readonly release: string
      /** The newest revision, which must still be the newest then. */
      readonly from: number
      readonly to: number
      readonly because: Reason
    }
  | {
      /** What it took over from other releases. */
      readonly kind: 'give-back'
      readonly release: string
      readonly to: readonly string[]
      readonly because: Reason
    }
  | {
      readonly kind: 'restore-secret'
      readonly secret: string
      readonly from: number
      readonly to: number
      readonly because: Reason
    }

export interface RecoveryPlan {
  /** In this order. Empty: there is nothing to put right, only to be written down. */
  readonly actions: readonly RecoveryAction[]
  /** Definitions of crds/ that it wrote, and that stay whatever goes back. */
  readonly definitions?: readonly JournalDefinition[]
  /**
   * `deployed`: what was interrupted is complete and ready. `restored`: what ran before runs again. `stays`: nothing was
   * ever deployed before, so there is nothing to return to. `forward`: what ran before cannot read the database any more, so
   * the way out is a deploy of code that can. `uninstalled`: an uninstallation had taken all away. `partly`: it had taken
   * some away, and that stays away. `left`: somebody wants it left as it is, because there is no way back.
   */
  readonly end: 'deployed' | 'restored' | 'stays' | 'forward' | 'uninstalled' | 'partly' | 'left'
}

/** Why what ran before is not as it was: a stage that failed (undefined: another one), what is being deleted, what did not go. */
export type NotAsBefore =
  | { readonly kind: 'not-ready'; readonly message: string | undefined }
  | { readonly kind: 'leaving' | 'left-behind'; readonly objects: readonly KubeObject[] }

/** A release that helm refuses to touch, and that no deploy of forge accounts for. */
export interface ForeignPending {
  readonly release: string
  readonly namespace: string
  readonly revision: number
  readonly status: string
  /** The revision to go back to. */
  readonly base: number | undefined
}
