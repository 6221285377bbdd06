import { isLeavingHelm } from '../../domain/migrate/undo.ts'
import type { WriteSession } from '../apply/write-session.ts'
import type { Stopping } from '../step.ts'
import type { Applied } from '../phases/applied.ts'
import type { DeployPorts } from '../phases/ports.ts'

/** What Ctrl-C is answered with at once: helm and a rollback take their time, and whoever hears nothing presses it again. */
export function stoppingOf(
  context: Applied,
  { signal, leave }: Pick<DeployPorts, 'signal' | 'leave'>,
  session: Pick<WriteSession, 'record'> | undefined,
): Stopping {
  const words = (): string => {
    const { options, unchanged, liveEntry, releases } = context
    if (unchanged) return 'stopping: nothing was changed'
    if (leave.aborted) return 'stopping: everything stays as it is, and forge recover puts it right'
    if (session !== undefined && isLeavingHelm(session.record.entry))
      return "taking the last of Helm's marks off; Ctrl-C again leaves that to forge recover"
    if (!options.rollback) return 'stopping: what was deployed stays as it is'
    const moved = releases.filter(({ progress }) => progress.upgraded)
    if (moved.length > 0 && moved.every(({ before }) => before === undefined))
      return 'stopping: there is nothing to go back to, what was made stays'
    const target = liveEntry === undefined ? 'what ran before' : `#${liveEntry.number}`
    return `going back to ${target}; Ctrl-C again leaves it as it is`
  }
  return { signal, leave, words }
}
