import type { BackupEnd, BackupReport } from '../flows/backup-now.ts'
import { backupRows, wantedRows } from '../screen/backup.ts'
import { closeRun } from './end-with.ts'
import type { Session } from './session.ts'

/** What is shown before the question. */
export function showBackup(report: BackupReport): string[] {
  return wantedRows(report)
}

/** Prints what was made, or would be, and sets the exit status. */
export function closeBackup({ report, error }: BackupEnd, session: Session): BackupReport {
  return closeRun(report, error, session, () =>
    report.outcome === 'planned' ? [...wantedRows(report), 'Nothing was written.'] : backupRows(report),
  )
}
