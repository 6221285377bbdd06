import type { Choice } from '../../domain/config/select.ts'
import type { SavedPlan } from '../../domain/plan/saved.ts'
import type { Hint, SetTexts } from '../../hint.ts'

export interface DeployOptions extends SetTexts, Choice {
  readonly dir: string
  readonly dirGiven: boolean
  readonly env: string | undefined
  readonly values: readonly string[]
  readonly yes: boolean
  readonly timeoutMs: number | undefined
  /** How long a living holder of the lock is waited for. Undefined: not at all. */
  readonly waitForLockMs?: number | undefined
  readonly skipBuild: boolean
  readonly skipVerify: boolean
  readonly rollback: boolean
  /** `forge plan`: what may not be read is noted, not refused. */
  readonly planOnly?: boolean
  /** `forge uninstall` */
  readonly removes?: boolean
  /** `--adopt`: releases that somebody else made are taken over. */
  readonly adopt?: boolean
  /** What somebody else changed is overwritten this once, whatever the drift policy says. */
  readonly overwriteDrift?: boolean
  /**
   * `forge secrets apply --restart` and `rotate`: of these secrets (undefined: all) what changed is written, and each
   * release is upgraded to what it is already, with nothing but the secrets' new revisions in its pod templates.
   */
  readonly secretsOnly?: {
    readonly names: readonly string[] | undefined
    readonly command: string
    /** `--overwrite-drift`: of secrets alone, what the releases have drifted from stays. */
    readonly overwrite?: boolean
  }
  /** `--accept-data-loss`: code may run on a schema that it cannot read. */
  readonly acceptDataLoss?: boolean
  /** The command that does the same again, where it is not what was typed. */
  readonly again?: Hint
  /** Names of objects whose data may be deleted. */
  readonly confirm?: readonly string[]
  /** `--plan FILE`: exactly that is done, or nothing. */
  readonly saved?: SavedPlan
}

export type Outcome =
  'deployed' | 'unchanged' | 'planned' | 'rolled-back' | 'restored' | 'failed' | 'refused' | 'interrupted'
