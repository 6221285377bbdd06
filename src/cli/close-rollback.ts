import { rollbackPlanRows, rolledBackRows } from '../domain/screen/rollback.ts'
import type { JournalEntry } from '../domain/journal/model.ts'
import type { PlanDocument } from '../domain/plan/document.ts'
import type { RollbackEnd } from '../flows/rollback/rollback.ts'
import { ended } from '../flows/run-events.ts'
import { evidenceRow } from './close-deploy.ts'
import { endWith, failureRows } from './end-with.ts'
import type { Session } from './session.ts'
import { forge, hintLine } from '../hint.ts'

const WIDTH = 80

/** What is shown before a rollback begins. */
export function showReturn({ plan, target }: { plan: PlanDocument; target: JournalEntry }): string[] {
  const width = process.stderr.isTTY ? Math.max(process.stderr.columns, WIDTH) : WIDTH
  return ['', ...rollbackPlanRows(plan, target, { width, full: false, now: Date.now(), saved: undefined }), '']
}

/** Prints how a rollback ended, or what it would do, and sets the exit status. */
export function closeRollback(end: RollbackEnd, session: Session): RollbackEnd['report'] {
  const { report, error, plan, target, flags, seconds, restarted } = end
  endWith(error, session)
  session.events.tell(ended(report))
  if (session.json) return report
  const write = (stream: NodeJS.WriteStream, rows: readonly string[]): void =>
    void stream.write(`${rows.map((row) => session.output.shown(row)).join('\n')}\n`)
  if (error !== undefined) {
    write(process.stderr, [...failureRows(error, session), ...evidenceRow(report)])
  } else if (report.outcome === 'planned' && plan !== undefined) {
    const next = `${'next'.padEnd(9)}${hintLine(forge('rollback', String(target.number), ...flags), session.here)}`
    write(process.stdout, [...showReturn({ plan, target }).slice(1, -1), 'Nothing was written.', next])
  } else {
    const { environment, deploy, outcome } = report
    const unchanged = outcome === 'unchanged'
    const number = deploy ?? 0
    const history = hintLine(forge('history', String(number), ...flags), session.here)
    write(
      process.stdout,
      rolledBackRows({
        number,
        target: target.number,
        environment,
        seconds,
        unchanged,
        restarted,
        remarks: report.remarks,
        history,
        unseen: report.notChecked ?? [],
      }),
    )
  }
  return report
}
