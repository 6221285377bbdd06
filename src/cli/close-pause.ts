import type { PauseEnd } from '../flows/pause/pause.ts'
import { forge, hintLine } from '../hint.ts'
import { pauseRows, pausedRows } from '../screen/pause.ts'
import { closeRun } from './end-with.ts'
import type { Session } from './session.ts'

/** What is shown before the question. */
export const showPause = pauseRows

/** Prints how a pause or a resumption ended, or what it would do, and sets the exit status. */
export function closePause({ report, error, flags }: PauseEnd, session: Session): PauseEnd['report'] {
  const next = forge(report.command === 'pause' ? 'resume' : 'status', ...flags)
  return closeRun(report, error, session, () => pausedRows(report, hintLine(next, session.here)))
}
