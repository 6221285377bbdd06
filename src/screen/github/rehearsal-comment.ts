import type { Rehearsal } from '../../domain/rehearsal/model.ts'
import { isProven } from '../../domain/rehearsal/summary.ts'
import { markdownCode, markdownText as text } from '../markdown.ts'
import { rehearsalMarkdown } from '../rehearsal-markdown.ts'
import { cut } from '../row.ts'
import { commentBody, commentMark, fitsComment, type Commented, type CommentScreen } from './comment.ts'
import { workflowCommand } from './workflow-command.ts'

/** A rehearsal as the comment on a pull request, which the next one writes anew. */
export function rehearsalComment(rehearsal: Rehearsal, about: Commented, screen: CommentScreen): string {
  const body = (lines: readonly string[]): string => titled(lines, about, screen)
  return body(rehearsalMarkdown(rehearsal, (lines) => fitsComment(body(lines))))
}

function titled(lines: readonly string[], about: Commented, screen: CommentScreen): string {
  const title = `### ${text(about.project)} → ${text(about.environment)}: rehearsal`
  return commentBody(commentMark('rehearse', about), [title, '', ...lines], screen)
}

/** How a run ended that has no rehearsal. */
export interface Unrehearsed {
  readonly outcome: string
  readonly status: number
  readonly verdict: { readonly code: string; readonly message: string; readonly hint?: string | null } | null
}

/** In the place of an earlier one: of this commit nothing was rehearsed, and why. */
export function unrehearsedComment(
  { outcome, status, verdict }: Unrehearsed,
  about: Commented,
  screen: CommentScreen,
): string {
  const told = verdict === null ? `exit status ${status}: the log of the step says why` : cut(verdict.message, LINE)
  const next = verdict?.hint == null ? [] : ['', `Next: ${markdownCode(cut(verdict.hint, LINE))}`]
  return titled(
    [
      `**Not rehearsed: ${text(outcome)}**`,
      '',
      [...(verdict === null ? [] : [markdownCode(verdict.code)]), text(told)].join(' '),
      ...next,
    ],
    about,
    screen,
  )
}

/** Of what others say: all of it is in the job's summary. */
const LINE = 2000

/** GitHub shows ten of a step, and one is that of the run. */
const MOST_ANNOTATIONS = 9

/** What went otherwise than it should when it was provoked, each for itself. */
export function rehearsalAnnotations({ failures }: Rehearsal): string[] {
  const bad = failures.filter((one) => !isProven(one))
  const shown = bad.length > MOST_ANNOTATIONS ? bad.slice(0, MOST_ANNOTATIONS - 1) : bad
  const more = bad.length - shown.length
  return [
    ...shown.map(({ failure, where, explained, restored, why }) => {
      const not = [...(explained ? [] : ['explained']), ...(restored === false ? ['restored'] : [])].join(' and not ')
      return workflowCommand('error', `${where}: not ${not}${why === null ? '' : `: ${why}`}`, { title: failure })
    }),
    ...(more === 0 ? [] : [workflowCommand('error', `${more} more: the summary of the job has all`)]),
  ]
}
