import { widthOf } from './width.ts'
import { resolve } from 'node:path'
import { documentText, shownDocument } from '../screen/document-text.ts'
import { planMarkdown } from '../screen/plan-markdown.ts'
import { planRows } from '../screen/plan.ts'
import type { PlanEnd } from '../flows/deploy/plan.ts'
import { ended, endWith, failureRows } from './end-with.ts'
import type { Session } from './session.ts'
import type { Hint } from '../hint.ts'

export interface PlanOutput {
  readonly format: 'text' | 'json' | 'markdown'
  readonly full: boolean
  readonly exitCode: boolean
  readonly out: string | undefined
  /** What goes on from there; else as a plan does. */
  readonly next?: Hint
}

/** Exit status of `--exit-code` where there are differences (docs/design.md). */
const DIFFERENCES = 10
/** Paths of the command line are meant from where forge was started, not from the project. */
export function fromHere(file: string | undefined): string | undefined {
  return file === undefined ? undefined : resolve(file)
}

/** Prints the plan, or why there is none, and sets the exit status. */
export function closePlan({ report, plan, error }: PlanEnd, session: Session, output: PlanOutput): PlanEnd['report'] {
  endWith(error, session)
  session.events.tell(ended(report))
  if (error === undefined && output.exitCode && plan?.unchanged === false) process.exitCode = DIFFERENCES
  if (session.json) return report
  if (error !== undefined) process.stderr.write(`${failureRows(error, session).join('\n')}\n`)
  else if (plan !== undefined) process.stdout.write(`${shown(plan, session, output)}\n`)
  return report
}

function shown(
  found: NonNullable<PlanEnd['plan']>,
  { output, here }: Session,
  { format, full, out, next }: PlanOutput,
): string {
  // Before the rows are cut to their width: half of a secret would not be known any more.
  if (format === 'json') return documentText(found, output.shown)
  const plan = shownDocument(found, output.shown)
  const width = widthOf(process.stdout)
  const screen = { full, now: Date.now(), saved: out, width, next }
  return (format === 'markdown' ? planMarkdown(plan, screen) : planRows(plan, screen, here)).join('\n')
}
