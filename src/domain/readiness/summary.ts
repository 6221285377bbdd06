import type { Target, Verdict } from './model.ts'
import { livePods, readyPods, UNOBSERVED, type Assessment } from './workloads/assessment.ts'

/** One clause for a line of progress (docs/screens.md): `app 2/2`, `old 2/2 serving, new 0/1: 3 crashes, 2 allowed`. */
export function summaryOf({ kind, name }: Target, verdict: Verdict, assessment: Assessment | undefined): string {
  if (assessment === undefined)
    return verdict.state === 'ready' ? `${name} ${verdict.detail}` : `${name}: ${reasonOf(verdict)}`
  const { counts, old, current } = assessment
  if (verdict.state === 'ready') {
    const count = kind === 'Job' || counts.wanted === 0 ? verdict.detail : `${counts.ready}/${counts.wanted}`
    return `${name} ${count}${verdict.remark === undefined ? '' : ` (${verdict.remark})`}`
  }
  const reason = reasonOf(verdict)
  if (reason === UNOBSERVED) return `${name}: ${reason}`
  if (!servesOn(verdict, assessment)) return `${name} ${counts.ready}/${counts.wanted}: ${reason}`
  const [before, now] = [livePods(old), livePods(current)]
  return `old ${readyPods(before)}/${before.length} serving, new ${readyPods(now)}/${now.length}: ${reason}`
}

/** Until the controller has seen the change, nothing says which pods are of which revision. */
export function servesOn(verdict: Verdict, assessment: Assessment | undefined): boolean {
  if (assessment === undefined || verdict.state === 'ready' || reasonOf(verdict) === UNOBSERVED) return false
  return readyPods(livePods(assessment.old)) > 0
}

export function reasonOf(verdict: Verdict): string {
  if (verdict.state === 'failed') return verdict.brief
  return verdict.state === 'ready' ? verdict.detail : verdict.reason
}
