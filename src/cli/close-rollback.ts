import { drawnWidth } from './width.ts'
import { rollbackPlanRows, rolledBackRows } from '../screen/rollback.ts'
import type { JournalEntry } from '../domain/journal/model.ts'
import type { PlanDocument } from '../domain/plan/document.ts'
import type { RollbackEnd } from '../flows/rollback/rollback.ts'
import { closeRun } from './end-with.ts'
import type { Session } from './session.ts'
import { forge, hintLine } from '../hint.ts'

/** What is shown before a rollback begins. */
export function showReturn({ plan, target }: { plan: PlanDocument; target: JournalEntry }): string[] {
  const width = drawnWidth(process.stderr)
  return ['', ...rollbackPlanRows(plan, target, { width, full: false, now: Date.now(), saved: undefined }), '']
}

/** Prints how a rollback ended, or what it would do, and sets the exit status. */
export function closeRollback(end: RollbackEnd, session: Session): RollbackEnd['report'] {
  const { report, error, plan, target, flags, seconds, restarted } = end
  return closeRun(report, error, session, () => {
    const { environment, deploy, outcome, remarks, notChecked: unseen = [] } = report
    if (outcome === 'planned' && plan !== undefined) {
      const next = `${'next'.padEnd(9)}${hintLine(forge('rollback', String(target.number), ...flags), session.here)}`
      return [...showReturn({ plan, target }).slice(1, -1), 'Nothing was written.', next]
    }
    const number = deploy ?? 0
    const history = hintLine(forge('history', String(number), ...flags), session.here)
    const unchanged = outcome === 'unchanged'
    const found = {
      number,
      target: target.number,
      environment,
      seconds,
      unchanged,
      restarted,
      remarks,
      history,
      unseen,
    }
    return rolledBackRows(found)
  })
}
