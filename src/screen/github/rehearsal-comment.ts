import type { Rehearsal } from '../../domain/rehearsal/model.ts'
import { isProven } from '../../domain/rehearsal/summary.ts'
import { rehearsalMarkdown } from '../rehearsal-markdown.ts'
import { commentBody, commentMark, fitsComment, rehearsalTitle, type Commented, type CommentScreen } from './comment.ts'
import { workflowCommand } from './workflow-command.ts'

/** A rehearsal as the comment on a pull request, which the next one writes anew. */
export function rehearsalComment(rehearsal: Rehearsal, about: Commented, screen: CommentScreen): string {
  const body = (lines: readonly string[]): string =>
    commentBody(commentMark('rehearse', about), [rehearsalTitle(about), '', ...lines], screen)
  return body(rehearsalMarkdown(rehearsal, (lines) => fitsComment(body(lines))))
}

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
