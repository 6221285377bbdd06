import { isMap } from '../../config/path.ts'
import { groupOf, type KubeObject } from '../../kube.ts'
import { isBuiltIn } from '../../prediction/three-way.ts'
import { saysNothing } from '../foreign-status.ts'
import { generationMark, statusMark } from '../marks.ts'
import { statusOf } from '../shapes.ts'
import type { RuleContext } from '../symptom.ts'
import type { ObservedObject } from '../object-cache.ts'
import { UNOBSERVED } from './assessment.ts'

/** Whether a status is about the spec that is there now. */
export type Observation =
  | { readonly state: 'observed' }
  /**
   * `until`: from then on it is taken as it is. `speaks`: not all of it is about this spec, but its conditions are, so what they
   * say against it counts.
   */
  | { readonly state: 'awaited'; readonly reason: string; readonly until?: number; readonly speaks?: boolean }
  /** Nobody can tell, and nothing was written for so long that it is taken as it is. */
  | { readonly state: 'silent'; readonly remark: string }

export const SILENT = 'its controller has written no status since its spec changed'

/**
 * By `status.observedGeneration`, else by that of the conditions that are relied upon (`generations`), as their controllers write
 * them. Many write neither (CloudNativePG): then a status that was written after the spec had changed shows that somebody has
 * looked. A controller that finds nothing to do may write nothing, so this ends with `controllerGraceMs`.
 */
export function observationOf(
  entry: ObservedObject,
  generations: readonly (number | undefined)[],
  context: RuleContext,
): Observation {
  const { generation = 0 } = entry.object.metadata
  const whole = wholeGeneration(entry.object)
  const parts = generations.filter((one) => one !== undefined)
  const isPartOlder = parts.some((one) => one < generation)
  if (whole !== undefined && whole < generation)
    return { state: 'awaited', reason: UNOBSERVED, speaks: isSyncedAnew(entry, context) }
  if (whole === undefined && isPartOlder) return { state: 'awaited', reason: UNOBSERVED }
  // The status says that the spec was observed, and a condition in it that it was not.
  if (isPartOlder) return unlessSilent(entry, UNOBSERVED, context)
  const isTold = whole !== undefined || parts.length > 0
  const isPast = !isTold && isReporting(entry) && context.hasGrown(entry) && !isWrittenSince(entry)
  return isPast ? unlessSilent(entry, SILENT, context) : { state: 'observed' }
}

/** External Secrets counts on only what it has synced: what it says later of the same resource is that it could not. */
function isSyncedAnew(entry: ObservedObject, context: RuleContext): boolean {
  return syncedGeneration(entry.object) !== undefined && (!context.hasGrown(entry) || isWrittenSince(entry))
}

function wholeGeneration(object: KubeObject): number | undefined {
  return statusOf(object).observedGeneration ?? syncedGeneration(object)
}

/** External Secrets: the generation that was synced last, before a hash (runtime/util of its sources, GetResourceVersion). */
function syncedGeneration({ apiVersion, status }: KubeObject): number | undefined {
  if (groupOf(apiVersion) !== 'external-secrets.io' || !isMap(status)) return undefined
  const { syncedResourceVersion: synced } = status
  const found = typeof synced === 'string' ? /^(\d{1,15})-/u.exec(synced)?.[1] : undefined
  return found === undefined ? undefined : Number(found)
}

/** `until`: when waiting for a word ends. */
export function unlessSilent(entry: ObservedObject, reason: string, { options, at }: RuleContext): Observation {
  const until = specSince(entry) + options.controllerGraceMs
  return at < until ? { state: 'awaited', reason, until } : { state: 'silent', remark: SILENT }
}

/** Since when it has the spec that it has, as far as was seen. */
export function specSince({ object, marks, bornAt }: ObservedObject): number {
  return marks.get(generationMark(object))?.at ?? bornAt
}

/** Kubernetes' own kinds are known for what they say; of a kind without any status none is to be expected. */
function isReporting({ object }: ObservedObject): boolean {
  return !isBuiltIn(object) && !saysNothing(object)
}

/** A kind without the subresource `status` grows with its status: then both changed at once. */
function isWrittenSince({ object, marks }: ObservedObject): boolean {
  const [spec, status] = [marks.get(generationMark(object)), marks.get(statusMark(object))]
  return spec !== undefined && status !== undefined && status.seq >= spec.seq
}
