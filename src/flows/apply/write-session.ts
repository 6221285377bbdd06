import { hasAdopted } from '../../domain/migrate/undo.ts'
import type { JournalTimes } from '../../domain/journal/times.ts'
import { stateScope } from '../../domain/state-scope.ts'
import type { DeployState, JournalVerdict } from '../../domain/journal/model.ts'
import type { Guard } from '../../ports.ts'
import { requireUnmoved } from '../plan/stale-check.ts'
import { noteCame } from '../desire/restart-marks.ts'
import { openJournal, type DeployRecord, type Journal } from '../state/journal.ts'
import { forgetState } from '../legacy/state.ts'
import type { HeldLease } from '../state/lease.ts'
import { requireKnown } from '../state/require-known.ts'
import { pruneRevisions } from '../state/secret-revisions.ts'
import { cleanUp } from './clean-up.ts'
import type { Applied } from '../phases/applied.ts'
import type { DeployPorts } from '../phases/ports.ts'
import { deployBrought } from './brought-back.ts'
import { closeKilled } from '../state/killed-pauses.ts'
import { interruptedMeanwhile, lockFor } from './lock.ts'
import { readLeftOut } from '../observe/left-out.ts'
import { newEntry } from './new-entry.ts'
import type { StepReport } from '../step.ts'
import { inAnyCase } from '../in-any-case.ts'
import { notedTimes } from '../noted.ts'
import { bugOf, stackOf } from '../../errors.ts'
import { isExpected, unlessItFails } from '../../expected.ts'

/** One deploy that writes: the lock that it holds, and the journal entry that says how far it got. */
export interface WriteSession {
  /** Aborts when the lock is lost: whoever took it may be writing. */
  readonly signal: AbortSignal
  /** Notes each step that changes something, before and after it. */
  readonly record: DeployRecord
  /** Before a write that must not meet another deploy: proves that the lock is still held. A rollback has no `until`. */
  confirm(until?: AbortSignal): Promise<void>
  /** The same for each request of helm. A person's signal does not stop it: forge signals the helm process itself. */
  readonly guard: Guard
  /** Writes the end down, then forgets what no kept deploy refers to. Never throws: the deploy has ended by then. */
  finish(state: Exclude<DeployState, 'running'>, verdict?: JournalVerdict): Promise<void>
  close(): Promise<void>
}

/** What a phase writes through, under which lock and journal, and the step that tells of it. */
export interface Writer {
  readonly ports: DeployPorts
  readonly session: WriteSession
  readonly report: StepReport
}

/**
 * Throws E_LOCKED (exit status 6) when somebody else deploys, E_PLAN_STALE when the plan no longer fits. The namespace must
 * exist; `isNew`: this run has made it. `context`: the plan with its number, and with what was looked at once more under the lock.
 */
export async function openWriteSession<Plan extends Applied>(
  plan: Plan,
  ports: DeployPorts,
  isNew = false,
): Promise<{ readonly session: WriteSession; readonly context: Plan }> {
  const { cluster, project } = plan
  const { clock, signal, codec, redactor, events } = ports
  const scope = stateScope(project)
  const lease = plan.lease ?? (await lockFor(plan, ports, { refuseReleased: true }))
  try {
    // After a write an API server answers a list when its cache has caught up, up to 0.1 s later: one wait for all, and none
    // for what a namespace of this run's own cannot hold, as nobody had its lock before.
    const isEmpty = isNew && lease.lastDeploy === undefined
    const [journal, leftOut, live] = await Promise.all([
      openJournal({ cluster, clock, codec, redactor, events, ...scope, floor: lease.lastDeploy, isEmpty }, signal),
      readLeftOut(plan, signal),
      requireUnmoved(plan, ports, isEmpty),
    ])
    requireKnown(journal, scope, ['--env', project.environment.name])
    if (journal.interrupted !== undefined) throw interruptedMeanwhile(journal.interrupted, plan)
    await closeKilled(journal, lease)
    const seen = { ...plan, leftOut, live }
    const record = await journal.begin(await newEntry(seen, journal.entries, ports), lease.signal)
    const context = { ...seen, number: record.number }
    await lease.deploy(record.number)
    const session: WriteSession = {
      signal: lease.signal,
      record,
      confirm: async (until = signal) => await lease.confirm(until),
      guard: async () => await lease.confirm(lease.signal),
      async finish(state, verdict) {
        const unfinished = `warning  the journal of #${record.number} could not be finished`
        await finish({ context, journal, record, lease }, ports, state, verdict).catch((error: unknown) => {
          ports.say([`${unfinished}: ${isExpected(error) ? error.message : stackOf(bugOf(error))}`])
        })
      },
      close: async () => await lease.release(),
    }
    return { session, context }
  } catch (error) {
    await lease.release()
    throw error
  }
}

interface Finishing {
  readonly context: Applied
  readonly journal: Journal
  readonly record: DeployRecord
  readonly lease: HeldLease
}

async function finish(
  { context, journal, record, lease }: Finishing,
  ports: DeployPorts,
  state: Exclude<DeployState, 'running'>,
  verdict: JournalVerdict | undefined,
): Promise<void> {
  // What cannot be looked at restarts its pods in the next deploy: no reason to leave the journal open.
  if (state === 'deployed') await unlessItFails(noteCame(context, ports), (why) => ports.say([unseen(why)]))
  for (const { release, progress } of context.releases) {
    const { migrated, revisionAfter, left, came } = progress
    record.left(release.name, left)
    record.came(release.name, came)
    if (revisionAfter !== undefined) record.release(release.name, revisionAfter)
    if (migrated && release.schema !== undefined) record.database(release.name, release.schema)
  }
  record.brought(deployBrought(context))
  const { noted, stages, project } = context
  const mask = (text: string): string => ports.redactor.text(text)
  const times = async (): Promise<JournalTimes | undefined> =>
    await Promise.resolve(notedTimes(noted, stages, project.environment.namespace, mask))
  record.times(await inAnyCase(times(), ports, 'the end of the journal'))
  await record.finish(state, verdict)
  const isReached = state === 'deployed' || state === 'rolled-back'
  const forgotten = forget({ context, journal, record, lease }, ports, state)
  await Promise.all([forgotten, ...(isReached ? [cleanUp(context, lease.signal)] : [])])
}

/** What no kept deploy refers to. */
async function forget(
  { context, journal, record, lease }: Finishing,
  { codec }: Pick<DeployPorts, 'codec'>,
  state: DeployState,
): Promise<void> {
  const { cluster, project, secretPlans } = context
  const kept = await journal.prune(record.entry, lease.signal)
  const legacy = { cluster, codec, ...stateScope(project) }
  const over = state === 'uninstalled' ? journal.entries : journal.entries.filter((entry) => !kept.includes(entry))
  for (const { number } of over.filter(hasAdopted)) await forgetState({ ...legacy, deploy: number }, lease.signal)
  // What a newer forge's entry refers to is not known.
  if (journal.newer.length > 0) return
  if (secretPlans.every(({ object }) => object === undefined)) return
  const live = new Map(secretPlans.map(({ name, revision }) => [name, revision]))
  const scope = { cluster, ...stateScope(project) }
  await pruneRevisions(scope, kept, live, lease.signal)
}

function unseen({ message }: Error): string {
  return `warning  what pods have waited for could not be looked at (${message}): the next deploy restarts them`
}
