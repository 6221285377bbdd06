import type { PlanDocument } from '../../domain/plan/document.ts'
import { planMarkdown } from '../plan-markdown.ts'
import { markdownText as text } from '../markdown.ts'
import { sentence } from '../plan-end.ts'

/** GitHub takes 65,536 characters; bytes are never fewer. */
const MOST_BYTES = 65_536

export interface CommentScreen {
  readonly now: number
  /** What it was made of, and where all of it is: `https://…/actions/runs/1`. */
  readonly commit: string
  readonly run: string
}

/** Begins the comment on a pull request, so that the next run finds it: one for each project and environment. */
export function commentMark({ project, environment }: Pick<PlanDocument, 'project' | 'environment'>): string {
  return `<!-- forge plan ${project}/${environment} -->`
}

/**
 * The plan as the comment on a pull request, every field in a fold. What is too long loses first the fold, then objects, and
 * says so.
 */
export function planComment(plan: PlanDocument, screen: CommentScreen): string {
  const short = planMarkdown(plan, { full: false, now: screen.now })
  const full = planMarkdown(plan, { full: true, now: screen.now })
  const fold = ['', '<details><summary>Every field</summary>', '', ...full, '', '</details>']
  const whole = bodyOf(plan, screen, plan.unchanged ? short : [...short, ...fold])
  if (fits(whole)) return whole
  const left = '**Too long for a comment:** every field is in the summary of the job, and in its artifact.'
  for (let count = plan.objects.length; count > 0; count = Math.floor(count / 2)) {
    const some = planMarkdown({ ...plan, objects: plan.objects.slice(0, count) }, { full: false, now: screen.now })
    const missing = plan.objects.length - count
    const note = missing === 0 ? left : `${left} ${missing} objects are left out here.`
    const body = bodyOf(plan, screen, [...some, '', note])
    if (fits(body)) return body
  }
  const { project, environment } = plan
  return bodyOf(plan, screen, [`### ${text(project)} → ${text(environment)}`, '', `**${sentence(plan)}**`, '', left])
}

function bodyOf(plan: PlanDocument, { commit, run }: CommentScreen, lines: readonly string[]): string {
  const foot = `<sub>${text(commit)} · ${run}</sub>`
  return [commentMark(plan), ...lines, '', foot].join('\n')
}

function fits(body: string): boolean {
  return new TextEncoder().encode(body).length <= MOST_BYTES
}
