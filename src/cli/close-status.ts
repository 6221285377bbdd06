import { drawnWidth } from './width.ts'
import { verdictBlock } from '../screen/closing.ts'
import { counted } from '../screen/counted.ts'
import { documentText, shownDocument } from '../screen/document-text.ts'
import { changedRows, statusRows } from '../screen/status.ts'
import type { StatusDocument } from '../domain/status/model.ts'
import type { Status } from '../flows/status/status.ts'
import { timeOf } from './plain-lines.ts'
import { redrawOn } from './redraw.ts'
import type { Session } from './session.ts'

const NOT_READY = 8

/** Prints the status and sets the exit status: 0 when all is ready, 8 when not. */
export function closeStatus({ document, log }: Status, session: Session, format: 'text' | 'json'): StatusDocument {
  if (!document.ready) process.exitCode = NOT_READY
  const components = document.stages.flatMap(({ workloads }) => workloads.map(({ name }) => name))
  session.saw(document.environment, { components: [...new Set(components)] })
  const { shown } = session.output
  if (session.json) return document
  const safe = shownDocument(document, shown)
  const text = format === 'json' ? documentText(document, shown) : shown(statusText(safe, log).join('\n'))
  process.stdout.write(`${text}\n`)
  return safe
}

export function statusText(document: StatusDocument, log: readonly string[]): string[] {
  const width = drawnWidth(process.stdout)
  return [...statusRows(document, { width, now: Date.now() }), ...verdictRows(document, log, width)]
}

function verdictRows({ verdict, stages }: StatusDocument, log: readonly string[], width: number): string[] {
  if (verdict === null) return []
  const workloads = stages.flatMap(({ workloads: some }) => some)
  const well = workloads.filter(({ state }) => state === 'ready').length
  const why = verdict.chain.join(' → ')
  const where = verdict.where ?? 'the cluster'
  const now = `${well} of ${counted(workloads.length, 'workload')} ready; status changes nothing`
  // Where nobody watches, a command is better copied from one line.
  return [
    ...(log.length === 0 ? [] : ['', ...log]),
    ...verdictBlock({ ...verdict, why, where, now }, process.stdout.isTTY ? width : undefined),
  ]
}

/** Shows each state of `forge status --watch`: redrawn on a terminal, else whole at first and then a line per change. */
export function statusView({ output }: Session): (document: StatusDocument) => void {
  const terminal = process.stdout.isTTY
  const draw = redrawOn(output.canvas(process.stdout))
  let shown: StatusDocument | undefined
  return (document) => {
    const safe = shownDocument(document, output.shown)
    const rows = shown === undefined || terminal ? statusText(safe, []) : changedRows(shown, safe).map(stamped)
    shown = safe
    if (terminal) draw(rows)
    else for (const row of rows) process.stdout.write(`${row}\n`)
  }
}

function stamped(row: string): string {
  return `${timeOf(new Date())} ${row}`
}
