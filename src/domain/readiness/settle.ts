import { readyRun, type Mark } from './marks.ts'
import { containerStatusesOf, podSpecOf, podStatusOf, tellsWhenUp } from './shapes.ts'
import { livePods, readyPods, type Assessment } from './workloads/assessment.ts'
import type { ObservedObject } from './object-cache.ts'

export type Settling =
  { readonly state: 'settled' } | { readonly state: 'unseen' } | { readonly state: 'settling'; readonly until: number }

/**
 * A container without probes is Ready as soon as it runs, also for the instant before it exits (measured: both helms call
 * that success). So its pod must stay Ready for a while, counted from when it began, as far as that can be told.
 * `needed`: so many pods are enough. `isFresh`: since the baseline; pods that were ready before and have not restarted have proven
 * themselves.
 */
export function settlingOf(
  { current, old, settles }: Assessment,
  needed: number,
  isFresh: (pod: ObservedObject, mark: Mark) => boolean,
  settleMs: number,
): Settling {
  if (readyPods([...current, ...old]) < needed) return { state: 'unseen' }
  if (!settles) return { state: 'settled' }
  const times = livePods(current).flatMap((pod) => {
    const mark = pod.marks.get(readyRun(pod.object))
    return mark === undefined || !isFresh(pod, mark) || isProbed(pod) ? [] : [begunAt(pod, mark.at) + settleMs]
  })
  const missing = Math.max(needed - (readyPods(current) - times.length), 0)
  const until = times.sort((one, other) => one - other)[Math.min(missing, times.length) - 1]
  return until === undefined ? { state: 'settled' } : { state: 'settling', until }
}

/** Of a whole second, cut off. */
const SECOND_MS = 1000

/**
 * When the last of its containers began at the latest. A kubelet tells of it up to a second later; how long after it took the
 * pod on, both by the clock of the node, needs no other clock to agree with it.
 */
function begunAt({ object, marks }: ObservedObject, seenAt: number): number {
  const taken = marks.get('taken-on')
  const starts = containerStatusesOf(object).map(({ state }) => Date.parse(state?.running?.startedAt ?? ''))
  const since = Math.max(...starts) - Date.parse(podStatusOf(object).startTime ?? '') + SECOND_MS
  return taken === undefined || !Number.isFinite(since) ? seenAt : Math.min(seenAt, taken.at + Math.max(since, 0))
}

function isProbed(pod: ObservedObject): boolean {
  return (podSpecOf(pod.object).containers ?? []).every(tellsWhenUp)
}
