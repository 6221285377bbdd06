import type { JournalEntry } from '../domain/journal/model.ts'
import { summaryOf, type DeploySummary } from '../domain/journal/report.ts'
import { ForgeError } from '../errors.ts'
import { forge } from '../hint.ts'
import { entryOf, entryReport, openHistory, type EntryReport, type HistoryCluster } from './history.ts'
import type { ScopePorts, ScopeRequest } from './state/scope.ts'

/** The `--json` result of `forge report`: what its page is made of. Its fields are public. */
export interface PageReport {
  readonly apiVersion: 'forge/v1'
  readonly command: 'report'
  readonly project: string
  readonly environment: string
  readonly namespace: string
  readonly deploy: DeploySummary
  readonly entry: EntryReport
  /** The page that was written; null: none. */
  readonly file: string | null
}

export interface DeployReported {
  readonly report: PageReport
  readonly entry: JournalEntry
  readonly summary: DeploySummary
}

/** One deploy, else the newest, from the journal alone. Throws E_DEPLOY_UNKNOWN for one that is not kept. */
export async function reportDeploy(
  request: ScopeRequest,
  number: number | undefined,
  ports: ScopePorts<{ readonly cluster: HistoryCluster }>,
): Promise<DeployReported> {
  const { scope, facts } = await openHistory(request, ports)
  const { project, namespace, environment, journal, flags, absent } = scope
  const [newest] = journal.entries
  const entry = number === undefined ? newest : entryOf(number, scope)
  if (entry === undefined) {
    const why = absent === undefined ? '' : `: ${absent}`
    const message = `nothing was deployed to ${environment}${why}`
    throw new ForgeError('E_DEPLOY_UNKNOWN', message, { hint: forge('deploy', ...flags), where: environment })
  }
  const summary = summaryOf(entry, facts)
  const report: PageReport = {
    apiVersion: 'forge/v1',
    command: 'report',
    ...{ project, environment, namespace, deploy: summary },
    entry: entryReport(entry, ports.here),
    file: null,
  }
  return { report, entry, summary }
}
