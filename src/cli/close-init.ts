import { showProblem } from '../domain/config/position.ts'
import type { ReleaseReport } from '../flows/init/from-release.ts'
import type { InitReport } from '../flows/init/init.ts'
import { forge, hintLine, sequence, type Hint } from '../hint.ts'
import { initRows } from '../screen/init.ts'
import { nextRow } from '../screen/next-row.ts'
import type { Session } from './session.ts'

/** With the command that comes next. */
export function closeInit(report: InitReport, session: Session, print: (row: string) => void): object {
  return closeWith(report, forge('deploy', '--env', 'sandbox'), session, print)
}

/** What gets the secrets, and the plan that shows that nothing changes. */
export function closeFromRelease(
  { fetch, ...report }: ReleaseReport,
  session: Session,
  print: (row: string) => void,
): object {
  const plan = forge('plan', '--env', report.environments[0] ?? '', '--adopt')
  return closeWith(report, fetch.length === 0 ? plan : sequence(...fetch, plan), session, print)
}

function closeWith(report: InitReport, next: Hint, { here }: Session, print: (row: string) => void): object {
  for (const row of [...initRows(report), nextRow(next, here)]) print(row)
  return { ...report, warnings: report.warnings.map(showProblem), next: hintLine(next, here) }
}
