import { resolve } from 'node:path'
import { closingRows } from '../domain/screen/closing.ts'
import { planMarkdown } from '../domain/screen/plan-markdown.ts'
import { planRows } from '../domain/screen/plan.ts'
import type { PlanEnd } from '../flows/plan/plan.ts'
import { endWith } from './end-with.ts'
import type { Session } from './session.ts'

export interface PlanOutput {
  readonly format: 'text' | 'json' | 'markdown'
  readonly full: boolean
  readonly exitCode: boolean
  readonly out: string | undefined
}

/** Exit status of `--exit-code` where there are differences (design.md). */
const DIFFERENCES = 10
/** Paths of the command line are meant from where forge was started, not from the project. */
export function fromHere(file: string | undefined): string | undefined {
  return file === undefined ? undefined : resolve(file)
}

/** Prints the plan, or why there is none, and sets the exit status. */
export function closePlan({ report, plan, error }: PlanEnd, session: Session, output: PlanOutput): PlanEnd['report'] {
  endWith(error, session)
  if (error === undefined && output.exitCode && plan?.unchanged === false) process.exitCode = DIFFERENCES
  if (session.json) return report
  if (error !== undefined) {
    const width = process.stderr.isTTY ? process.stderr.columns : undefined
    const rows = closingRows(error, session.here, width, (text) => session.redactor.text(text))
    process.stderr.write(`${rows.join('\n')}\n`)
  } else if (plan !== undefined) process.stdout.write(`${shown(plan, session, output)}\n`)
  return report
}

function shown(
  found: NonNullable<PlanEnd['plan']>,
  { redactor, here }: Session,
  { format, full, out }: PlanOutput,
): string {
  // Before the rows are cut to their width: half of a secret would not be known any more.
  const plan = redactor.json(found)
  if (format === 'json') return JSON.stringify(plan, null, 2)
  const width = process.stdout.isTTY ? process.stdout.columns : undefined
  const screen = { full, now: Date.now(), saved: out, width }
  return (format === 'markdown' ? planMarkdown(plan, screen) : planRows(plan, screen, here)).join('\n')
}
