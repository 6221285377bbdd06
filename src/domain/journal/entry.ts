import { bugOf } from '../../errors.ts'
import type { Redactor } from '../redact/redactor.ts'
import { publicCommand } from './command.ts'
import type { DeployState, JournalEntry, JournalRelease, JournalStep, JournalVerdict, NewEntry } from './model.ts'
import { isSameOperation, type Reason } from './operation.ts'
import type { StateScope } from '../state-scope.ts'
import { redactedPlan, redactedTimes } from './redacted-times.ts'

const LOG_LINES = 50

export interface EntryScope extends StateScope {
  readonly number: number
}

/** Times are milliseconds of the wall clock. */
export function begun(start: NewEntry, scope: EntryScope, now: number): JournalEntry {
  return { ...start, ...scope, state: 'running', startedAt: isoTime(now), steps: [] }
}

/** A step is known by what it does: first that it runs, later how it ended. */
export function withStep(
  entry: JournalEntry,
  { operation, outcome, because }: Pick<JournalStep, 'operation' | 'outcome' | 'because'>,
  now: number,
): JournalEntry {
  const known = entry.steps.findLast((one) => one.endedAt === undefined && isSameOperation(one.operation, operation))
  const reason = because ?? known?.because
  const told: JournalStep = {
    operation,
    outcome,
    startedAt: known?.startedAt ?? isoTime(now),
    ...(outcome === 'running' ? {} : { endedAt: isoTime(now) }),
    ...(reason === undefined ? {} : { because: reason }),
  }
  const steps = known === undefined ? [...entry.steps, told] : entry.steps.map((one) => (one === known ? told : one))
  return { ...entry, steps }
}

export function withRelease(
  entry: JournalEntry,
  name: string,
  facts: Partial<Pick<JournalRelease, 'revisionAfter' | 'left' | 'database' | 'came' | 'definitions'>>,
): JournalEntry {
  return { ...entry, releases: entry.releases.map((one) => (one.name === name ? { ...one, ...facts } : one)) }
}

/** Steps that still run ended with the deploy: failed, unless it reached its goal. */
export function finished(
  entry: JournalEntry,
  state: Exclude<DeployState, 'running'>,
  verdict: JournalVerdict | undefined,
  now: number,
): JournalEntry {
  const endedAt = isoTime(now)
  const outcome = ['deployed', 'rolled-back', 'uninstalled', 'paused', 'resumed'].includes(state) ? 'done' : 'failed'
  return {
    ...entry,
    state,
    endedAt,
    steps: entry.steps.map((step) => (step.outcome === 'running' ? { ...step, outcome, endedAt } : step)),
    ...(verdict === undefined ? {} : { verdict: { ...verdict, log: verdict.log.slice(-LOG_LINES) } }),
  }
}

/** What went wrong, in the journal's words. A bug in forge has a code of its own. */
export function verdictOf(thrown: unknown, log: readonly string[] = []): JournalVerdict {
  const error = bugOf(thrown)
  const { chain, where } = error.details
  return {
    code: error.code,
    message: error.message,
    chain: chain ?? [],
    ...(where === undefined ? {} : { where }),
    ...(error.hint.kind === 'again' ? {} : { hint: error.hint }),
    log: log.length > 0 ? log : (error.details.log ?? []),
  }
}

/**
 * Masks secret values in all that people wrote or programs printed. Names (releases, stages, workloads) stay: a weak
 * password such as `postgres` must not make the entry useless for a rollback, and names are in forge.yaml anyway.
 */
export function redacted(entry: JournalEntry, redactor: Pick<Redactor, 'text' | 'json'>): JournalEntry {
  const { configuration, verdict } = entry
  return {
    ...entry,
    command: redactor.text(publicCommand(entry.command)),
    ...(entry.changes === undefined ? {} : { changes: redactor.text(entry.changes) }),
    configuration: {
      ...configuration,
      releases: configuration.releases.map((release) => ({ ...release, values: redactor.json(release.values) })),
      verify: configuration.verify.map((check) => ({ ...check, path: redactor.text(check.path) })),
    },
    steps: entry.steps.map(({ because, ...step }) =>
      because === undefined ? step : { ...step, because: redactedReason(because, redactor) },
    ),
    ...(verdict === undefined ? {} : { verdict: { ...redactor.json(verdict), code: verdict.code } }),
    ...(entry.planned === undefined ? {} : { planned: redactedPlan(entry.planned, redactor) }),
    ...(entry.times === undefined ? {} : { times: redactedTimes(entry.times, redactor) }),
    ...(entry.evidence === undefined ? {} : { evidence: redactor.text(entry.evidence) }),
  }
}

/** All others hold names. */
function redactedReason(reason: Reason, redactor: Pick<Redactor, 'text'>): Reason {
  return reason.kind === 'told' ? { kind: 'told', text: redactor.text(reason.text) } : reason
}

/** Smaller forms of an entry, tried in this order when it does not fit into a Secret. */
export function smallerForms(entry: JournalEntry): JournalEntry[] {
  const { verdict, configuration } = entry
  const brief = withoutReport(entry)
  const short: JournalEntry = {
    ...brief,
    ...(verdict === undefined ? {} : { verdict: { ...verdict, log: [] } }),
    omitted: ['log'],
  }
  const releases = configuration.releases.map((release) => ({ ...release, values: {} }))
  return [brief, short, { ...short, configuration: { ...configuration, releases }, omitted: ['values', 'log'] }]
}

/** What only a reader wants goes first. */
function withoutReport({ planned: _planned, times, ...entry }: JournalEntry): JournalEntry {
  if (times === undefined) return entry
  const { steps, workloads, more = 0 } = times
  return { ...entry, times: { steps, workloads: [], more: workloads.length + more } }
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString()
}
