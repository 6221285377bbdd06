import type { WatchedKind } from '../../domain/readiness/model.ts'
import { ForgeError } from '../../errors.ts'
import type { ClusterWatcher, WatchBatch } from '../../ports.ts'
import { Batches } from './batches.ts'
import type { Discovery } from './discovery.ts'
import type { Transport } from './transport.ts'
import { KindFollower } from './watch-kind.ts'

export interface WatchTuning {
  /** The server ends a watch after this; the next one goes on where it stopped. One request per kind and period. */
  readonly timeoutSeconds: number
  /**
   * A watch that says nothing for so long is dead. The API server sends a bookmark about every minute (cacher.go,
   * defaultBookmarkFrequency), except for Events, which it serves without a cache.
   */
  readonly silenceMs: number
  /** Without any answer for so long, the watch gives up with E_CLUSTER_UNREACHABLE. */
  readonly outageMs: number
}

export const WATCH_TUNING: WatchTuning = { timeoutSeconds: 290, silenceMs: 90_000, outageMs: 30_000 }

/** A user who may not see a kind, or a cluster without it, costs an explanation, not the deploy. */
const TOLERATED = new Set(['E_FORBIDDEN', 'E_KIND_UNKNOWN', 'E_API_NOT_FOUND'])

export class Watcher implements ClusterWatcher {
  private readonly transport: Transport
  private readonly discovery: Discovery
  private readonly tuning: WatchTuning

  constructor(transport: Transport, discovery: Discovery, tuning: Partial<WatchTuning> = {}) {
    this.transport = transport
    this.discovery = discovery
    this.tuning = { ...WATCH_TUNING, ...tuning }
  }

  async *watch(kinds: readonly WatchedKind[], namespace: string, signal: AbortSignal): AsyncIterable<WatchBatch> {
    if (signal.aborted) return
    const ended = new AbortController()
    const both = AbortSignal.any([signal, ended.signal])
    const batches = new Batches(kinds.length)
    const { transport, discovery, tuning } = this
    const silences = new Set<() => void>()
    for (const kind of kinds) {
      const follower = new KindFollower({
        transport,
        discovery,
        tuning,
        kind,
        namespace: kind.namespace ?? namespace,
        batches,
        silences,
      })
      follower.run(both).catch((error: unknown) => {
        if (both.aborted) return
        if (kind.optional === true && error instanceof ForgeError && TOLERATED.has(error.code)) follower.listed()
        else batches.fail(error)
      })
    }
    both.addEventListener('abort', () => batches.end(), { once: true })
    try {
      yield* batches
    } finally {
      ended.abort()
    }
  }
}
