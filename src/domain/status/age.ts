import type { KubeObject } from '../kube.ts'
import { statusOf } from '../readiness/shapes.ts'

interface Timed {
  readonly firstTimestamp?: string | null
  readonly eventTime?: string | null
}

/**
 * Milliseconds for which an object has been as it is, by the cluster's own timestamps: since its latest condition
 * changed, an Event since it was first seen. A judge that looks for the first time counts windows of grace from there.
 */
export function standsFor(object: KubeObject, now: number): number {
  const { firstTimestamp, eventTime } = object as Timed
  const created = object.metadata.creationTimestamp
  const times =
    object.kind === 'Event'
      ? [firstTimestamp ?? eventTime ?? created]
      : [created, ...(statusOf(object).conditions ?? []).map(({ lastTransitionTime }) => lastTransitionTime)]
  const known = times.map((time) => Date.parse(time ?? '')).filter((time) => !Number.isNaN(time))
  // A cluster whose clock is ahead of ours has changed nothing in the future.
  return known.length === 0 ? 0 : Math.max(now - Math.max(...known), 0)
}
