import type { DeployState, JournalVerdict, NewEntry } from '../../domain/journal/model.ts'
import type { JsonMap } from '../../domain/values/model.ts'
import { requireUnmoved } from '../plan/moved.ts'
import { openJournal, type DeployRecord } from '../state/journal.ts'
import { acquireLease } from '../state/lease.ts'
import { pruneRevisions } from '../state/secret-revisions.ts'
import type { DeployContext, DeployPorts } from './context.ts'

/** One deploy that writes: the lock that it holds, and the journal entry that says how far it got. */
export interface Run {
  /** Aborts when the lock is lost: whoever took it may be writing. */
  readonly signal: AbortSignal
  /** Told around every step that changes something. */
  readonly record: DeployRecord
  /** Before a write that must not meet another deploy: proves that the lock is still held. */
  confirm(): Promise<void>
  /** Writes the end down, then forgets what no kept deploy refers to. Never throws: what was deployed is deployed. */
  finish(state: Exclude<DeployState, 'running'>, verdict?: JournalVerdict): Promise<void>
  close(): Promise<void>
}

/** Throws E_LOCKED (exit status 6) when somebody else deploys, E_PLAN_STALE when the plan no longer fits. The namespace must exist. */
export async function openRun(context: DeployContext, ports: DeployPorts): Promise<Run> {
  const { cluster, project } = context
  const { clock, signal, runner, codec, redactor } = ports
  const place = { project: project.name, namespace: project.environment.namespace }
  const note = (text: string): void => ports.say([text])
  const lease = await acquireLease({ cluster, clock, ...place, holder: runner, note }, signal)
  try {
    await requireUnmoved(context, ports)
    const journal = await openJournal({ cluster, clock, codec, redactor, ...place, floor: lease.lastDeploy }, signal)
    const record = await journal.begin(newEntry(context, ports), lease.signal)
    context.number = record.number
    await lease.deploy(record.number)
    const end = async (state: Exclude<DeployState, 'running'>, verdict: JournalVerdict | undefined): Promise<void> => {
      await record.finish(state, verdict)
      const kept = await journal.prune(record.entry, lease.signal)
      if (context.secretPlans.every(({ object }) => object === undefined)) return
      const live = new Map(context.secretPlans.map(({ name, revision }) => [name, revision]))
      await pruneRevisions({ cluster, ...place }, kept, live, lease.signal)
    }
    return {
      signal: lease.signal,
      record,
      confirm: async () => await lease.confirm(signal),
      async finish(state, verdict) {
        try {
          await end(state, verdict)
        } catch (error) {
          ports.say([
            `warning  the journal of #${record.number} could not be finished: ${error instanceof Error ? error.message : String(error)}`,
          ])
        }
      },
      close: async () => await lease.release(),
    }
  } catch (error) {
    await lease.release()
    throw error
  }
}

function newEntry({ project, works, secretPlans }: DeployContext, { runner }: DeployPorts): NewEntry {
  const { environment } = project
  return {
    environment: environment.name,
    command: runner.command,
    by: runner.identity,
    releases: works.map(({ release, history }) => {
      const before = history[0]?.revision
      return {
        name: release.name,
        namespace: release.namespace,
        ...(before === undefined ? {} : { revisionBefore: before }),
      }
    }),
    secrets: secretPlans.map(({ name, revision, revisionBefore }) => ({
      name,
      revision,
      ...(revisionBefore === undefined ? {} : { revisionBefore }),
    })),
    configuration: {
      releases: works.map(({ release, values }) => ({
        name: release.name,
        chart: release.chart.chart,
        ...(release.chart.version === undefined ? {} : { version: release.chart.version }),
        values: values as JsonMap,
        ...(release.schema === undefined ? {} : { schema: release.schema }),
      })),
      stages: project.stages,
      verify: project.verify,
    },
  }
}
