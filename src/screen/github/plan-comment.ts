import type { PlanDocument } from '../../domain/plan/document.ts'
import { planMarkdown, planTitle } from '../plan-markdown.ts'
import { sentence } from '../plan-end.ts'
import { commentBody, commentMark, fitsComment, type CommentScreen } from './comment.ts'

/**
 * The plan as the comment on a pull request, every field in a fold. What is too long loses first the fold, then objects, and
 * says so.
 */
export function planComment(plan: PlanDocument, screen: CommentScreen): string {
  const short = planMarkdown(plan, { full: false, now: screen.now })
  const full = planMarkdown(plan, { full: true, now: screen.now })
  const fold = ['', '<details><summary>Every field</summary>', '', ...full, '', '</details>']
  const whole = bodyOf(plan, screen, plan.unchanged ? short : [...short, ...fold])
  if (fitsComment(whole)) return whole
  const left = '**Too long for a comment:** every field is in the summary of the job, and in its artifact.'
  for (let count = plan.objects.length; count > 0; count = Math.floor(count / 2)) {
    const some = planMarkdown({ ...plan, objects: plan.objects.slice(0, count) }, { full: false, now: screen.now })
    const missing = plan.objects.length - count
    const note = missing === 0 ? left : `${left} ${missing} objects are left out here.`
    const body = bodyOf(plan, screen, [...some, '', note])
    if (fitsComment(body)) return body
  }
  return bodyOf(plan, screen, [planTitle(plan), '', `**${sentence(plan)}**`, '', left])
}

function bodyOf(plan: PlanDocument, screen: CommentScreen, lines: readonly string[]): string {
  return commentBody(commentMark('plan', plan), lines, screen)
}
