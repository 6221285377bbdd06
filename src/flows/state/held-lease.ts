import { holderOf, lastDeploy, leaseRef, released, renewed, sameTenure, withDeploy } from '../../domain/lease/lease.ts'
import { RENEW_MS, type Lease, type LockHolder } from '../../domain/lease/model.ts'
import { lockLost, type LossReason } from '../../domain/lease/refusal.ts'
import { ForgeError } from '../../errors.ts'
import type { Claimed, HeldLease, LeaseRequest } from './lease-claim.ts'
import { within } from './within.ts'

const RETRY_MS = 1_000
/** One try of a renewal. */
const ANSWER_MS = 5_000
/** A proof of holding that is younger than this needs no new one: 5 s are left before anybody may take over. */
const FRESH_MS = 10_000
/** As long as the watches bear an unreachable API server (port ClusterWatcher). */
const GIVE_UP_MS = 30_000
const RELEASE_MS = 3_000
/** Conflicts with people who edit the Lease's metadata; each is followed by a fresh read. */
const CONFLICTS = 5

export function holdLease(request: LeaseRequest, claim: Claimed): HeldLease {
  return new Held(request, claim)
}

class Held implements HeldLease {
  readonly takenFrom: LockHolder | undefined
  readonly lastDeploy: number | undefined
  readonly #request: LeaseRequest
  readonly #lost = new AbortController()
  readonly #stop = new AbortController()
  #lease: Lease
  /** When the last write that the API server confirmed was sent (monotonic). */
  #provenAt: number
  /** The same moment by the wall clock: the monotonic one stands still while a machine sleeps. */
  #provenAtWall: number
  /** Writes go one after the other: each carries the resourceVersion that the one before it made. */
  #queue: Promise<unknown> = Promise.resolve()
  #released: Promise<void> | undefined

  constructor(request: LeaseRequest, { lease, from }: Claimed) {
    this.#request = request
    this.#lease = lease
    this.takenFrom = from
    this.lastDeploy = lastDeploy(lease)
    this.#provenAt = request.clock.monotonic()
    this.#provenAtWall = request.clock.now()
    this.#renewUntilStopped().catch((error: unknown) => this.#lost.abort(error))
  }

  get signal(): AbortSignal {
    return this.#lost.signal
  }

  async deploy(number: number): Promise<void> {
    const noted = (lease: Lease): Lease => renewed(withDeploy(lease, number), this.#request.clock.now())
    await this.#inTurn(async () => await this.#write(noted, this.#lost.signal))
  }

  async confirm(signal: AbortSignal): Promise<void> {
    this.#lost.signal.throwIfAborted()
    const { clock } = this.#request
    const age = Math.max(clock.monotonic() - this.#provenAt, Math.abs(clock.now() - this.#provenAtWall))
    if (age < FRESH_MS) return
    await this.#inTurn(async () => await this.#write(this.#renewal, AbortSignal.any([signal, this.#lost.signal])))
  }

  async release(): Promise<void> {
    this.#released ??= this.#releaseOnce()
    await this.#released
  }

  async #releaseOnce(): Promise<void> {
    this.#stop.abort()
    if (this.#lost.signal.aborted) return
    const { clock } = this.#request
    const free = (lease: Lease): Lease => released(lease, clock.now())
    try {
      // A signal of its own: a run that was interrupted releases its lock too.
      await within(clock, RELEASE_MS, new AbortController().signal, async (signal) => await this.#insist(free, signal))
    } catch {
      // Nothing to be done: it is dead after 15 s, and whoever comes next says so.
    }
  }

  /** One refusal must not leave a lock behind that the next run has to wait 15 s for. */
  async #insist(change: (lease: Lease) => Lease, signal: AbortSignal): Promise<void> {
    for (;;) {
      try {
        return await this.#inTurn(async () => await this.#write(change, signal))
      } catch {
        await this.#request.clock.after(RETRY_MS, signal)
      }
    }
  }

  async #renewUntilStopped(): Promise<void> {
    let wait = RENEW_MS
    while (await this.#pause(wait)) wait = (await this.#renew()) ? RENEW_MS : RETRY_MS
  }

  /** False when it was stopped meanwhile. */
  async #pause(ms: number): Promise<boolean> {
    try {
      await this.#request.clock.after(ms, this.#stop.signal)
    } catch {
      return false
    }
    return !this.#stop.signal.aborted
  }

  async #renew(): Promise<boolean> {
    const { clock } = this.#request
    const write = async (signal: AbortSignal): Promise<void> =>
      await this.#inTurn(async () => await this.#write(this.#renewal, signal))
    try {
      await within(clock, ANSWER_MS, this.#stop.signal, write)
      return true
    } catch (error) {
      const silent = clock.monotonic() - this.#provenAt
      const given = !this.#stop.signal.aborted && silent >= GIVE_UP_MS
      if (given) this.#lose({ kind: 'silent', seconds: Math.round(silent / 1000), cause: error })
      return false
    }
  }

  readonly #renewal = (lease: Lease): Lease => renewed(lease, this.#request.clock.now())

  async #inTurn(action: () => Promise<void>): Promise<void> {
    const turn = this.#queue.then(action)
    this.#queue = turn.catch(() => undefined)
    await turn
  }

  /** Writes with the known resourceVersion. A conflict is a loss, unless the tenure is still ours (an edit, a lost answer). */
  async #write(change: (lease: Lease) => Lease, signal: AbortSignal): Promise<void> {
    const { cluster, clock, project, namespace } = this.#request
    for (let conflicts = 0; conflicts < CONFLICTS; conflicts++) {
      signal.throwIfAborted()
      const [sentAt, sentAtWall] = [clock.monotonic(), clock.now()]
      const stored: Lease | undefined = await cluster.replace(change(this.#lease), signal)
      if (stored !== undefined) {
        this.#lease = stored
        this.#provenAt = sentAt
        this.#provenAtWall = sentAtWall
        return
      }
      const live: Lease | undefined = await cluster.get(leaseRef({ project, namespace }), signal)
      const isOurs = live !== undefined && sameTenure(live, this.#lease)
      // The answer to the release got lost, or somebody was quicker: it is not held by this run in any case.
      if (!isOurs && this.#released !== undefined) return
      if (!isOurs) throw this.#lose(reasonFor(live))
      this.#lease = live
    }
    throw new Error('the Lease keeps changing under this run')
  }

  #lose(reason: LossReason): ForgeError {
    const { project, namespace, clock } = this.#request
    const error = lockLost(reason, { project, namespace }, clock.now())
    this.#stop.abort()
    this.#lost.abort(error)
    return error
  }
}

function reasonFor(live: Lease | undefined): LossReason {
  if (live === undefined) return { kind: 'deleted' }
  const by = holderOf(live)
  return by === undefined ? { kind: 'released' } : { kind: 'taken', by }
}
