import { unlessItFails } from '../../expected.ts'
import type { KubeObject } from '../../domain/kube.ts'
import { FAIL } from '../../domain/rehearsal/failures.ts'
import type { Events } from '../../domain/events/events.ts'
import type { Clock, ClusterWatcher } from '../../ports.ts'

interface Measuring {
  readonly cluster: ClusterWatcher
  readonly clock: Clock
  /** Of the deploy that fails. */
  readonly events: Events
  readonly namespace: string
  readonly signal: AbortSignal
}

/** How long a deploy needs to tell of a failure: to be begun before the deploy. */
export interface ToVerdict {
  /** Seconds, to a tenth; undefined: nothing failed, or nobody has seen what does. */
  readonly seconds: () => number | undefined
  readonly close: () => Promise<void>
}

/** From when the first of the pods (or claims) that fail was there, to the end of the step that says so. */
export function timeToVerdict({ cluster, clock, events, namespace, signal }: Measuring): ToVerdict {
  const over = new AbortController()
  let seen: number | undefined
  let told: number | undefined
  const off = events.on(['step'], ({ state }) => {
    if (state === 'failed') told ??= clock.monotonic()
  })
  const look = async (): Promise<void> => {
    const kinds = ['Pod', 'PersistentVolumeClaim'].map((kind) => ({ apiVersion: 'v1', kind }))
    for await (const { initial, events: batch } of cluster.watch(
      kinds,
      namespace,
      AbortSignal.any([signal, over.signal]),
    )) {
      // Those of a failure before this one are on their way out.
      if (!initial && batch.some(({ type, object }) => type === 'set' && fails(object))) seen ??= clock.monotonic()
      if (seen !== undefined) return
    }
  }
  // Nothing but a number hangs on it.
  const looking = unlessItFails(look(), () => undefined)
  return {
    seconds: () => (seen === undefined || told === undefined ? undefined : tenths((told - seen) / 1000)),
    async close() {
      off()
      over.abort()
      await looking
    },
  }
}

export function tenths(seconds: number): number {
  return Math.round(Math.max(0, seconds) * 10) / 10
}

function fails({ metadata: { annotations, deletionTimestamp } }: KubeObject): boolean {
  return annotations?.[FAIL] !== undefined && deletionTimestamp === undefined
}
