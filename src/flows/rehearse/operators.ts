import { keyOf, kindKey, type KindRef, type KubeObject } from '../../domain/kube.ts'
import { operatorOf } from '../../domain/operators/known.ts'
import { valueAt } from '../../domain/plan/field-path.ts'
import { isTrue } from '../../domain/readiness/conditions.ts'
import { statusOf } from '../../domain/readiness/shapes.ts'
import type { ObjectEvent, WatchedKind } from '../../domain/readiness/model.ts'
import { saysNothing } from '../../domain/readiness/foreign-status.ts'
import { secretOf, type Given } from '../../domain/rehearsal/awaited.ts'
import { isCustom } from '../../domain/rehearsal/kinds.ts'
import { isIdle } from '../../domain/rehearsal/operators.ts'
import { keepsStatus } from '../../domain/rehearsal/definitions.ts'
import { statusesFor } from '../../domain/rehearsal/statuses.ts'
import { ForgeError } from '../../errors.ts'
import type { DeployPorts } from '../phases/ports.ts'
import type { MadeSandbox } from './ports.ts'
import type { Tonight } from './rehearse.ts'

type Cluster = MadeSandbox['cluster']
type Ports = Pick<DeployPorts, 'clock' | 'signal'>

/** Resolves once it has stopped. Throws what ended it before. */
export type Stop = () => Promise<void>

/**
 * Stands for who acts in the environment, while something is deployed in its copy: says of custom resources what their operators
 * would, and makes the Secrets that something else makes. Resolves once what is there already has been seen.
 */
export async function actAsOperators(tonight: Tonight, cluster: Cluster, { clock, signal }: Ports): Promise<Stop> {
  const kinds = kindsOf(tonight)
  // One that a chart makes has them from there (inside.ts).
  const given = tonight.captured.given.filter(({ isRendered }) => !isRendered)
  if (kinds.length === 0 && given.length === 0) return () => Promise.resolve()
  const ended = new AbortController()
  const both = AbortSignal.any([signal, ended.signal])
  const acting = new Acting({ tonight, given, cluster, now: () => new Date(clock.now()).toISOString() }, both)
  const running = acting.run(kinds)
  // It is told when it is stopped: until then a deploy goes on without.
  running.catch(() => undefined)
  await Promise.race([acting.begun, running])
  return async () => {
    ended.abort()
    await running
  }
}

/** Those that the environment has or will have, and whose operator runs there. */
function kindsOf({ planned, captured, copies }: Tonight): WatchedKind[] {
  const customs = [...copies.objects, ...captured.rendered].filter(isCustom)
  const namespaced = new Map(captured.resources.map((one) => [kindKey(one), one.namespaced]))
  const places = planned.facts.namespaces.map(({ name }) => name)
  const kinds = [
    ...new Map(customs.map(({ apiVersion, kind }) => [`${apiVersion} ${kind}`, { apiVersion, kind }])).values(),
  ]
  return kinds
    .filter((kind) => !isIdle(captured.actors, kind))
    .flatMap((kind) =>
      namespaced.get(kindKey(kind)) === false
        ? [{ ...kind, optional: true }]
        : places.map((namespace) => ({ ...kind, namespace, optional: true })),
    )
}

const DEFINITIONS: KindRef = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' }
const NAMESPACES: KindRef = { apiVersion: 'v1', kind: 'Namespace' }

interface Parts {
  readonly tonight: Tonight
  readonly given: readonly Given[]
  readonly cluster: Cluster
  readonly now: () => string
}

class Acting {
  readonly begun: Promise<undefined>
  readonly #begun = Promise.withResolvers<undefined>()
  readonly #parts: Parts
  readonly #signal: AbortSignal
  readonly #live: ReadonlyMap<string, KubeObject>
  readonly #definitions: readonly KubeObject[]
  /** Generations of which something was said, by uid. */
  readonly #seen = new Map<string, number>()
  readonly #served = new Set<string>()
  #isFirst = true

  constructor(parts: Parts, signal: AbortSignal) {
    const { copies, captured } = parts.tonight
    this.#parts = parts
    this.#signal = signal
    this.#live = new Map(copies.objects.map((object) => [keyOf(object), object]))
    this.#definitions = [...captured.definitions, ...captured.rendered.filter(({ kind }) => kind === DEFINITIONS.kind)]
    this.begun = this.#begun.promise
  }

  /** Until the signal aborts. Definitions may come while something is deployed: then what they define is watched, too. */
  async run(kinds: readonly WatchedKind[]): Promise<void> {
    while (!this.#signal.aborted) await this.#watch(kinds)
  }

  async #watch(kinds: readonly WatchedKind[]): Promise<void> {
    const { cluster } = this.#parts
    const all = [...kinds, ...(kinds.length === 0 ? [] : [DEFINITIONS]), NAMESPACES]
    try {
      for await (const { initial, events } of cluster.watch(all, '', this.#signal)) {
        const isAnew = this.#learns(events, kinds)
        for (const event of events) if (event.type === 'set') await this.#act(event.object)
        if (initial) this.#isFirst = false
        this.#begun.resolve(undefined)
        if (isAnew && !initial) return
      }
    } catch (error) {
      if (!this.#signal.aborted) throw error
    }
  }

  /** Whether one of the kinds is served that was not. */
  #learns(events: readonly ObjectEvent[], kinds: readonly WatchedKind[]): boolean {
    const groups = new Set(kinds.map(({ apiVersion, kind }) => `${kind}.${apiVersion.split('/')[0] ?? ''}`))
    const before = this.#served.size
    for (const { type, object } of events) {
      const served = `${String(valueAt(object, 'spec.names.kind'))}.${String(valueAt(object, 'spec.group'))}`
      if (type === 'set' && object.kind === DEFINITIONS.kind && groups.has(served) && isEstablished(object))
        this.#served.add(served)
    }
    return this.#served.size > before
  }

  async #act(object: KubeObject): Promise<void> {
    if (object.kind === NAMESPACES.kind) await this.#give(object.metadata.name)
    else if (object.kind !== DEFINITIONS.kind) await this.#speak(object)
  }

  async #give(namespace: string): Promise<void> {
    const { given, cluster } = this.#parts
    const own = given.filter((one) => one.namespace === namespace)
    for (const one of own) await this.#unlessRefused(cluster.create(secretOf(one), this.#signal))
  }

  async #speak(object: KubeObject): Promise<void> {
    const { uid = '', generation = 1, deletionTimestamp } = object.metadata
    if (deletionTimestamp !== undefined || this.#seen.get(uid) === generation) return
    // What was copied says what it says there.
    if (this.#isFirst || (await this.#say(object))) this.#seen.set(uid, generation)
  }

  /** False: it has moved on meanwhile, and is told again. */
  async #say(object: KubeObject): Promise<boolean> {
    const live = this.#live.get(keyOf(object))
    const isBeside = keepsStatus(object, this.#definitions)
    // Without a subresource a status is a field like others: it stays, and each word of it is a new generation.
    if (!isBeside && (!saysNothing(object) || operatorOf(object) === undefined)) return true
    let { resourceVersion } = object.metadata
    for (const said of statusesFor(object, live, this.#parts.now())) {
      const { cluster } = this.#parts
      const at = {
        ...said,
        metadata: { ...said.metadata, ...(resourceVersion === undefined ? {} : { resourceVersion }) },
      }
      const write = isBeside ? cluster.replace(at, this.#signal, 'status') : cluster.replace(at, this.#signal)
      const written = await this.#unlessRefused(write)
      if (written === undefined) return false
      if (written !== 'refused') resourceVersion = written.metadata.resourceVersion
    }
    return true
  }

  /** Its definition may not take what it takes elsewhere: then the judge waits for it as for any that is silent. */
  async #unlessRefused<T>(write: Promise<T>): Promise<T | 'refused'> {
    return await write.catch((error: unknown) => {
      if (!(error instanceof ForgeError) || error.code === 'E_CLUSTER_UNREACHABLE') throw error
      return 'refused' as const
    })
  }
}

function isEstablished(definition: KubeObject): boolean {
  return isTrue(statusOf(definition).conditions, 'Established')
}
