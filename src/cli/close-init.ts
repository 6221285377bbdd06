import { showProblem } from '../domain/config/position.ts'
import type { InitReport } from '../flows/init/init.ts'
import { forge, hintLine } from '../hint.ts'
import { initRows } from '../screen/init.ts'
import { nextRow } from '../screen/next-row.ts'
import type { Session } from './session.ts'

/** With the command that comes next. */
export function closeInit(report: InitReport, { here }: Session, print: (row: string) => void): object {
  const next = forge('deploy', '--env', 'sandbox')
  for (const row of [...initRows(report), nextRow(next, here)]) print(row)
  return { ...report, warnings: report.warnings.map(showProblem), next: hintLine(next, here) }
}
