import type { Project } from '../../domain/config/model.ts'
import type { Events } from '../../domain/events/events.ts'
import type { Redactor } from '../../domain/redact/redactor.ts'
import type { Charts, Clock, Codec } from '../../ports.ts'
import type { Connection, Runner } from '../phases/ports.ts'
import type { HeldLease } from '../state/lease.ts'
import type { StepScreen } from '../step.ts'

/** What is recovered: one project in one namespace. */
export interface RecoveryScope {
  readonly project: string
  readonly namespace: string
  readonly environment: string
  /** How a command line names this scope: `--env prod`. */
  readonly flags: readonly string[]
  readonly cluster: Connection
  readonly charts: Charts
  /** Of forge.yaml; without a checkout those of the journal are looked at. */
  readonly releases: readonly { readonly name: string; readonly namespace: string }[]
  /** What forge.yaml says of the environment, where there is one. */
  readonly checkout?: Pick<Project, 'environment'> | undefined
}

export interface RecoveryPorts {
  readonly clock: Clock
  readonly codec: Codec
  readonly redactor: Redactor
  readonly runner: Runner
  readonly screen: StepScreen
  readonly say: (lines: readonly string[]) => void
  readonly signal: AbortSignal
  readonly events: Events
  /** A lock that is held already; it stays with its owner. */
  readonly lease?: HeldLease | undefined
  /** A deploy that ends while it is looked at was not dead: E_LOCKED. */
  readonly refuseReleased?: boolean
  /** How long a living holder of the lock is waited for, in milliseconds. */
  readonly waitForLockMs?: number | undefined
}
