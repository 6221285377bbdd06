import { failureKey, isOver, mostTelling, waitsText } from '../../domain/gitops/judge.ts'
import type { Standing } from '../../domain/gitops/standing.ts'
import { keyOf, type ObjectRef } from '../../domain/kube.ts'
import { operatorOf } from '../../domain/operators/known.ts'
import type { ForgeError } from '../../errors.ts'
import { lackOf, workloadsEverywhere } from '../observe/actors.ts'
import { kindsOf, leadsOn, readChain, type Chain } from './chain.ts'
import { failed, heldUp, noOperator, notOurs, overtaken, timedOut } from './errors.ts'
import { Judging } from './judging.ts'
import type { Following } from './ports.ts'

export interface AppliedChain {
  readonly chain: Chain
  readonly standings: readonly Standing[]
}

interface Looked {
  readonly standings: readonly Standing[]
  readonly error?: ForgeError
}

/** Why a watch ends that found no end itself. */
const AGAIN = 'again'

/**
 * Until all that apply these have applied exactly the wanted revision, by a watch; whatever it ends with is read once more, as
 * watches of different kinds come in any order. Throws E_FOLLOW_FAILED, E_FOLLOW_SUSPENDED, E_FOLLOW_SUPERSEDED,
 * E_FOLLOW_TIMEOUT, E_NO_OPERATOR.
 */
export async function untilApplied(
  owners: readonly ObjectRef[],
  following: Following,
  tell: (text: string) => void,
): Promise<AppliedChain> {
  const waiting = new Waiting(following, tell)
  for (;;) {
    const chain = await readChain(owners, following.scope.connected.cluster, following.ports.signal)
    following.seen.chain = chain
    waiting.requireOurs(chain)
    const found = await waiting.look(chain)
    if (found?.error !== undefined) throw found.error
    if (found !== undefined) return { chain, standings: found.standings }
    await waiting.forActors(chain)
    await waiting.watch(chain)
  }
}

class Waiting {
  readonly #following: Following
  readonly #judging: Judging
  readonly #tell: (text: string) => void
  /** When a failure was seen first, by the key of who told it. */
  readonly #failures = new Map<string, number>()
  #standings: readonly Standing[] = []
  #actorsKnown = false
  #told = ''

  constructor(following: Following, tell: (text: string) => void) {
    this.#following = following
    this.#judging = new Judging(following)
    this.#tell = tell
  }

  requireOurs(chain: Chain): void {
    const hasApplication = [...chain.refs.values()].some(({ kind }) => kind === 'Application')
    if (!hasApplication && this.#judging.sources(chain).length === 0) throw notOurs(chain, this.#following)
  }

  /** Where nothing is to be waited for any more; `error`: not all is applied. */
  async look(chain: Chain): Promise<Looked | undefined> {
    const { ports } = this.#following
    const standings = (this.#standings = await this.#judging.standings(chain))
    const now = ports.clock.monotonic()
    for (const one of standings)
      if (one.state === 'failing' && !this.#failures.has(failureKey(one))) this.#failures.set(failureKey(one), now)
    if (standings.every(({ state }) => state === 'applied')) return { standings }
    const first = mostTelling(standings, (one) => this.#lasted(one, now))
    const error = await this.#errorOf(first, now, chain)
    if (error !== undefined) return { standings, error }
    this.#say(waitsText(standings))
    return undefined
  }

  async #errorOf(first: Standing | undefined, now: number, chain: Chain): Promise<ForgeError | undefined> {
    const following = this.#following
    const isLate = now >= following.until
    if (first?.state === 'failing' && (isLate || isOver(first, this.#lasted(first, now))))
      return failed(first, this.#standings, following)
    if (first?.state === 'held') return heldUp(first, following)
    if (first?.state === 'superseded') return overtaken(first, following)
    return isLate ? await timedOut(this.#standings, chain, following) : undefined
  }

  /** Once: that nobody acts on what is waited for needs no waiting. */
  async forActors({ objects }: Chain): Promise<void> {
    if (this.#actorsKnown) return
    this.#actorsKnown = true
    const { scope, ports } = this.#following
    const everywhere = await workloadsEverywhere(scope.connected.cluster, ports.signal)
    const open = this.#standings.filter(({ state }) => state !== 'applied')
    for (const { on } of open) {
      const object = objects.get(keyOf(on))
      const operator = object === undefined ? undefined : operatorOf(object)
      const lack = operator === undefined ? undefined : lackOf(operator, everywhere, [])
      if (lack?.state === 'absent') throw noOperator(on, lack.text, this.#following)
    }
  }

  /** Until something may be said: all seems to be applied, another object counts too, or time alone changes a verdict. */
  async watch(chain: Chain): Promise<void> {
    const { scope, ports } = this.#following
    const { cluster } = scope.connected
    const over = new AbortController()
    const signal = AbortSignal.any([ports.signal, over.signal])
    const resources = await cluster.resources(ports.signal)
    const alarm = new Alarm(this.#following, over)
    try {
      alarm.at(this.#nextLook())
      for await (const { events, initial } of cluster.watch(kindsOf(chain), scope.namespace, signal)) {
        if (initial) chain.objects.clear()
        for (const { type, object } of events) {
          if (type === 'set') chain.objects.set(keyOf(object), object)
          else chain.objects.delete(keyOf(object))
        }
        if (leadsOn(chain, resources) || (await this.look(chain)) !== undefined) return
        alarm.at(this.#nextLook())
      }
    } finally {
      over.abort(AGAIN)
    }
    ports.signal.throwIfAborted()
  }

  #lasted(one: Standing, now: number): number {
    return now - (this.#failures.get(failureKey(one)) ?? now)
  }

  #nextLook(): number {
    const due = this.#standings.flatMap((one) =>
      one.state === 'failing' ? [(this.#failures.get(failureKey(one)) ?? 0) + one.lastsMs] : [],
    )
    return Math.min(this.#following.until, ...due)
  }

  #say(text: string): void {
    if (text !== this.#told) this.#tell((this.#told = text))
  }
}

/** The one timer: ends the watch when time alone changes something. */
class Alarm {
  readonly #following: Following
  readonly #over: AbortController
  #due = Number.POSITIVE_INFINITY
  #timer = new AbortController()

  constructor(following: Following, over: AbortController) {
    this.#following = following
    this.#over = over
  }

  at(due: number): void {
    if (due >= this.#due) return
    this.#timer.abort()
    this.#timer = new AbortController()
    this.#due = due
    const { clock } = this.#following.ports
    const signal = AbortSignal.any([this.#timer.signal, this.#over.signal])
    clock.after(Math.max(due - clock.monotonic(), 0), signal).then(
      () => this.#over.abort(AGAIN),
      () => undefined,
    )
  }
}

/**
 * While what was applied is proven: throws E_FOLLOW_SUPERSEDED when another revision comes. Ends with the signal.
 */
export async function whileApplied({ chain }: AppliedChain, following: Following, signal: AbortSignal): Promise<void> {
  const { cluster } = following.scope.connected
  const judging = new Judging(following)
  for await (const { events } of cluster.watch(kindsOf(chain), following.scope.namespace, signal)) {
    for (const { type, object } of events) if (type === 'set') chain.objects.set(keyOf(object), object)
    requireStill(await judging.standings(chain), following)
  }
}

/** The same, read once. */
export async function requireApplied(owners: readonly ObjectRef[], following: Following): Promise<AppliedChain> {
  const chain = await readChain(owners, following.scope.connected.cluster, following.ports.signal)
  following.seen.chain = chain
  const standings = await new Judging(following).standings(chain)
  requireStill(standings, following)
  return { chain, standings }
}

function requireStill(standings: readonly Standing[], following: Following): void {
  const past = standings.find(({ state }) => state === 'superseded')
  if (past?.state === 'superseded') throw overtaken(past, following)
}
