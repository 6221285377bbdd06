import type { KubeObject } from '../../domain/kube.ts'
import { isOperator, operatorOf, type Operator } from '../../domain/operators/known.ts'
import { lackingActor, uncheckedActor, type OperatorLack } from '../../domain/operators/lack.ts'
import { saysNothing } from '../../domain/readiness/foreign-status.ts'
import { ROLLED_OUT, workloadIs } from '../../domain/workload-kinds.ts'
import type { Clock, ClusterReader } from '../../ports.ts'
import { unlessItFails } from '../../expected.ts'
import { unlessForbidden } from '../unless-forbidden.ts'

type Reader = Pick<ClusterReader, 'list'>

/** What the workloads of the whole cluster are; undefined: one may not look. */
export async function workloadsEverywhere(
  cluster: Reader,
  signal: AbortSignal,
): Promise<readonly KubeObject[] | undefined> {
  const lists = ROLLED_OUT.map(async (kind) => await cluster.list(kind, {}, signal))
  return (await unlessForbidden(Promise.all(lists)))?.flat()
}

const REFUSED = 'you may not list workloads in all namespaces'

export function lackOf(
  operator: Operator,
  everywhere: readonly KubeObject[] | undefined,
  rendered: readonly KubeObject[],
): OperatorLack | undefined {
  // What this project itself brings is on its way.
  if (rendered.some((object) => workloadIs(object.kind, 'isRolledOut') && isOperator(object, operator)))
    return undefined
  return everywhere === undefined ? uncheckedActor(operator, REFUSED) : lackingActor(operator, everywhere)
}

/** What was seen is this old at most when it is asked for again. */
const FRESH_MS = 10_000

interface ActorsPorts {
  readonly cluster: Reader
  readonly clock: Pick<Clock, 'monotonic'>
  /** Something else is known than before. */
  readonly onSeen?: () => void
}

/**
 * Who acts on resources, looked up only once something is asked for that has an operator which forge knows, and then in the
 * background: `of` answers by what is known so far.
 */
export class Actors {
  readonly #ports: ActorsPorts
  readonly #rendered: readonly KubeObject[]
  readonly #signal: AbortSignal
  #seen: { readonly workloads: readonly KubeObject[] | undefined } | undefined
  #looking: Promise<void> | undefined
  #seenAt = Number.NEGATIVE_INFINITY

  constructor(ports: ActorsPorts, rendered: readonly KubeObject[], signal: AbortSignal) {
    this.#ports = ports
    this.#rendered = rendered
    this.#signal = signal
  }

  readonly of = (object: KubeObject, since = Number.NEGATIVE_INFINITY): OperatorLack | undefined => {
    const operator = operatorOf(object)
    if (operator === undefined) return undefined
    const isOld = this.#seenAt < since
    if (isOld || this.#ports.clock.monotonic() - this.#seenAt >= FRESH_MS) void this.#look()
    if (this.#seen === undefined) return undefined
    const lack = lackOf(operator, this.#seen.workloads, this.#rendered)
    return lack === undefined || !isOld ? lack : { ...lack, isOld }
  }

  /** For who looks once: resolves when `of` knows, where one of these has no status at all. */
  async known(objects: readonly KubeObject[]): Promise<void> {
    if (objects.some((object) => operatorOf(object) !== undefined && saysNothing(object))) await this.#look()
  }

  #look(): Promise<void> {
    // It only explains: a cluster that does not answer ends the watch itself.
    this.#looking ??= unlessItFails(this.#ask(), () => undefined).finally(() => {
      this.#looking = undefined
    })
    return this.#looking
  }

  async #ask(): Promise<void> {
    const { cluster, clock, onSeen } = this.#ports
    const at = clock.monotonic()
    const workloads = await workloadsEverywhere(cluster, this.#signal)
    this.#seen = { workloads }
    this.#seenAt = at
    onSeen?.()
  }
}
