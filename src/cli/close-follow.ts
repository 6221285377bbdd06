import { wantedText } from '../domain/gitops/revision.ts'
import type { FollowEnd } from '../flows/gitops/follow.ts'
import { forge, hintLine } from '../hint.ts'
import { followedRows } from '../screen/followed.ts'
import { closeRun } from './end-with.ts'
import type { Session } from './session.ts'

/** Prints how a revision was applied, and sets the exit status. */
export function closeFollow({ report, error, seconds, flags }: FollowEnd, session: Session): FollowEnd['report'] {
  return closeRun(report, error, session, () =>
    followedRows({
      ...report,
      seconds,
      revision: wantedText({ hex: report.revision }),
      next: hintLine(forge('status', ...flags), session.here),
    }),
  )
}
