import { keyOf, type KindRef, type KubeObject, type ObjectRef } from '../../src/domain/kube.ts'
import type {
  ClusterReader,
  ClusterWatcher,
  ClusterWriter,
  ListOptions,
  WatchBatch,
  WatchEvent,
} from '../../src/ports.ts'

type Watched = KindRef & { readonly fieldSelector?: string }

/**
 * An API server in memory, behind the ports: resource versions, uids, conflicts and watches behave as the real one's.
 * `requests` tells what was asked; `refuse` makes the next calls of a verb fail; a stuck watch delivers nothing.
 */
export class FakeApi
  implements
    Pick<ClusterReader, 'get' | 'list'>,
    Pick<ClusterWriter, 'create' | 'replace' | 'delete' | 'apply'>,
    ClusterWatcher
{
  readonly requests: string[] = []
  readonly #objects = new Map<string, KubeObject>()
  readonly #watchers = new Set<(event: WatchEvent) => void>()
  readonly #refusals: { verb: string; error: Error; after: boolean }[] = []
  #version = 100
  watchesStuck = false
  readonly #outages = new Set<(blind: boolean) => void>()

  /** The next request of this verb fails: before anything is done, or `after` it was done (its answer gets lost). */
  refuse(verb: string, error: Error, { after = false } = {}): void {
    this.#refusals.push({ verb, error, after })
  }

  async get(ref: ObjectRef, signal: AbortSignal): Promise<KubeObject | undefined> {
    return await this.#answer('get', ref.name, signal, () => this.#objects.get(keyOf(ref)))
  }

  async list(
    kind: KindRef,
    { namespace, labelSelector = '' }: ListOptions,
    signal: AbortSignal,
  ): Promise<readonly KubeObject[]> {
    return await this.#answer('list', kind.kind, signal, () =>
      [...this.#objects.values()].filter(
        (object) =>
          object.kind === kind.kind && object.metadata.namespace === namespace && matches(object, labelSelector),
      ),
    )
  }

  async create(object: KubeObject, signal: AbortSignal): Promise<KubeObject | undefined> {
    return await this.#answer('create', object.metadata.name, signal, () => {
      if (this.#objects.has(keyOf(object))) return undefined
      return this.#store({ ...object, metadata: { ...object.metadata, uid: `uid-${++this.#version}` } })
    })
  }

  async replace(object: KubeObject, signal: AbortSignal): Promise<KubeObject | undefined> {
    return await this.#answer('replace', object.metadata.name, signal, () => {
      const live = this.#objects.get(keyOf(object))
      return live?.metadata.resourceVersion === object.metadata.resourceVersion ? this.#store(object) : undefined
    })
  }

  async apply(object: KubeObject, signal: AbortSignal): Promise<KubeObject> {
    return await this.#answer('apply', object.metadata.name, signal, () => this.#store(object))
  }

  async delete(ref: ObjectRef, _options: object, signal: AbortSignal): Promise<boolean> {
    return await this.#answer('delete', ref.name, signal, () => this.remove(ref))
  }

  async *watch(kinds: readonly Watched[], namespace: string, signal: AbortSignal): AsyncGenerator<WatchBatch> {
    this.requests.push(`watch ${kinds.map(({ kind }) => kind).join(',')}`)
    const queue: WatchBatch[] = []
    let wake = (): void => undefined
    const wanted = (object: KubeObject): boolean =>
      object.metadata.namespace === namespace &&
      kinds.some(
        ({ kind, fieldSelector }) =>
          kind === object.kind &&
          (fieldSelector === undefined || fieldSelector === `metadata.name=${object.metadata.name}`),
      )
    const push = (event: WatchEvent): void => {
      if (this.watchesStuck || !wanted(event.object)) return
      queue.push({ initial: false, events: [event] })
      wake()
    }
    const outage = (blind: boolean): void => {
      queue.push({ initial: false, events: [], blind })
      wake()
    }
    this.#outages.add(outage)
    this.#watchers.add(push)
    queue.push({
      initial: true,
      events: [...this.#objects.values()].filter(wanted).map((object) => ({ type: 'set', object })),
    })
    signal.addEventListener('abort', () => wake())
    try {
      while (!signal.aborted) {
        const batch = queue.shift()
        if (batch === undefined) await new Promise<void>((resolve) => (wake = resolve))
        else yield batch
      }
    } finally {
      this.#watchers.delete(push)
      this.#outages.delete(outage)
    }
  }

  /** The watches lose the API server, or have it again. */
  blind(isBlind: boolean): void {
    for (const tell of this.#outages) tell(isBlind)
  }

  /** What somebody else does, without a request of ours. */
  put(object: KubeObject): KubeObject {
    const uid = this.#objects.get(keyOf(object))?.metadata.uid ?? object.metadata.uid ?? `uid-${++this.#version}`
    return this.#store({ ...object, metadata: { ...object.metadata, uid } })
  }

  remove(ref: ObjectRef): boolean {
    const object = this.#objects.get(keyOf(ref))
    if (object === undefined) return false
    this.#objects.delete(keyOf(ref))
    for (const watcher of this.#watchers) watcher({ type: 'gone', object })
    return true
  }

  see(ref: ObjectRef): KubeObject | undefined {
    return this.#objects.get(keyOf(ref))
  }

  get names(): string[] {
    return [...this.#objects.values()].map(({ metadata }) => metadata.name).sort()
  }

  get watchers(): number {
    return this.#watchers.size
  }

  #store(object: KubeObject): KubeObject {
    const stored = { ...object, metadata: { ...object.metadata, resourceVersion: String(++this.#version) } }
    this.#objects.set(keyOf(stored), stored)
    for (const watcher of this.#watchers) watcher({ type: 'set', object: stored })
    return stored
  }

  async #answer<T>(verb: string, name: string, signal: AbortSignal, action: () => T): Promise<T> {
    this.requests.push(`${verb} ${name}`)
    await Promise.resolve()
    signal.throwIfAborted()
    const at = this.#refusals.findIndex((one) => one.verb === verb)
    const [refusal] = at < 0 ? [] : this.#refusals.splice(at, 1)
    if (refusal !== undefined && !refusal.after) throw refusal.error
    const result = action()
    if (refusal !== undefined) throw refusal.error
    return result
  }
}

/** `a=b` and `a` (it exists), joined by commas. */
function matches({ metadata: { labels = {} } }: KubeObject, selector: string): boolean {
  return selector.split(',').every((term) => {
    const [name = '', value] = term.split('=')
    return name === '' || (value === undefined ? Object.hasOwn(labels, name) : labels[name] === value)
  })
}
