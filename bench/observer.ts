import { EventEmitter, once } from 'node:events'
import { KubeConfig, Watch } from '@kubernetes/client-node'

interface Pod {
  readonly metadata: { readonly name: string }
  readonly status?: {
    readonly conditions?: readonly { readonly type: string; readonly status: string }[]
    readonly containerStatuses?: readonly { readonly state?: { readonly waiting?: { readonly reason?: string } } }[]
  }
}

/** One watch of its own: what it sees, the tools that are measured can have seen at the same moment. */
export class Observer {
  readonly #watch: Watch
  readonly #path: string
  readonly #ready = new Map<string, number>()
  readonly #seen = new EventEmitter()
  #failed: number | undefined
  #connection: AbortController | undefined
  #closed = false

  constructor(kubeconfig: string, namespace: string) {
    const config = new KubeConfig()
    config.loadFromFile(kubeconfig)
    this.#watch = new Watch(config)
    this.#path = `/api/v1/namespaces/${namespace}/pods`
  }

  /** The API server drops watches that are slow to read; a new one begins with what there is. */
  async open(): Promise<void> {
    this.#connection = await this.#watch.watch(
      this.#path,
      {},
      (_type, pod: Pod) => this.#note(pod, performance.now()),
      () => {
        if (!this.#closed) void this.open()
      },
    )
  }

  /** When the first pod showed that its image cannot be pulled (performance.now() of this process). */
  get failedAt(): number | undefined {
    return this.#failed
  }

  /** When the last of `count` pods became ready for the first time. */
  readyAt(count: number): number | undefined {
    return this.#ready.size < count ? undefined : Math.max(...this.#ready.values())
  }

  /** Resolves once `count` pods have been seen ready, or after ten seconds: the tool may have been told first. */
  async caughtUp(count: number): Promise<void> {
    const limit = new AbortController()
    const timer = setTimeout(() => limit.abort(), 10_000)
    while (this.#ready.size < count && !limit.signal.aborted)
      await once(this.#seen, 'pod', { signal: limit.signal }).catch(() => undefined)
    clearTimeout(timer)
  }

  close(): void {
    this.#closed = true
    this.#connection?.abort()
  }

  #note({ metadata, status }: Pod, now: number): void {
    const waiting = status?.containerStatuses?.map(({ state }) => state?.waiting?.reason) ?? []
    if (waiting.includes('ErrImagePull')) this.#failed ??= now
    const isReady = status?.conditions?.some((one) => one.type === 'Ready' && one.status === 'True') === true
    if (isReady && !this.#ready.has(metadata.name)) this.#ready.set(metadata.name, now)
    this.#seen.emit('pod')
  }
}
