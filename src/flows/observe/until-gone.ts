import { holders } from '../../domain/leaving.ts'
import { nameOf, resourceName, type KubeObject } from '../../domain/kube.ts'
import { duration } from '../../domain/readiness/failure.ts'
import { counted } from '../../screen/counted.ts'
import { ForgeError } from '../../errors.ts'
import { kubectl, type Hint } from '../../hint.ts'
import type { ClusterWatcher } from '../../ports.ts'
import { timeLimit, type Timed } from '../../time-limit.ts'

/** Finalizers, and pods that still end, take their time. */
export const GONE_WITHIN_MS = 60_000

export interface Leaving {
  /** As they were seen last: each is waited for as the very object that it is. */
  readonly objects: readonly KubeObject[]
  readonly cluster: Pick<ClusterWatcher, 'watch'>
  readonly limitMs: number
}

/** A watch tells when it is over. Resolves with those that are still there when the time is up, as they are then. */
export async function untilGone({ objects, cluster, limitMs }: Leaving, timed: Timed): Promise<KubeObject[]> {
  const left = new Map(objects.map((object) => [object.metadata.uid ?? '', object]))
  if (left.size === 0) return []
  const limit = timeLimit(limitMs, timed)
  const kinds = objects.map(({ apiVersion, kind, metadata: { namespace } }) => {
    return { apiVersion, kind, ...(namespace === undefined ? {} : { namespace }) }
  })
  const each = [...new Map(kinds.map((kind) => [JSON.stringify(kind), kind])).values()]
  try {
    for await (const { initial, events } of cluster.watch(each, '', limit.signal)) {
      const seen = new Set(events.map(({ object }) => object.metadata.uid ?? ''))
      if (initial) for (const uid of left.keys()) if (!seen.has(uid)) left.delete(uid)
      for (const { type, object } of events) {
        const uid = object.metadata.uid ?? ''
        if (type === 'gone') left.delete(uid)
        else if (left.has(uid)) left.set(uid, object)
      }
      if (left.size === 0) return []
    }
  } catch (error) {
    if (timed.signal.aborted || !limit.isUp()) throw error
  } finally {
    limit.end()
  }
  // A watch that is aborted may end without an error; what waits then is not over.
  timed.signal.throwIfAborted()
  return [...left.values()]
}

/** Throws E_NOT_GONE with what holds the first of them. */
export async function requireGone(leaving: Leaving, timed: Timed): Promise<void> {
  const left = await untilGone(leaving, timed)
  if (left.length > 0) throw notGone(left, leaving.limitMs)
}

function notGone(left: readonly KubeObject[], limitMs: number): ForgeError {
  const [first] = left
  if (first === undefined) throw new Error('all are gone')
  const more = left.length === 1 ? '' : ` (and ${counted(left.length - 1, 'more object')})`
  return new ForgeError(
    'E_NOT_GONE',
    `${nameOf(first)} was deleted and is not gone after ${duration(limitMs)}${more}: ${holderOf(first)}`,
    {
      hint: showing(first),
      where: nameOf(first),
      problems: left.map((object) => ({ message: `${nameOf(object)}: ${holderOf(object)}`, where: nameOf(object) })),
    },
  )
}

function holderOf(object: KubeObject): string {
  const held = holders(object)
  if (held !== undefined) return `${held} ${object.metadata.finalizers?.length === 1 ? 'holds' : 'hold'} it`
  return object.metadata.deletionTimestamp === undefined
    ? 'nobody has begun to delete it'
    : 'the cluster has not ended it yet'
}

/** The command that shows it, with its finalizers. */
export function showing(object: KubeObject): Hint {
  const { name, namespace } = object.metadata
  return kubectl(['get', resourceName(object), name, '-o', 'yaml'], namespace)
}
