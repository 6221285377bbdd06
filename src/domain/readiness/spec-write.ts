import { isBuiltIn } from '../prediction/three-way.ts'
import type { KubeObject } from '../kube.ts'
import { statusOf } from './shapes.ts'

/**
 * Of a resource whose status does not say which spec it is about, seen for the first time: when its spec was written, in milliseconds
 * since 1970, if nobody has written its status since (by `managedFields`, which have whole seconds: within one nobody can tell).
 * Undefined: its status is about this spec, or says itself which one it is about.
 */
export function unansweredSince(object: KubeObject): number | undefined {
  const { generation = 0, managedFields = [] } = object.metadata
  const { observedGeneration, conditions = [] } = statusOf(object)
  const isTold = observedGeneration !== undefined || conditions.some((one) => one.observedGeneration !== undefined)
  if (isBuiltIn(object) || isTold || generation <= 1) return undefined
  const newest = (ofStatus: boolean): number =>
    Math.max(
      ...managedFields
        .filter(({ subresource }) => (subresource === 'status') === ofStatus)
        .map(({ time }) => Date.parse(time ?? ''))
        .filter((time) => !Number.isNaN(time)),
    )
  const spec = newest(false)
  return Number.isFinite(spec) && newest(true) <= spec ? spec : undefined
}
