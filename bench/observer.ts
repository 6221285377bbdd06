import { EventEmitter, once } from 'node:events'
import { KubeConfig, Watch } from '@kubernetes/client-node'

interface Pod {
  readonly metadata: { readonly name: string }
  readonly status?: {
    readonly conditions?: readonly { readonly type: string; readonly status: string }[]
    readonly containerStatuses?: readonly { readonly state?: { readonly waiting?: { readonly reason?: string } } }[]
  }
}

/** What the cluster shows of a namespace's pods, and when (performance.now() of this process). */
export interface Observed {
  /** When the first pod showed that its image cannot be pulled. */
  readonly failedAt: () => number | undefined
  /** When the last of `count` pods became ready for the first time. */
  readonly readyAt: (count: number) => number | undefined
  /** Resolves once `count` pods have been seen ready, or after ten seconds: the tool may have been told first. */
  readonly caughtUp: (count: number) => Promise<void>
  close(): void
}

/** One watch of its own: what it sees, the tools that are measured can have seen at the same moment. */
export async function observe(kubeconfig: string, namespace: string): Promise<Observed> {
  const config = new KubeConfig()
  config.loadFromFile(kubeconfig)
  const ready = new Map<string, number>()
  let failed: number | undefined
  const seen = new EventEmitter()
  const controller = await new Watch(config).watch(
    `/api/v1/namespaces/${namespace}/pods`,
    {},
    (_type, pod: Pod) => {
      const now = performance.now()
      const waiting = pod.status?.containerStatuses?.map(({ state }) => state?.waiting?.reason) ?? []
      if (waiting.includes('ErrImagePull')) failed ??= now
      const isReady = pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true
      if (isReady && !ready.has(pod.metadata.name)) ready.set(pod.metadata.name, now)
      seen.emit('pod')
    },
    () => undefined,
  )
  return {
    failedAt: () => failed,
    readyAt: (count) => (ready.size < count ? undefined : Math.max(...ready.values())),
    caughtUp: async (count) => {
      const limit = AbortSignal.timeout(10_000)
      while (ready.size < count && !limit.aborted) await once(seen, 'pod', { signal: limit }).catch(() => undefined)
    },
    close: () => controller.abort(),
  }
}
