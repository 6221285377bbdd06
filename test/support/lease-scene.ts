import { claimed, leaseRef, renewed } from '../../src/domain/lease/lease.ts'
import type { Lease } from '../../src/domain/lease/model.ts'
import { ForgeError } from '../../src/errors.ts'
import { acquireLease, type HeldLease } from '../../src/flows/state/lease.ts'
import { FakeApi } from './fake-api.ts'
import { FakeClock } from './fake-clock.ts'

export const scope = { project: 'api-forge', namespace: 'prod' }
export const ref = leaseRef(scope)
export const alice = { identity: 'alice@laptop', pid: 4711, command: 'forge deploy --env prod' }
export const ops = { identity: 'ops@ci', pid: 12, command: 'forge deploy --env prod --yes' }
export const never = new AbortController().signal

export class LeaseScene {
  readonly api = new FakeApi()
  readonly clock = new FakeClock()
  readonly notes: string[] = []
  readonly held: HeldLease[] = []

  async acquire(holder = ops, signal = never, waitMs?: number): Promise<HeldLease> {
    const lease = await acquireLease(
      { cluster: this.api, clock: this.clock, ...scope, holder, note: (text) => this.notes.push(text), waitMs },
      signal,
    )
    this.held.push(lease)
    return lease
  }

  /** A lock of somebody whose forge is not part of the test. */
  lockedBy(holder = alice): Lease {
    return this.api.put(claimed(this.lease, scope, holder, this.clock.now()))
  }

  get lease(): Lease | undefined {
    return this.api.see(ref)
  }

  renew(): void {
    if (this.lease !== undefined) this.api.put(renewed(this.lease, this.clock.now()))
  }
}

export async function failure(promise: Promise<unknown>): Promise<ForgeError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (error instanceof ForgeError) return error
  throw new Error(`not a ForgeError: ${String(error)}`)
}
