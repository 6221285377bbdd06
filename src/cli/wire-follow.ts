import { commitsOf } from '../adapters/files/commits.ts'
import type { FollowPorts } from '../flows/gitops/ports.ts'
import type { EvidenceStore } from '../ports.ts'
import { screenFor, sayTo } from './screen.ts'
import type { Session } from './session.ts'
import { wireState } from './wire-state.ts'

export function wireFollow(session: Session, evidence: EvidenceStore): FollowPorts {
  const say = sayTo(session)
  return {
    ...wireState(session),
    leave: session.leave,
    screen: screenFor(session),
    events: session.events,
    say: (lines) => say(lines.join('\n')),
    evidence,
    commits: (dir) => commitsOf(dir, session.signal),
  }
}
