import { claimed, leaseRef } from '../../domain/lease/lease.ts'
import type { Claim, Lease, LockHolder } from '../../domain/lease/model.ts'
import type { Clock, ClusterReader, ClusterWatcher, ClusterWriter } from '../../ports.ts'
import type { StateScope } from '../../domain/state-scope.ts'

export type LeaseCluster = Pick<ClusterReader, 'get'> & Pick<ClusterWriter, 'create' | 'replace'> & ClusterWatcher

export interface LeaseRequest extends StateScope {
  readonly cluster: LeaseCluster
  readonly clock: Clock
  readonly holder: Claim
  /** What a person should know while this waits: who has the lock, and that it was taken over. */
  readonly note: (text: string) => void
  /** How long a holder that lives is waited for, in milliseconds. Absent: its first sign of life is E_LOCKED. */
  readonly waitMs?: number | undefined
  /** A holder that ends while it is looked at is E_LOCKED too: what was planned rests on the state before it. */
  readonly refuseReleased?: boolean | undefined
}

export interface HeldLease {
  /** Aborts with E_LOCK_LOST when somebody else took or deleted the lock, or it could not be renewed for 30 s. */
  readonly signal: AbortSignal
  /** The dead holder that it was taken from: its deploy was interrupted. */
  readonly takenFrom: LockHolder | undefined
  /** The highest deploy number that was ever noted here (journal entries may be gone). */
  readonly lastDeploy: number | undefined
  /** Notes the number of the deploy; as every write it proves that the lock is still held. */
  deploy(number: number): Promise<void>
  /** Before a write that must not meet another deploy: renews at once unless that happened in the last 10 s. */
  confirm(signal: AbortSignal): Promise<void>
  /** Makes it free. Never throws and takes 3 s at most: a lock that cannot be released is dead after 15 s anyway. */
  release(): Promise<void>
}

/** A claim that the API server has stored. */
export interface Claimed {
  readonly lease: Lease
  readonly from: LockHolder | undefined
}

export async function readLease(
  { cluster, ...scope }: StateScope & { readonly cluster: Pick<ClusterReader, 'get'> },
  signal: AbortSignal,
): Promise<Lease | undefined> {
  return await cluster.get(leaseRef(scope), signal)
}

export function claimOf({ clock, holder, ...scope }: LeaseRequest, lease: Lease | undefined): Lease {
  return claimed(lease, { project: scope.project, namespace: scope.namespace }, holder, clock.now())
}

/** Undefined: somebody else was faster. */
export async function writeClaim(
  { cluster }: LeaseRequest,
  claim: Lease,
  signal: AbortSignal,
): Promise<Lease | undefined> {
  return claim.metadata.resourceVersion === undefined
    ? await cluster.create(claim, signal)
    : await cluster.replace(claim, signal)
}
