import { homedir } from 'node:os'
import { systemClock } from '../adapters/clock.ts'
import { evidenceFolders, stateHome } from '../adapters/evidence/folders.ts'
import type { RunEvent } from '../domain/events/model.ts'
import { closingRows } from '../screen/closing.ts'
import { stackOf, type ForgeError } from '../errors.ts'
import type { VerdictReport } from '../flows/verdict-report.ts'
import { isBug, writeStack } from '../flows/restore/stack.ts'
import { fit, widthOf } from './width.ts'
import { withoutCommand } from './without-command.ts'
import type { Session } from './session.ts'

/** Sets the exit status of a command that ends with an error; the stack of a bug is told last. */
export function endWith(error: ForgeError | undefined, session: Session): void {
  if (error === undefined) return
  process.exitCode = error.exitStatus
  session.onClose(async () => tellStack(await withOwnStack(error, session), session))
}

type Ended = Extract<RunEvent, { type: 'ended' }>

/** What the last event is made of. */
export interface EndOfRun {
  readonly outcome: Ended['outcome']
  readonly deploy?: number | null
  readonly verdict: VerdictReport | null
}

/** The last event of a run. */
export function ended({ outcome, deploy = null, verdict }: EndOfRun): Ended {
  const { code = null, message = null, chain = [], where = null, hint = null } = verdict ?? {}
  return { type: 'ended', outcome, deploy, code, message, chain: [...chain], where, hint }
}

/** What is left to be said of a run that has a report, which is what `--json` prints: its end, its exit status, rows for a person. */
export function closeRun<Report extends EndOfRun>(
  report: Report & { readonly evidence?: string | null; readonly environment?: string },
  error: ForgeError | undefined,
  session: Session,
  rows: () => readonly string[],
): Report {
  endWith(error, session)
  session.events.tell(ended(report))
  const { environment, deploy = null, outcome } = report
  if (environment !== undefined && deploy !== null) session.saw(environment, { newest: [deploy, outcome] })
  const failure = error === undefined ? undefined : failureRows(error, session)
  if (session.json) return report
  const { evidence = null } = report
  const kept = evidence === null ? [] : [`        evidence: ${evidence}`]
  const { shown } = session.output
  // What failed is at its width already.
  if (failure !== undefined) process.stderr.write(`${[...failure, ...kept].map(shown).join('\n')}\n`)
  else process.stdout.write(`${fit(rows().map(shown), process.stdout)}\n`)
  return report
}

/** The block that every failure ends with, as it goes to stderr; the log of the run has it, too. */
export function failureRows(
  error: ForgeError,
  { here, output, log }: Pick<Session, 'here' | 'output'> & { readonly log?: Session['log'] | undefined },
): string[] {
  log?.failed(closingRows(error, withoutCommand(here), undefined, output.shown))
  return closingRows(error, here, widthOf(process.stderr), output.shown)
}

/** A bug whose stack no flow has written down: it goes below the state folder, as that of a deploy does. */
export async function withOwnStack(
  error: ForgeError,
  { here, output: { redactor } }: Pick<Session, 'here' | 'output'>,
): Promise<ForgeError> {
  if (!isBug(error) || error.details.where !== undefined) return error
  const folders = evidenceFolders(stateHome(process.env, homedir()))
  const place = { project: 'bugs', environment: here.typed[0] ?? 'forge', deploy: process.pid }
  const file = await writeStack(error, 'stack.txt', async () => await folders.open(place), {
    clock: systemClock,
    redactor,
  })
  return file === undefined ? error : error.with({ where: file })
}

/** Where a bug's stack is written down, or, where no file took it, the stack itself: then also with `--json`. */
export function tellStack(error: ForgeError, { output: { shown }, json }: Pick<Session, 'output' | 'json'>): void {
  const stack = stackOf(error)
  const { where } = error.details
  if (stack === undefined || (where !== undefined && json)) return
  process.stderr.write(`${shown(where === undefined ? stack : `        stack: ${where}`)}\n`)
}
