import { holderOf } from '../../domain/lease/lease.ts'
import { holdLease } from './held-lease.ts'
import { claimOf, readLease, writeClaim, type HeldLease, type LeaseRequest } from './lease-claim.ts'
import { observeLease } from './observe-lease.ts'

export { readLease }
export type { HeldLease, LeaseCluster, LeaseRequest } from './lease-claim.ts'

/**
 * Takes the lock of a project in its namespace (which must exist). A free one costs a read and a write. One that is held
 * is watched: its first renewal, or a new holder, is refused with E_LOCKED; after 15 s without one it is taken over;
 * released meanwhile, it is taken at once. `signal` ends the waiting only: a run that is being stopped still needs its
 * lock for the rollback, so the renewals go on until `release`.
 */
export async function acquireLease(request: LeaseRequest, signal: AbortSignal): Promise<HeldLease> {
  const lease = await readLease(request, signal)
  const tried = holderOf(lease) === undefined ? claimOf(request, lease) : undefined
  const stored = tried === undefined ? undefined : await writeClaim(request, tried, signal)
  const found =
    stored === undefined ? await observeLease(request, { lease, tried }, signal) : { lease: stored, from: undefined }
  return holdLease(request, found)
}
