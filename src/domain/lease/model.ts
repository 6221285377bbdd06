import type { KubeObject } from '../kube.ts'

/** A Lease of coordination.k8s.io/v1, as far as forge looks inside. */
export interface Lease extends KubeObject {
  readonly spec?: {
    readonly holderIdentity?: string
    readonly leaseDurationSeconds?: number
    readonly acquireTime?: string
    readonly renewTime?: string
    readonly leaseTransitions?: number
    readonly [field: string]: unknown
  }
}

/** Who wants the lock. `command` is what was typed, without secrets. */
export interface Claim {
  /** `user@host` */
  readonly identity: string
  readonly pid: number
  readonly command: string
}

/** Who has the lock, as far as the Lease tells. Times are the holder's own wall clock. */
export interface LockHolder {
  readonly identity: string
  readonly pid: number | undefined
  readonly command: string | undefined
  readonly since: string | undefined
  readonly renewed: string | undefined
  /** The number of its deploy, once it has one. */
  readonly deploy: number | undefined
}

/** A holder that was not seen to renew for this long is dead (docs/design.md, "State that forge keeps"). */
export const LEASE_MS = 15_000
export const RENEW_MS = 5_000
