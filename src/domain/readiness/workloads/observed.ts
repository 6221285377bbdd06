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
  /** `until`: from then on it is taken as it is. */
  | { readonly state: 'awaited'; readonly reason: string; readonly until?: number }
  /** Nobody can tell, and nothing was written for so long that it is taken as it is. */
  | { readonly state: 'silent'; readonly remark: string }

const SILENT = 'its controller has written no status since its spec changed'

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
  const { observedGeneration: whole } = statusOf(entry.object)
  const parts = generations.filter((one) => one !== undefined)
  const isPartOlder = parts.some((one) => one < generation)
  if (whole === undefined ? isPartOlder : whole < generation) return { state: 'awaited', reason: UNOBSERVED }
  // The status says that the spec was observed, and a condition in it that it was not.
  if (isPartOlder) return unlessSilent(entry, UNOBSERVED, context)
  const isTold = whole !== undefined || parts.length > 0
  const isPast = !isTold && isReporting(entry) && context.hasGrown(entry) && !isWrittenSince(entry)
  return isPast ? unlessSilent(entry, SILENT, context) : { state: 'observed' }
}

function unlessSilent(
  { object, marks, bornAt }: ObservedObject,
  reason: string,
  { options, at }: RuleContext,
): Observation {
  const until = (marks.get(generationMark(object))?.at ?? bornAt) + options.controllerGraceMs
  return at < until ? { state: 'awaited', reason, until } : { state: 'silent', remark: SILENT }
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
