import type { RehearsalEnd, RehearsalReport } from '../flows/rehearse/rehearse.ts'
import { rehearsalRows } from '../screen/rehearsal.ts'
import { ended, endWith, failureRows } from './end-with.ts'
import type { Session } from './session.ts'
import { fit, widthOf } from './width.ts'

/** Prints what was found, also where something would go wrong, and sets the exit status. */
export function closeRehearsal({ report, error }: RehearsalEnd, session: Session): RehearsalReport {
  endWith(error, session)
  session.events.tell(ended(report))
  if (session.json) return report
  const { rehearsal, environment } = report
  const { shown } = session.output
  if (rehearsal !== null) {
    const rows = rehearsalRows(rehearsal, { environment, width: widthOf(process.stdout) }, session.here)
    process.stdout.write(`${fit(rows.map(shown), process.stdout)}\n`)
  }
  if (error !== undefined) process.stderr.write(`${failureRows(error, session).join('\n')}\n`)
  return report
}
