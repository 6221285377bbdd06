import { type Losses, NO_LOSSES, type Assessed } from '../phases/planned.ts'
import { groupOf, keyOf, type KubeObject, type ObjectRef, type OwnerReference } from '../../domain/kube.ts'
import { isBuiltIn } from '../../domain/prediction/three-way.ts'
import { findLosses, mayLose, volumeOf, withDisks, type LosingWork, type LossFacts } from '../../domain/plan/losses.ts'
import { ForgeError } from '../../errors.ts'

export type LossScene = Pick<Assessed, 'live'> & {
  readonly cluster: Pick<Assessed['cluster'], 'get' | 'list'>
}

/** No request where nothing goes. */
export async function readLosses(
  releases: readonly LosingWork[],
  scene: LossScene,
  signal: AbortSignal,
): Promise<Losses> {
  if (!releases.some(mayLose)) return NO_LOSSES
  const unknown = new Set<string>()
  const reading = new Reading(scene, unknown, signal)
  const going = releases
    .flatMap(({ plans }) => plans)
    .filter(({ action }) => action !== 'unchanged' && action !== 'keep')
  const [claims, instances] = await Promise.all([
    reading.claims(going.map(({ ref }) => ref)),
    reading.instances(going.filter(({ action }) => action === 'delete').map(({ ref }) => ref)),
  ])
  const owners = await reading.owners([...claims.values()].flat())
  const facts: LossFacts = { live: scene.live, claims, owners, instances }
  const found = findLosses(releases, facts)
  const volumes = await reading.volumes(found.flatMap((loss) => loss.claims))
  return { losses: withDisks(found, volumes), found, unknown: [...unknown] }
}

/** Of these definitions, by name, in all namespaces: `shop/small`. One that is missing may not be listed. */
export async function readInstances(
  definitions: readonly ObjectRef[],
  scene: LossScene,
  signal: AbortSignal,
): Promise<Map<string, readonly string[]>> {
  return await new Reading(scene, new Set(), signal).instances(definitions)
}

/** What is asked of the cluster; what may not be read is noted. */
class Reading {
  readonly #scene: LossScene
  readonly #unknown: Set<string>
  readonly #signal: AbortSignal

  constructor(scene: LossScene, unknown: Set<string>, signal: AbortSignal) {
    this.#scene = scene
    this.#unknown = unknown
    this.#signal = signal
  }

  /** Owners and claims share a namespace; an owner without one, of a kind that Kubernetes does not know, may have them anywhere. */
  async claims(refs: readonly ObjectRef[]): Promise<Map<string, readonly KubeObject[]>> {
    const namespaces = refs.flatMap((ref) => {
      if (ref.kind === 'Namespace') return [ref.name]
      return ref.namespace !== undefined ? [ref.namespace] : isBuiltIn(ref) ? [] : ['']
    })
    const kind = { apiVersion: 'v1', kind: 'PersistentVolumeClaim' }
    const lists = await Promise.all(
      [...new Set(namespaces)].map(async (namespace) => {
        const options = namespace === '' ? {} : { namespace }
        const list = await this.#ask(this.#scene.cluster.list(kind, options, this.#signal))
        return list === undefined ? [] : [[namespace, list] as const]
      }),
    )
    return new Map(lists.flat())
  }

  /** Of definitions that go, in all namespaces. */
  async instances(refs: readonly ObjectRef[]): Promise<Map<string, readonly string[]>> {
    const found = await Promise.all(
      refs
        .filter(({ kind }) => kind === 'CustomResourceDefinition')
        .flatMap((ref) => this.#scene.live.get(keyOf(ref)) ?? [])
        .map(async (definition) => {
          const kind = definedBy(definition)
          const list =
            kind === undefined
              ? undefined
              : await this.#ask(this.#scene.cluster.list(kind, { metadataOnly: true }, this.#signal))
          return list === undefined ? [] : [[definition.metadata.name, list.map(placeOf)] as const]
        }),
    )
    return new Map(found.flat())
  }

  /** All that stands above these claims, by uid: one list per kind and namespace, level by level. */
  async owners(claims: readonly KubeObject[]): Promise<Map<string, KubeObject>> {
    const known = new Map<string, KubeObject>()
    const asked = new Set<string>()
    for (let level: readonly KubeObject[] = claims; level.length > 0;) {
      const missing = level
        .flatMap(({ metadata: { namespace, ownerReferences = [] } }) =>
          ownerReferences.map((one) => ({ ...one, namespace })),
        )
        .filter(({ uid, kind }) => !known.has(uid) && kind !== 'Pod')
      const kinds = new Map(missing.map((one) => [ownerKind(one), one] as const).filter(([key]) => !asked.has(key)))
      for (const key of kinds.keys()) asked.add(key)
      const lists = await Promise.all([...kinds.values()].map(async (one) => await this.#listLike(one)))
      level = lists.flat()
      for (const object of level) known.set(object.metadata.uid ?? '', object)
    }
    return known
  }

  async volumes(claims: readonly KubeObject[]): Promise<Map<string, KubeObject>> {
    const names = [...new Set(claims.flatMap((claim) => volumeOf(claim) ?? []))]
    const found = await Promise.all(
      names.map(async (name) => {
        const ref = { apiVersion: 'v1', kind: 'PersistentVolume', name }
        return await this.#quietly(this.#scene.cluster.get(ref, this.#signal))
      }),
    )
    return new Map(found.flatMap((volume) => (volume === undefined ? [] : [[volume.metadata.name, volume] as const])))
  }

  async #listLike({ apiVersion, kind, namespace }: OwnerReference & { namespace: string | undefined }) {
    const options = { ...(namespace === undefined ? {} : { namespace }), metadataOnly: true }
    return (await this.#ask(this.#scene.cluster.list({ apiVersion, kind }, options, this.#signal))) ?? []
  }

  async #ask<T>(call: Promise<T>): Promise<T | undefined> {
    return await this.#quietly(call, (why) => void this.#unknown.add(why.message))
  }

  /** A kind that is not served any more owns nothing that is left. */
  async #quietly<T>(call: Promise<T>, note: (why: ForgeError) => void = () => undefined): Promise<T | undefined> {
    try {
      return await call
    } catch (error) {
      if (!(error instanceof ForgeError) || !UNREADABLE.includes(error.code)) throw error
      if (error.code === 'E_FORBIDDEN') note(error)
      return undefined
    }
  }
}

const UNREADABLE = ['E_FORBIDDEN', 'E_KIND_UNKNOWN', 'E_API_NOT_FOUND']

function ownerKind({ apiVersion, kind, namespace = '' }: OwnerReference & { namespace: string | undefined }): string {
  return `${groupOf(apiVersion)}/${kind}/${namespace}`
}

function placeOf({ metadata: { namespace, name } }: KubeObject): string {
  return namespace === undefined ? name : `${namespace}/${name}`
}

interface Definition {
  readonly group?: string
  readonly names?: { readonly kind?: string }
  readonly versions?: readonly { readonly name?: string; readonly served?: boolean }[]
}

function definedBy({ spec }: KubeObject): { apiVersion: string; kind: string } | undefined {
  const { group, names, versions = [] } = (spec ?? {}) as Definition
  const version = versions.find(({ served }) => served === true)?.name
  return group === undefined || names?.kind === undefined || version === undefined
    ? undefined
    : { apiVersion: `${group}/${version}`, kind: names.kind }
}
