import { isDeepStrictEqual } from 'node:util'
import { keyOf, type KubeObject, type ObjectMeta, type ObjectRef } from '../../../src/domain/kube.ts'
import type { WatchEvent } from '../../../src/ports.ts'
import { merged } from './merge.ts'

type Fields = Readonly<Record<string, unknown>>

/** The objects of an API server: uids, resourceVersions, generations, owners, and who stated what. Knows of no client. */
export class ObjectStore {
  readonly #objects = new Map<string, KubeObject>()
  /** By object and manager: what that one stated last. */
  readonly #stated = new Map<string, Map<string, KubeObject>>()
  readonly #listeners = new Set<(event: WatchEvent) => void>()
  readonly #events: WatchEvent[] = []
  #isTelling = false
  #version = 100

  /** The same objects, to go on with in another way. */
  copyTo(other: ObjectStore): void {
    for (const [key, object] of this.#objects) other.#objects.set(key, object)
    for (const [key, stated] of this.#stated) other.#stated.set(key, new Map(stated))
    other.#version = this.#version
  }

  listen(listener: (event: WatchEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  all(): readonly KubeObject[] {
    return [...this.#objects.values()]
  }

  get(ref: ObjectRef | KubeObject): KubeObject | undefined {
    return this.#objects.get(keyOf(ref))
  }

  /** As it is given, whatever there is. An object that says the same already is not written. */
  put(object: KubeObject): KubeObject {
    const live = this.get(object)
    const next = this.#numbered(object, live)
    if (live !== undefined && isDeepStrictEqual(next, live)) return live
    const { metadata } = next
    const stored = { ...next, metadata: { ...metadata, resourceVersion: String(++this.#version) } }
    this.#objects.set(keyOf(stored), stored)
    this.#tell({ type: 'set', object: stored })
    return stored
  }

  /** As a manager states it; what others stated stays. */
  apply(object: KubeObject, manager: string): KubeObject {
    const stored = this.put(this.applied(object, manager))
    const stated = this.#stated.get(keyOf(object)) ?? new Map<string, KubeObject>()
    this.#stated.set(keyOf(object), stated.set(manager, object))
    return stored
  }

  /** As if the manager had stated it, unless it has stated something. */
  know(object: KubeObject, manager: string): void {
    const stated = this.#stated.get(keyOf(object)) ?? new Map<string, KubeObject>()
    if (!stated.has(manager)) this.#stated.set(keyOf(object), stated.set(manager, object))
  }

  /** What `apply` would store, but for its version. */
  applied(object: KubeObject, manager: string): KubeObject {
    const live = this.get(object)
    if (live === undefined) return object
    const previous = this.#stated.get(keyOf(object))?.get(manager)
    return merged({ ...object }, { ...previous }, { ...live }) as unknown as KubeObject
  }

  remove(ref: ObjectRef | KubeObject): boolean {
    const object = this.get(ref)
    if (object === undefined) return false
    this.#objects.delete(keyOf(object))
    this.#stated.delete(keyOf(object))
    this.#tell({ type: 'gone', object })
    for (const one of this.ownedBy(object)) this.remove(one)
    return true
  }

  ownedBy({ metadata: { uid } }: KubeObject): readonly KubeObject[] {
    return this.all().filter((one) => one.metadata.ownerReferences?.some((owner) => owner.uid === uid) === true)
  }

  #numbered(object: KubeObject, live: KubeObject | undefined): KubeObject {
    const { generation: _generation, resourceVersion: _version, ...metadata } = object.metadata
    const changed = live === undefined || !isDeepStrictEqual(intended(object), intended(live))
    const system: Partial<ObjectMeta> = {
      uid: live?.metadata.uid ?? `uid-${++this.#version}`,
      generation: (live?.metadata.generation ?? 0) + (changed ? 1 : 0),
      resourceVersion: live?.metadata.resourceVersion ?? '',
    }
    return { ...object, metadata: { ...metadata, ...system } }
  }

  /** Each hears of everything in the order in which it happened, also of what one of them does when it hears. */
  #tell(event: WatchEvent): void {
    this.#events.push(event)
    if (this.#isTelling) return
    this.#isTelling = true
    for (let next = this.#events.shift(); next !== undefined; next = this.#events.shift())
      for (const listener of this.#listeners) listener(next)
    this.#isTelling = false
  }
}

/** What counts for the generation. */
function intended({
  metadata: _metadata,
  status: _status,
  ...rest
}: KubeObject & { readonly status?: unknown }): Fields {
  return rest
}
