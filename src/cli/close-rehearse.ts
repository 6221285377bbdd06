import { nextAfter } from '../domain/rehearsal/next.ts'
import { hintLine } from '../hint.ts'
import type { RehearsalEnd, RehearsalReport } from '../flows/rehearse/rehearse.ts'
import { rehearsalRows } from '../screen/rehearsal.ts'
import { ended, endWith, failureRows } from './end-with.ts'
import type { Session } from './session.ts'
import { widthOf } from './width.ts'

/** Where nobody watches. */
const PLAIN = 120

/** Prints what was found, also where something would go wrong, and sets the exit status. */
export function closeRehearsal({ report, error, isManaged }: RehearsalEnd, session: Session): RehearsalReport {
  endWith(error, session)
  session.events.tell(ended(report))
  if (session.json) return report
  const { here, output } = session
  const { rehearsal, environment } = report
  if (rehearsal === null) {
    if (error !== undefined) process.stderr.write(`${failureRows(error, session).join('\n')}\n`)
    return report
  }
  const next = hintLine(nextAfter(rehearsal, environment, isManaged), here)
  const width = widthOf(process.stdout)
  const rows = rehearsalRows({ ...report, ...rehearsal, next }, width ?? PLAIN, width ?? Number.POSITIVE_INFINITY)
  process.stdout.write(`${rows.map(output.shown).join('\n')}\n`)
  return report
}
