import type { DeployPorts } from '../phases/ports.ts'
import type { Stopping } from '../step.ts'
import { installed, type Removal } from './prepare.ts'

/** What Ctrl-C is answered with at once. helm is never cut off while it deletes, so a second one can do no more. */
export function stoppingUninstall(
  removals: readonly Removal[],
  { signal, leave }: Pick<DeployPorts, 'signal' | 'leave'>,
): Stopping {
  const words = (): string => {
    const next = removals.find(({ work }) => installed(work) && !work.progress.upgraded)?.work.release.name
    const now =
      next === undefined
        ? 'stopping: all releases are taken away, and what still goes is not waited for'
        : `stopping once helm has taken ${next} away: what is gone stays gone, the rest stays as it is`
    return leave.aborted ? now : `${now}; Ctrl-C again does not end it sooner`
  }
  return { signal, words }
}
