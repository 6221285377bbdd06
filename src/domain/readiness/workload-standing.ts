import type { Counts, Target, Verdict, WorkloadStanding } from './model.ts'
import type { ObservedObject } from './object-cache.ts'
import { livePods, readyPods, UNOBSERVED, type Assessment } from './workloads/assessment.ts'

/** How a target stands, as data: the words for it are a screen's. */
export function standsAs(
  { kind, name }: Target,
  verdict: Verdict,
  assessment: Assessment | undefined,
): WorkloadStanding {
  return { kind, name, verdict, counts: assessment?.counts, serving: servingOf(verdict, assessment) }
}

/** Until the controller has seen the change, nothing says which pods are of which revision. */
function servingOf(verdict: Verdict, assessment: Assessment | undefined): WorkloadStanding['serving'] {
  if (assessment === undefined || verdict.state === 'ready' || reasonOf(verdict) === UNOBSERVED) return undefined
  const old = countOf(assessment.old)
  return old.ready === 0 ? undefined : { old, fresh: countOf(assessment.current) }
}

function countOf(pods: readonly ObservedObject[]): Counts {
  const live = livePods(pods)
  return { ready: readyPods(live), wanted: live.length }
}

export function reasonOf(verdict: Verdict): string {
  if (verdict.state === 'failed') return verdict.brief
  return verdict.state === 'ready' ? verdict.detail : verdict.reason
}
