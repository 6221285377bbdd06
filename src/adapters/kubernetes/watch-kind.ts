import { ForgeError } from '../../errors.ts'
import type { KubeObject } from '../../domain/kube.ts'
import type { WatchedKind } from '../../domain/readiness/model.ts'
import type { WatchEvent } from '../../ports.ts'
import type { Batches } from './batches.ts'
import type { Discovery } from './discovery.ts'
import { networkCode } from './failures.ts'
import { unreachable } from './unreached.ts'
import { known, placeOf, slim, type Known } from './known.ts'
import { linesOf } from './lines.ts'
import { listAll, subjectOf } from './objects.ts'
import type { Transport } from './transport.ts'
import type { WatchTuning } from './watch.ts'

export interface FollowerParts {
  readonly transport: Transport
  readonly discovery: Discovery
  readonly tuning: WatchTuning
  readonly kind: WatchedKind
  readonly namespace: string
  readonly batches: Batches
  /** Shared by all kinds of a watch: one dead connection makes all of them suspicious. */
  readonly silences: Set<() => void>
}

interface Frame {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR'
  readonly object: KubeObject & { readonly code?: number; readonly message?: string }
}

/** A watch that lasted so long was worth asking for. */
const FRUITFUL_MS = 1_000

const HEADERS_MS = 10_000

type End = 'over' | 'expired'

/**
 * One kind: list, then watch from the list's resourceVersion, again and again
 * (https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes).
 */
export class KindFollower {
  private readonly parts: FollowerParts
  private readonly known = new Map<string, Known>()
  private resourceVersion: string | undefined
  private isListed = false
  private outageSince: number | undefined

  constructor(parts: FollowerParts) {
    this.parts = parts
  }

  /** Tells the batches, once, that nothing more is to be expected before the first one. */
  listed(): void {
    if (!this.isListed) this.parts.batches.listed()
    this.isListed = true
  }

  /** Until the signal aborts. Throws when the server refuses, or when an outage lasts too long. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.parts.transport
    for (let fruitless = 0; ;) {
      const began = clock.monotonic()
      const progress = this.resourceVersion
      let failed = false
      try {
        if (this.resourceVersion === undefined) await this.list(signal)
        if ((await this.follow(signal)) === 'expired') this.resourceVersion = undefined
      } catch (error) {
        signal.throwIfAborted()
        this.noteOutage(error)
        failed = true
      }
      // A watch that ended by its own time, or told something, is followed by the next one at once.
      const wasFruitful = this.resourceVersion !== progress || (!failed && clock.monotonic() - began >= FRUITFUL_MS)
      fruitless = wasFruitful ? 0 : fruitless + 1
      if (failed || fruitless > 1) await clock.after(Math.min(100 * 2 ** fruitless, 3_000), signal)
    }
  }

  /** A first contact that fails is an error at once; later ones may be a restart of the API server. */
  private noteOutage(error: unknown): void {
    const code = networkCode(error)
    const isNetwork = code !== undefined || (error instanceof ForgeError && error.code === 'E_CLUSTER_UNREACHABLE')
    if (!isNetwork || !this.isListed) throw error
    const { transport, tuning } = this.parts
    const now = transport.clock.monotonic()
    if (this.outageSince === undefined) this.parts.batches.blind(true)
    this.outageSince ??= now
    if (now - this.outageSince < tuning.outageMs) return
    throw error instanceof ForgeError ? error : unreachable(transport.access, code ?? '', error)
  }

  private sees(): void {
    if (this.outageSince !== undefined) this.parts.batches.blind(false)
    this.outageSince = undefined
  }

  private async list(signal: AbortSignal): Promise<void> {
    const { transport, discovery, kind, namespace, batches } = this.parts
    const { fieldSelector } = kind
    const options = { namespace, ...(fieldSelector === undefined ? {} : { fieldSelector }) }
    const { objects, resourceVersion } = await listAll(transport, discovery, kind, options, signal)
    const vanished = new Map(this.known)
    const events: WatchEvent[] = []
    for (const object of objects) {
      const key = placeOf(object.metadata)
      const before = vanished.get(key)
      vanished.delete(key)
      if (before?.resourceVersion === undefined || before.resourceVersion !== object.metadata.resourceVersion)
        events.push(this.set(object))
    }
    for (const [key, { name, namespace: within, uid }] of vanished) {
      this.known.delete(key)
      const metadata = {
        name,
        ...(within === undefined ? {} : { namespace: within }),
        ...(uid === undefined ? {} : { uid }),
      }
      events.push({ type: 'gone', object: { apiVersion: kind.apiVersion, kind: kind.kind, metadata } })
    }
    this.resourceVersion = resourceVersion
    this.sees()
    batches.push(events)
    this.listed()
  }

  private async follow(signal: AbortSignal): Promise<End> {
    const { transport, discovery, kind, namespace, tuning, silences } = this.parts
    const cut = new AbortController()
    const either = AbortSignal.any([signal, cut.signal])
    const query = {
      watch: true,
      allowWatchBookmarks: true,
      resourceVersion: this.resourceVersion,
      timeoutSeconds: tuning.timeoutSeconds,
      fieldSelector: kind.fieldSelector,
    }
    const path = await discovery.collectionOf(kind, namespace, signal)
    const subject = await subjectOf(discovery, 'watch', { ...kind, namespace }, signal)
    const suspect = (): void => cut.abort(new Error('the watch is silent'))
    silences.add(suspect)
    try {
      // A watch's headers come at once, even when it has nothing to tell.
      const headersMs = Math.min(tuning.silenceMs, HEADERS_MS)
      const answer = await transport.stream({ method: 'GET', path, query, subject, signal: either, headersMs }, [410])
      if (!answer.ok) return 'expired'
      this.sees()
      return await this.read(answer.value, either)
    } catch (error) {
      // Not an outage yet: the same resourceVersion on a new connection tells.
      if (cut.signal.aborted && !signal.aborted) return 'over'
      throw error
    } finally {
      silences.delete(suspect)
      cut.abort()
    }
  }

  private async read(body: Parameters<typeof linesOf>[0], signal: AbortSignal): Promise<End> {
    const watchdog = new Watchdog(this.parts, signal)
    for await (const line of linesOf(body)) {
      watchdog.heard()
      if (line === '') continue
      const { type, object } = JSON.parse(line) as Frame
      if (type === 'ERROR') return errorEnd(object)
      this.resourceVersion = object.metadata.resourceVersion ?? this.resourceVersion
      if (type === 'DELETED') this.parts.batches.push([this.gone(object)])
      else if (type !== 'BOOKMARK') this.parts.batches.push([this.set(object)])
    }
    return 'over'
  }

  private set(object: KubeObject): WatchEvent {
    const place = placeOf(object.metadata)
    const kept = slim(object, this.known.get(place))
    this.known.set(place, known(kept))
    return { type: 'set', object: kept }
  }

  private gone(object: KubeObject): WatchEvent {
    const place = placeOf(object.metadata)
    const before = this.known.get(place)
    this.known.delete(place)
    return { type: 'gone', object: slim(object, before) }
  }
}

/** 410: too old. Anything else (a server that shuts down) is over, and the next request tells more. */
function errorEnd({ code, message }: Frame['object']): End {
  return code === 410 || /too old resource version|expired/iu.test(message ?? '') ? 'expired' : 'over'
}

/** Gives the connection up, with all its watches, when one that ought to send bookmarks is silent for too long. One sleeping timer per watch, no ticks. */
class Watchdog {
  private readonly parts: FollowerParts
  private last: number

  constructor(parts: FollowerParts, signal: AbortSignal) {
    this.parts = parts
    this.last = parts.transport.clock.monotonic()
    if (parts.kind.kind !== 'Event')
      this.guard(signal).catch((error: unknown) => {
        if (!signal.aborted) parts.batches.fail(error)
      })
  }

  heard(): void {
    this.last = this.parts.transport.clock.monotonic()
  }

  private async guard(signal: AbortSignal): Promise<void> {
    const { transport, tuning, silences } = this.parts
    for (;;) {
      const quiet = transport.clock.monotonic() - this.last
      if (quiet >= tuning.silenceMs) break
      await transport.clock.after(tuning.silenceMs - quiet, signal)
    }
    await transport.abandonConnection()
    for (const cut of [...silences]) cut()
  }
}
