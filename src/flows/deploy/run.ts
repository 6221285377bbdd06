import type { DeployState, JournalEntry, JournalVerdict } from '../../domain/journal/model.ts'
import type { Guard } from '../../ports.ts'
import { requireUnmoved } from '../plan/moved.ts'
import { noteCame } from '../plan/restart-marks.ts'
import { openJournal, type DeployRecord } from '../state/journal.ts'
import { requireKnown } from '../state/require-known.ts'
import { pruneRevisions } from '../state/secret-revisions.ts'
import { cleanUp } from './clean-up.ts'
import type { DeployContext, DeployPorts } from './context.ts'
import { interruptedMeanwhile, lockFor } from './lock.ts'
import { readLeftOut } from './left-out.ts'
import { newEntry } from './new-entry.ts'
import { bugOf, stackOf } from '../../errors.ts'
import { isExpected, unlessItFails } from '../../expected.ts'

/** One deploy that writes: the lock that it holds, and the journal entry that says how far it got. */
export interface Run {
  /** Aborts when the lock is lost: whoever took it may be writing. */
  readonly signal: AbortSignal
  /** Told around every step that changes something. */
  readonly record: DeployRecord
  /** Before a write that must not meet another deploy: proves that the lock is still held. A rollback has no `until`. */
  confirm(until?: AbortSignal): Promise<void>
  /** The same for all that helm sends; a person's signal does not end it: what ends helm is said to helm. */
  readonly guard: Guard
  /** Writes the end down, then forgets what no kept deploy refers to. Never throws: what was deployed is deployed. */
  finish(state: Exclude<DeployState, 'running'>, verdict?: JournalVerdict): Promise<void>
  close(): Promise<void>
}

/**
 * Throws E_LOCKED (exit status 6) when somebody else deploys, E_PLAN_STALE when the plan no longer fits. The namespace must
 * exist; `isNew`: this run has made it.
 */
export async function openRun(context: DeployContext, ports: DeployPorts, isNew = false): Promise<Run> {
  const { cluster, project } = context
  const { clock, signal, codec, redactor, events } = ports
  const place = { project: project.name, namespace: project.environment.namespace }
  const lease = context.lease ?? (await lockFor(context, ports, { refuseReleased: true }))
  try {
    // After a write an API server answers a list when its cache has caught up, up to 0.1 s later: one wait for all, and none
    // for what a namespace of this run's own cannot hold, as nobody had its lock before.
    const isEmpty = isNew && lease.lastDeploy === undefined
    const [journal, leftOut] = await Promise.all([
      openJournal({ cluster, clock, codec, redactor, events, ...place, floor: lease.lastDeploy, isEmpty }, signal),
      readLeftOut(context, signal),
      requireUnmoved(context, ports, isEmpty),
    ])
    requireKnown(journal, place, ['--env', project.environment.name])
    context.leftOut = leftOut
    if (journal.interrupted !== undefined) throw interruptedMeanwhile(journal.interrupted, context)
    const record = await journal.begin(await newEntry(context, journal.entries, ports), lease.signal)
    context.number = record.number
    await lease.deploy(record.number)
    const end = async (state: Exclude<DeployState, 'running'>, verdict: JournalVerdict | undefined): Promise<void> => {
      // What cannot be looked at restarts its pods in the next deploy: no reason to leave the journal open.
      if (state === 'deployed') await unlessItFails(noteCame(context, ports), (why) => ports.say([unseen(why)]))
      for (const { release, migrated, revisionAfter, left, came } of context.works) {
        record.left(release.name, left)
        record.came(release.name, came)
        if (revisionAfter !== undefined) record.release(release.name, revisionAfter)
        if (migrated === true && release.schema !== undefined) record.database(release.name, release.schema)
      }
      record.brought(context.brought)
      await record.finish(state, verdict)
      const isReached = state === 'deployed' || state === 'rolled-back'
      await Promise.all([forget(record.entry), ...(isReached ? [cleanUp(context, lease.signal)] : [])])
    }
    const forget = async (entry: JournalEntry): Promise<void> => {
      const kept = await journal.prune(entry, lease.signal)
      // What a newer forge's entry refers to is not known.
      if (journal.newer.length > 0) return
      if (context.secretPlans.every(({ object }) => object === undefined)) return
      const live = new Map(context.secretPlans.map(({ name, revision }) => [name, revision]))
      await pruneRevisions({ cluster, ...place }, kept, live, lease.signal)
    }
    return {
      signal: lease.signal,
      record,
      confirm: async (until = signal) => await lease.confirm(until),
      guard: async () => await lease.confirm(lease.signal),
      async finish(state, verdict) {
        const unfinished = `warning  the journal of #${record.number} could not be finished`
        await end(state, verdict).catch((error: unknown) => {
          ports.say([`${unfinished}: ${isExpected(error) ? error.message : stackOf(bugOf(error))}`])
        })
      },
      close: async () => await lease.release(),
    }
  } catch (error) {
    await lease.release()
    throw error
  }
}

function unseen({ message }: Error): string {
  return `warning  what pods have waited for could not be looked at (${message}): the next deploy restarts them`
}
