import { uninstalledRows, uninstallRows } from '../screen/uninstall.ts'
import type { UninstallEnd } from '../flows/uninstall/uninstall.ts'
import { closeRun } from './end-with.ts'
import type { Session } from './session.ts'
import { forge, hintLine } from '../hint.ts'

/** What is shown before the question. */
export const showUninstall = uninstallRows

/** Prints how an uninstallation ended, or what it would do, and sets the exit status. */
export function closeUninstall(
  { report, error, flags }: UninstallEnd,
  deleteData: boolean,
  session: Session,
): UninstallEnd['report'] {
  return closeRun(report, error, session, () =>
    report.outcome === 'planned'
      ? [...uninstallRows(report, deleteData), 'Nothing was written.']
      : uninstalledRows(report, hintLine(forge('history', String(report.deploy ?? ''), ...flags), session.here)),
  )
}
