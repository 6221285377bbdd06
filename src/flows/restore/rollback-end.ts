import type { Hint } from '../../hint.ts'

/** How an automatic rollback ended. */
export interface RollbackEnd {
  /** True: every object of the releases is as it was, and all of it is ready. */
  readonly restored: boolean
  /** One clause for the row `now`. */
  readonly now: string
  readonly detail: string
  /** The one safe command, where it is not the usual one. */
  readonly hint?: Hint
  /** It broke off: what it left is neither state. */
  readonly unfinished?: boolean
}
