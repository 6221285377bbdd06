import { stateScope } from '../../domain/state-scope.ts'
import type { JournalEntry } from '../../domain/journal/model.ts'
import { whatHappened } from '../../screen/recovery.ts'
import { ForgeError } from '../../errors.ts'
import { forge } from '../../hint.ts'
import { acquireLease, type HeldLease } from '../state/lease.ts'
import { unlessForbidden } from '../unless-forbidden.ts'
import type { Opened } from '../phases/opened.ts'
import type { DeployPorts } from '../phases/ports.ts'

/** The lock of the project in its namespace, which must exist. Throws E_LOCKED with its holder. */
export async function lockFor(
  { cluster, project, options }: Opened,
  { clock, runner, say, signal }: DeployPorts,
  { refuseReleased }: { readonly refuseReleased: boolean },
): Promise<HeldLease> {
  const scope = stateScope(project)
  const note = (text: string): void => say([text])
  const waitMs = options.waitForLockMs
  return await acquireLease({ cluster, clock, ...scope, holder: runner, note, waitMs, refuseReleased }, signal)
}

/**
 * `--wait-for-lock`: who queues takes the lock before anything is read, and keeps it. Else what it planned while another
 * deploy ran would be stale when its turn comes.
 */
export async function waitForLock(context: Opened, ports: DeployPorts): Promise<HeldLease | undefined> {
  if (context.options.waitForLockMs === undefined) return undefined
  const { cluster, project } = context
  const namespace = { apiVersion: 'v1', kind: 'Namespace', name: project.environment.namespace }
  const missing = await unlessForbidden(cluster.get(namespace, ports.signal).then((found) => found === undefined))
  // Where there is no namespace yet, nobody can hold a lock in it.
  return missing === true ? undefined : await lockFor(context, ports, { refuseReleased: false })
}

/** Somebody was killed between this run's plan and its lock. */
export function interruptedMeanwhile(entry: JournalEntry, { project }: Opened): ForgeError {
  const { name } = project.environment
  return new ForgeError(
    'E_PLAN_STALE',
    `another deploy was interrupted since the plan was made: ${whatHappened(entry)}`,
    {
      hint: forge('recover', '--env', name),
      where: `deploy #${entry.number}`,
    },
  )
}
