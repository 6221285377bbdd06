import { drawnWidth } from './width.ts'
import type { JournalEntry } from '../domain/journal/model.ts'
import type { PlanDocument } from '../domain/plan/document.ts'
import type { MigrationEnd, MigrationPlanEnd, ValuesEnd } from '../flows/migrate/migrate.ts'
import type { RollbackEnd } from '../flows/rollback/rollback.ts'
import { againWithout, forge, hintLine } from '../hint.ts'
import { migratedRows, undoneRows, undoPlanRows } from '../screen/migration.ts'
import { foundValuesRows } from '../screen/found-values.ts'
import { lookFor } from './close-deploy.ts'
import { closePlan, type PlanOutput } from './close-plan.ts'
import { closeRun } from './end-with.ts'
import type { Session } from './session.ts'

/** Prints how a migration ended, and sets the exit status; the report is what `--json` prints. */
export function closeMigration(end: MigrationEnd, session: Session): MigrationEnd['report'] {
  const { report, error, seconds, restarted, carried } = end
  const { environment, deploy, remarks, outcome, backup, retired } = report
  return closeRun(report, error, session, () =>
    migratedRows({
      number: deploy ?? carried?.number ?? 0,
      ...{ environment, seconds, restarted, remarks, retired },
      unchanged: outcome === 'unchanged',
      adopted: report.adopted.length,
      look: lookFor(end),
      unseen: report.notChecked ?? [],
      backup: backup ?? undefined,
      undo: hintLine(forge('migrate-to-helm', '--undo', '--env', environment), session.here),
    }),
  )
}

export function closeMigrationPlan(
  end: MigrationPlanEnd,
  session: Session,
  { format, full, out }: Pick<PlanOutput, 'format' | 'full' | 'out'>,
): MigrationPlanEnd['report'] {
  const again = againWithout(['--dry-run', '--output', '-o', '--full'])
  const next = end.next ?? (out === undefined ? again : forge('migrate-to-helm', '--plan', out))
  return closePlan(end, session, { format, full, exitCode: false, out, next })
}

export function closeValues({ report, error }: ValuesEnd, session: Session): ValuesEnd['report'] {
  const { values, environment } = report
  return closeRun(report, error, session, () => {
    if (values === null) return []
    const next = againWithout(['--write-values', '--dry-run'], '--values', values.file)
    return foundValuesRows(values, environment, hintLine(next, session.here))
  })
}

/** What is shown before the old stack is given back. */
export function showUndo({ plan }: { plan: PlanDocument; target: JournalEntry }): string[] {
  const width = drawnWidth(process.stderr)
  return ['', ...undoPlanRows(plan, { width, full: false, now: Date.now(), saved: undefined }), '']
}

export function closeUndo(end: RollbackEnd, session: Session): RollbackEnd['report'] {
  const { report, error, plan, target, seconds, restarted } = end
  return closeRun(report, error, session, () => {
    const { environment, outcome, remarks, notChecked: unseen = [] } = report
    if (outcome !== 'planned' || plan === undefined)
      return undoneRows({ environment, seconds, remarks, restarted, unseen })
    const next = `${'next'.padEnd(9)}${hintLine(againWithout(['--dry-run']), session.here)}`
    return [...showUndo({ plan, target }).slice(1, -1), 'Nothing was written.', next]
  })
}
