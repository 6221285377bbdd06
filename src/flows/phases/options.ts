import type { Choice } from '../../domain/config/select.ts'
import type { LegacyChoice } from '../../domain/plan/saved.ts'
import type { Hint } from '../../hint.ts'

/** What was asked for, as far as phases go by it. What differs between commands is in their policy. */
export interface RunOptions extends Choice {
  readonly yes: boolean
  readonly timeoutMs: number | undefined
  /** How long a living holder of the lock is waited for. Undefined: not at all. */
  readonly waitForLockMs?: number | undefined
  readonly skipVerify: boolean
  readonly rollback: boolean
  /** `--skip-backup`: Jobs that migrate run without the backups of forge.yaml. */
  readonly skipBackup?: boolean
  /** `--adopt`: releases that somebody else made are taken over. */
  readonly adopt?: boolean
  /** What somebody else changed is overwritten this once, whatever the drift policy says. */
  readonly overwriteDrift?: boolean
  /** What `forge pause` brought to rest is woken first: `--resume`, or who is asked says so. Undefined: never. */
  readonly resume?: 'agreed' | 'ask' | undefined
  /** `--accept-data-loss`: code may run on a schema that it cannot read. */
  readonly acceptDataLoss?: boolean
  /** `forge migrate-to-helm`: what the old stack is read from. */
  readonly legacy?: LegacyChoice
  /** The command that does the same again, where it is not what was typed. */
  readonly again?: Hint
  /** Names of objects whose data may be deleted. */
  readonly confirm?: readonly string[]
}

export type Outcome =
  'deployed' | 'unchanged' | 'planned' | 'rolled-back' | 'restored' | 'failed' | 'refused' | 'interrupted'
