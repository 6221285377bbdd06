import { markdownCode, markdownText as text } from '../markdown.ts'
import { planTitle } from '../plan-markdown.ts'
import { cut } from '../row.ts'
import {
  commentBody,
  commentMark,
  rehearsalTitle,
  type Commented,
  type CommentKind,
  type CommentScreen,
} from './comment.ts'

/** How a run ended that has no result to show. */
export interface Missing {
  readonly outcome: string
  readonly status: number
  readonly verdict: { readonly code: string; readonly message: string; readonly hint?: string | null } | null
}

/** Of what others say: all of it is in the job's summary. */
const LINE = 2000

const KINDS = {
  plan: { title: planTitle, done: 'planned' },
  rehearse: { title: rehearsalTitle, done: 'rehearsed' },
}

/** In the place of an earlier one: of this commit nothing was planned, or rehearsed, and why. */
export function missingComment(
  kind: CommentKind,
  { outcome, status, verdict }: Missing,
  about: Commented,
  screen: CommentScreen,
): string {
  const { title, done } = KINDS[kind]
  const told = verdict === null ? `exit status ${status}: the log of the step says why` : cut(verdict.message, LINE)
  const why = [...(verdict === null ? [] : [markdownCode(verdict.code)]), text(told)].join(' ')
  const next = verdict?.hint == null ? [] : ['', `Next: ${markdownCode(cut(verdict.hint, LINE))}`]
  const lines = [title(about), '', `**Not ${done}: ${text(outcome)}**`, '', why, ...next]
  return commentBody(commentMark(kind, about), lines, screen)
}
