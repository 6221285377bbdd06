import { changeOf, holderOf, isOwnClaim, LEASE_KIND, leaseRef, sameTenure } from '../../domain/lease/lease.ts'
import { LEASE_MS, type Lease } from '../../domain/lease/model.ts'
import { describeHolder, locked } from '../../domain/lease/refusal.ts'
import type { WatchBatch } from '../../ports.ts'
import { claimOf, readLease, writeClaim, type Claimed, type LeaseRequest } from './lease-claim.ts'

interface Seen {
  readonly lease: Lease | undefined
  /** A claim that was not stored, or whose answer got lost. */
  readonly tried: Lease | undefined
}

/** Watches a lock that is held until it is free (then takes it), proven alive (E_LOCKED) or dead (takes it over). */
export async function observeLease(request: LeaseRequest, seen: Seen, signal: AbortSignal): Promise<Claimed> {
  const stop = new AbortController()
  const kind = { ...LEASE_KIND, fieldSelector: `metadata.name=${leaseRef(request).name}` }
  const watch = request.cluster.watch([kind], request.namespace, AbortSignal.any([signal, stop.signal]))
  const batches = watch[Symbol.asyncIterator]()
  try {
    return await new Observation(request, seen, signal).follow(batches)
  } finally {
    stop.abort()
    // A watch that rests between two batches hears of no signal; how it ends changes nothing here.
    const ended = batches.return?.()
    ended?.catch(() => undefined)
  }
}

class Observation {
  readonly #request: LeaseRequest
  readonly #signal: AbortSignal
  #lease: Lease | undefined
  #tried: Lease | undefined
  /** Of this observer's own monotonic clock: nobody else's clock is trusted. */
  #unchangedSince: number
  #seenAlive = false
  #waitedFor: Lease | undefined
  /** Until then a holder that lives is waited for. */
  readonly #patientUntil: number

  constructor(request: LeaseRequest, { lease, tried }: Seen, signal: AbortSignal) {
    this.#request = request
    this.#signal = signal
    this.#lease = lease
    this.#tried = tried
    this.#unchangedSince = request.clock.monotonic()
    this.#patientUntil = this.#unchangedSince + (request.waitMs ?? 0)
  }

  async follow(batches: AsyncIterator<WatchBatch>): Promise<Claimed> {
    this.#announce()
    let next = batches.next()
    next.catch(() => undefined)
    for (;;) {
      const batch = await this.#nextOrSilence(next)
      if (batch?.done === true) throw this.#ended()
      const found = batch === undefined ? await this.#silent() : await this.#read(batch.value)
      if (found !== undefined) return found
      if (batch !== undefined) {
        next = batches.next()
        next.catch(() => undefined)
      }
    }
  }

  /** Undefined: 15 s have passed since the last change, or all the time that a living holder is given. */
  async #nextOrSilence(
    next: Promise<IteratorResult<WatchBatch>>,
  ): Promise<IteratorResult<WatchBatch, undefined> | undefined> {
    const { clock } = this.#request
    const now = clock.monotonic()
    const dead = this.#unchangedSince + LEASE_MS
    const due = this.#patientUntil > now ? Math.min(dead, this.#patientUntil) : dead
    const left = Math.max(due - now, 0)
    const timer = new AbortController()
    const silence = clock.after(left, AbortSignal.any([this.#signal, timer.signal])).then(() => undefined)
    try {
      return await Promise.race([next, silence])
    } finally {
      timer.abort()
    }
  }

  async #read({ initial, events }: WatchBatch): Promise<Claimed | undefined> {
    const { name } = leaseRef(this.#request)
    const own = events.filter(({ object }) => object.metadata.name === name)
    if (initial && own.length === 0) return await this.#see(undefined)
    for (const { type, object } of own) {
      const found = await this.#see(type === 'gone' ? undefined : object)
      if (found !== undefined) return found
    }
    return undefined
  }

  /** Throws E_LOCKED for a sign of life. */
  async #see(lease: Lease | undefined): Promise<Claimed | undefined> {
    if (lease === undefined) {
      this.#lease = undefined
      return await this.#take()
    }
    const change = changeOf(this.#lease, lease)
    if (change === 'same') return undefined
    const before = this.#lease
    this.#lease = lease
    this.#unchangedSince = this.#request.clock.monotonic()
    if (isOwnClaim(lease, this.#tried)) return { lease, from: undefined }
    const ended = change === 'free' && this.#request.refuseReleased === true && holderOf(before) !== undefined
    if (ended && before !== undefined) this.#refuse(before)
    if (change === 'free') return await this.#take()
    if (change === 'alive') this.#wait(lease)
    return undefined
  }

  /** Dead, if nothing was seen for 15 s; else it lives, and the time to wait for it is over. */
  async #silent(): Promise<Claimed | undefined> {
    const now = this.#request.clock.monotonic()
    if (now - this.#unchangedSince >= LEASE_MS) return await this.#takeOver()
    if (this.#lease !== undefined && this.#seenAlive) this.#refuse(this.#lease)
    return undefined
  }

  /** Says once of each holder who it is that has to be waited for. */
  #wait(lease: Lease): void {
    const { clock, note, waitMs = 0 } = this.#request
    if (clock.monotonic() >= this.#patientUntil) this.#refuse(lease)
    const holder = holderOf(lease)
    const first = !this.#seenAlive || (this.#waitedFor !== undefined && !sameTenure(this.#waitedFor, lease))
    this.#seenAlive = true
    this.#waitedFor = lease
    if (first && holder !== undefined)
      note(`waiting for the lock, up to ${waitText(waitMs)} in all: ${describeHolder(holder, clock.now())}`)
  }

  /** Nothing was seen for 15 s. The write's precondition makes sure of it: a watch may be stuck. */
  async #takeOver(): Promise<Claimed | undefined> {
    const from = holderOf(this.#lease)
    const found = await this.#take()
    if (found === undefined) {
      this.#unchangedSince = this.#request.clock.monotonic()
      return await this.#see(await readLease(this.#request, this.#signal))
    }
    if (from === undefined) return found
    const { clock, note } = this.#request
    note(`took the lock over: no sign of life for ${LEASE_MS / 1000} s from ${describeHolder(from, clock.now())}`)
    return { ...found, from }
  }

  async #take(): Promise<Claimed | undefined> {
    this.#tried = claimOf(this.#request, this.#lease)
    const lease = await writeClaim(this.#request, this.#tried, this.#signal)
    return lease === undefined ? undefined : { lease, from: undefined }
  }

  #announce(): void {
    const { clock, note } = this.#request
    const holder = holderOf(this.#lease)
    if (holder !== undefined)
      note(
        `looking for up to ${LEASE_MS / 1000} s whether the lock's holder is alive: ${describeHolder(holder, clock.now())}`,
      )
  }

  #refuse(lease: Lease): never {
    const holder = holderOf(lease)
    if (holder === undefined) throw new Error('a lock without a holder cannot refuse anybody')
    const { clock, project, namespace } = this.#request
    throw locked(holder, { project, namespace }, clock.now())
  }

  #ended(): Error {
    return this.#signal.aborted ? (this.#signal.reason as Error) : new Error('the watch of the lock ended by itself')
  }
}

function waitText(ms: number): string {
  return ms % 60_000 === 0 ? `${ms / 60_000}m` : `${Math.round(ms / 1000)}s`
}
