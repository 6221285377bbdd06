import type { ExportReport } from '../flows/export/export.ts'
import { program, again, hintLine } from '../hint.ts'
import { exportRows } from '../screen/export.ts'
import { nextRow } from '../screen/next-row.ts'
import type { Session } from './session.ts'

/** Exit status where files would change (docs/design.md). */
const DIFFERENCES = 10

/** Says which files changed, and what comes next. */
export function closeExport(
  report: ExportReport,
  { check, out }: { readonly check: boolean; readonly out: string },
  session: Session,
  print: (row: string) => void,
): ExportReport & { readonly next: string | null } {
  const { changed, removed } = report
  const differs = changed.length + removed.length > 0
  if (check && differs) process.exitCode = DIFFERENCES
  const next = differs ? (check ? again() : program('git', 'add', out)) : undefined
  for (const row of exportRows(report, { check, out })) print(row)
  if (next !== undefined && !check) print(nextRow(next, session.here))
  return { ...report, next: next === undefined || check ? null : hintLine(next, session.here) }
}
