import { markdownText as text } from '../markdown.ts'
import { planTitle } from '../plan-markdown.ts'

/** GitHub takes 65,536 characters; bytes are never fewer. */
const MOST_BYTES = 65_536

export interface CommentScreen {
  readonly now: number
  /** What it was made of, and where all of it is: `https://…/actions/runs/1`. */
  readonly commit: string
  readonly run: string
}

/** The command whose result it shows. */
export type CommentKind = 'plan' | 'rehearse'

/** What a comment is about. */
export interface Commented {
  readonly project: string
  readonly environment: string
}

export function rehearsalTitle(about: Commented): string {
  return `${planTitle(about)}: rehearsal`
}

/** Begins a comment on a pull request, so that the next run finds it: of each kind one for each project and environment. */
export function commentMark(kind: CommentKind, { project, environment }: Commented): string {
  return `<!-- forge ${kind} ${project}/${environment} -->`
}

export function commentBody(
  mark: string,
  lines: readonly string[],
  { commit, run }: Pick<CommentScreen, 'commit' | 'run'>,
): string {
  return [mark, ...lines, '', `<sub>${text(commit)} · ${run}</sub>`].join('\n')
}

export function fitsComment(body: string): boolean {
  return new TextEncoder().encode(body).length <= MOST_BYTES
}
