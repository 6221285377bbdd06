import { keyOf, kindKey, refOf, type KindRef, type KubeObject } from '../../domain/kube.ts'
import { operatorOf } from '../../domain/operators/known.ts'
import { valueAt } from '../../domain/plan/field-path.ts'
import { isTrue } from '../../domain/readiness/conditions.ts'
import { statusOf } from '../../domain/readiness/shapes.ts'
import type { ObjectEvent, WatchedKind } from '../../domain/readiness/model.ts'
import { secretOf, type Given } from '../../domain/rehearsal/awaited.ts'
import { isCustom } from '../../domain/rehearsal/kinds.ts'
import { isIdle } from '../../domain/rehearsal/operators.ts'
import { keepsStatus } from '../../domain/rehearsal/definitions.ts'
import { isPooler, poolerPods } from '../../domain/rehearsal/poolers.ts'
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
  return (
    kinds
      // Pods that stand go on without who made them.
      .filter((kind) => isPooler(kind) || !isIdle(captured.actors, kind))
      .flatMap((kind) =>
        namespaced.get(kindKey(kind)) === false
          ? [{ ...kind, optional: true }]
          : places.map((namespace) => ({ ...kind, namespace, optional: true })),
      )
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
    const isWithout = isIdle(this.#parts.tonight.captured.actors, object)
    if (isPooler(object) && (this.#isFirst || !isWithout)) await this.#serve(object)
    // What was copied says what it says there.
    const said = this.#isFirst || isWithout ? generation : await this.#say(object)
    if (said !== undefined) this.#seen.set(uid, said)
  }

  /** Its pods, which are what is counted of it. What does not come to serve there does not here. */
  async #serve(pooler: KubeObject): Promise<void> {
    const { cluster, tonight } = this.#parts
    if (tonight.captured.outlook.stuck.has(keyOf(pooler))) return
    const pods = poolerPods(pooler)
    const there = await cluster.get(refOf(pods), this.#signal)
    const isOwn = there?.metadata.ownerReferences?.some(({ uid }) => uid === pooler.metadata.uid)
    // Its operator leaves alone what is another's, too.
    if (isOwn !== false) await this.#unlessRefused(cluster.apply(pods, this.#signal))
  }

  /** The generation of which something is said now; undefined: it has moved on meanwhile, and is told again. */
  async #say(object: KubeObject): Promise<number | undefined> {
    const live = this.#live.get(keyOf(object))
    const isBeside = keepsStatus(object, this.#definitions)
    let { resourceVersion, generation = 1 } = object.metadata
    // Without a subresource a status is a field like others, and each word of it is a new generation.
    if (!isBeside && operatorOf(object) === undefined) return generation
    for (const said of statusesFor(object, live, this.#parts.now())) {
      const { cluster } = this.#parts
      const at = {
        ...said,
        metadata: { ...said.metadata, ...(resourceVersion === undefined ? {} : { resourceVersion }) },
      }
      const write = isBeside ? cluster.replace(at, this.#signal, 'status') : cluster.replace(at, this.#signal)
      const written = await this.#unlessRefused(write)
      if (written === undefined) return undefined
      if (written !== 'refused') ({ resourceVersion, generation = 1 } = written.metadata)
    }
    return generation
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
