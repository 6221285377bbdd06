import type { Project } from '../../domain/config/model.ts'
import type { Charts } from '../../ports.ts'
import type { Connection, DeployPorts } from '../phases/ports.ts'
import type { HeldLease } from '../state/lease.ts'
import type { OpenScope } from '../state/scope.ts'

/** What is recovered: one project in one namespace. */
export interface RecoveryScope extends Pick<OpenScope<unknown>, 'project' | 'namespace' | 'environment' | 'flags'> {
  readonly cluster: Connection
  readonly charts: Charts
  /** Of forge.yaml; without a checkout those of the journal are looked at. */
  readonly releases: readonly { readonly name: string; readonly namespace: string }[]
  /** What forge.yaml says of the environment, where there is one. */
  readonly checkout?: Pick<Project, 'environment'> | undefined
}

export interface RecoveryPorts extends Pick<
  DeployPorts,
  'clock' | 'codec' | 'redactor' | 'runner' | 'screen' | 'say' | 'signal' | 'events'
> {
  /** A lock that is held already; it stays with its owner. */
  readonly lease?: HeldLease | undefined
  /** A deploy that ends while it is looked at was not dead: E_LOCKED. */
  readonly refuseReleased?: boolean
  /** How long a living holder of the lock is waited for, in milliseconds. */
  readonly waitForLockMs?: number | undefined
}
