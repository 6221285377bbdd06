import { uninstalledRows, uninstallRows } from '../domain/screen/uninstall.ts'
import type { UninstallEnd } from '../flows/uninstall/uninstall.ts'
import { ended } from '../flows/run-events.ts'
import { endWith, failureRows } from './end-with.ts'
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
  endWith(error, session)
  session.events.tell(ended(report))
  if (session.json) return report
  const planned = [...uninstallRows(report, deleteData), 'Nothing was written.']
  const rows =
    error === undefined
      ? report.outcome === 'planned'
        ? planned
        : uninstalledRows(report, hintLine(forge('history', String(report.deploy ?? ''), ...flags), session.here))
      : failureRows(error, session)
  const stream = error === undefined ? process.stdout : process.stderr
  stream.write(`${session.output.shown(rows.join('\n'))}\n`)
  return report
}
