import { holderOf } from '../domain/lease/lease.ts'
import type { JournalEntry } from '../domain/journal/model.ts'
import type { NewerEntry } from '../domain/journal/newer.ts'
import { keptRange } from '../domain/journal/retention.ts'
import { summaryOf, type DeploySummary } from '../domain/journal/report.ts'
import { operationText, stepDetail } from '../screen/operation.ts'
import { ForgeError } from '../errors.ts'
import { forge, hintLine, type HintPlace } from '../hint.ts'
import type { ClusterReader } from '../ports.ts'
import { readLease } from './state/lease.ts'
import type { LeaseCluster } from './state/lease-claim.ts'
import { unreadText } from './state/journal.ts'
import { openScope, type OpenScope, type ScopeCluster, type ScopePorts, type ScopeRequest } from './state/scope.ts'

/** The `--json` result of `forge history`. Its fields are public. */
export interface HistoryReport {
  readonly apiVersion: 'forge/v1'
  readonly command: 'history'
  readonly project: string
  readonly environment: string
  readonly namespace: string
  /** The deploy whose state runs now. */
  readonly live: number | null
  /** Newest first. */
  readonly deploys: readonly DeploySummary[]
  /** Numbers of entries that this version of forge cannot read. */
  readonly unreadable: readonly number[]
  /** Those that a newer one can; left out where there are none. `needs`: the oldest that can. */
  readonly newer?: readonly NewerEntry[]
  /** Where `--web` has written the pages; left out where none were. */
  readonly folder?: string
}

/** One entry in full, as `--json` tells it. */
export type EntryReport = Omit<JournalEntry, 'steps' | 'unknown'> & {
  readonly v: 1
  readonly steps: readonly (Omit<JournalEntry['steps'][number], 'because'> & {
    readonly name: string
    readonly detail?: string
  })[]
}

export interface DeployHistory {
  readonly report: HistoryReport & { readonly entry?: EntryReport }
  readonly entry: JournalEntry | undefined
  /** Those of `report.deploys`, in the same order. */
  readonly shown: readonly JournalEntry[]
  /** That the namespace does not exist. */
  readonly absent: string | undefined
  /** How a command line names this scope. */
  readonly flags: readonly string[]
}

export type HistoryCluster = ScopeCluster & LeaseCluster & Pick<ClusterReader, 'context'>

/** The journal, and which of its deploys is live, and which is under way. */
export async function openHistory(
  request: ScopeRequest,
  ports: ScopePorts<{ readonly cluster: HistoryCluster }>,
): Promise<{
  readonly scope: OpenScope<{ readonly cluster: HistoryCluster }>
  readonly facts: Parameters<typeof summaryOf>[1]
}> {
  const scope = await openScope(request, ports)
  const { project, namespace, journal, connected } = scope
  const lease = await readLease({ cluster: connected.cluster, project, namespace }, ports.signal)
  return { scope, facts: { live: journal.live?.number, held: holderOf(lease)?.deploy } }
}

/** What was deployed, from the journal alone. Throws E_DEPLOY_UNKNOWN for a number that is not kept. */
export async function history(
  request: ScopeRequest,
  number: number | undefined,
  ports: ScopePorts<{ readonly cluster: HistoryCluster }>,
): Promise<DeployHistory> {
  const { scope, facts } = await openHistory(request, ports)
  const { project, namespace, environment, journal, flags, absent } = scope
  const entry = number === undefined ? undefined : entryOf(number, scope)
  const all = [...journal.entries, ...journal.pauses].toSorted((one, other) => other.number - one.number)
  const shown = entry === undefined ? all : [entry]
  const report: HistoryReport = {
    apiVersion: 'forge/v1',
    command: 'history',
    project,
    environment,
    namespace,
    live: facts.live ?? null,
    deploys: shown.map((one) => summaryOf(one, facts)),
    unreadable: journal.unreadable,
    ...(journal.newer.length === 0 ? {} : { newer: journal.newer }),
  }
  const told = entry === undefined ? {} : { entry: entryReport(entry, ports.here) }
  return { report: { ...report, ...told }, entry, shown, absent, flags }
}

/** Words stand beside the data, and the command that helps is a line, as in all reports. */
export function entryReport(
  { unknown: _unknown, steps, verdict, ...entry }: JournalEntry,
  here: HintPlace,
): EntryReport {
  const hint = verdict?.hint
  return {
    v: 1,
    ...entry,
    steps: steps.map(({ because, ...step }) => {
      const detail = stepDetail(step.operation, because)
      return { name: operationText(step.operation), ...step, ...(detail === '' ? {} : { detail }) }
    }),
    ...(verdict === undefined
      ? {}
      : {
          verdict:
            hint === undefined || typeof hint === 'string' ? verdict : { ...verdict, hint: hintLine(hint, here) },
        }),
  }
}

/** Throws E_DEPLOY_UNKNOWN. */
export function entryOf(number: number, { journal, flags, environment }: OpenScope<unknown>): JournalEntry {
  const found = [...journal.entries, ...journal.pauses].find((one) => one.number === number)
  if (found !== undefined) return found
  const message = journal.unreadable.includes(number)
    ? unreadText(number, journal)
    : `${environment} has no deploy #${number}: ${keptRange(journal.entries)}`
  throw new ForgeError('E_DEPLOY_UNKNOWN', message, { hint: forge('history', ...flags), where: `#${number}` })
}
