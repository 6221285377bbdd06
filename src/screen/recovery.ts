import { keptText } from '../domain/definitions/written.ts'
import type { JournalEntry } from '../domain/journal/model.ts'
import { agoOf } from './ago.ts'
import { operationText, reasonText } from './operation.ts'
import { wrap } from './wrap.ts'
import type { ForeignPending, RecoveryAction, RecoveryPlan } from '../domain/recovery/model.ts'

/** `helm upgrade app`, `after secrets`, `before its first change`: how far an interrupted deploy got. */
export function stoppedAt({ steps }: JournalEntry): string {
  const cut = steps.findLast(({ outcome }) => outcome === 'running' || outcome === 'failed')
  if (cut !== undefined) return `at ${operationText(cut.operation)}`
  const last = steps.findLast(({ outcome }) => outcome === 'done')
  return last === undefined ? 'before its first change' : `after ${operationText(last.operation)}`
}

/** `#43 of ops@ci was killed at helm upgrade app, 4 minutes ago: forge deploy --env prod` */
export function whatHappened(entry: JournalEntry, now?: number): string {
  const { number, by, state, command, startedAt, endedAt } = entry
  const how = state === 'interrupted' ? 'was stopped' : 'was killed'
  const since = (text: string): string => (now === undefined ? text : agoOf(now - Date.parse(text)))
  const when = endedAt === undefined ? `begun ${since(startedAt)}` : since(endedAt)
  return `#${number} of ${by} ${how} ${stoppedAt(entry)}, ${when}: ${command}`
}

export function actionText(action: RecoveryAction): string {
  switch (action.kind) {
    case 'wait':
      return `wait for the end of ${action.jobs.join(', ')}`
    case 'settle':
      return `${action.release} revision ${action.revision} from ${action.status} to failed`
    case 'roll-back':
      return `${action.release} from revision ${action.from} back to ${action.to}`
    case 'give-back':
      return `objects of ${action.release} back to ${action.to.join(', ')}`
    case 'restore-secret':
      return `secret ${action.secret} from r${action.from} back to r${action.to}`
  }
}

const LABEL = 8

export interface RecoveryScreen {
  /** Milliseconds since 1970. */
  readonly now: number
  /** Undefined: no terminal, nothing is wrapped. */
  readonly width: number | undefined
  /** Applied before: a secret that is broken in two would not be known any more. */
  readonly mask: (text: string) => string
}

/** What is found and what will be done about it, as `forge recover` shows it before it begins. */
export function recoveryRows(
  entry: JournalEntry | undefined,
  { actions, end, definitions = [] }: RecoveryPlan,
  live: number | undefined,
  { now, width = Number.POSITIVE_INFINITY, mask }: RecoveryScreen,
): string[] {
  const fit = (text: string, indent = ''): string[] =>
    wrap(mask(text), width - LABEL - indent.length).map((line) => `${indent}${line}`)
  const does = actions.flatMap((action) => [...fit(actionText(action)), ...fit(reasonText(action.because), '  ')])
  const after = {
    deployed: `#${entry?.number ?? 0} is complete and ready: written down as deployed`,
    restored: running(live),
    stays: 'what it made stays: nothing was deployed before',
    forward: 'what it made stays: what ran before cannot read the schema that the database has now',
    uninstalled: 'all releases are gone: written down as uninstalled',
    partly: 'what it took away stays away: deploy to make it again, or uninstall the rest',
    left: 'what it made stays as it is (--leave): the next deploy goes forward from it',
  }
  return [
    ...(entry === undefined ? [] : labelled('found', fit(whatHappened(entry, now)))),
    ...labelled('do', does.length === 0 ? fit('nothing in the cluster has to change') : does),
    ...labelled('then', fit(after[end])),
    ...labelled(
      'stays',
      definitions.flatMap((one) => fit(keptText(one))),
    ),
  ]
}

export function foreignText({ release, revision, status }: ForeignPending): string {
  return `release ${release} is ${status} at revision ${revision}, and no deploy of forge accounts for it: somebody runs helm, or ran it and was killed`
}

function running(live: number | undefined): string {
  return live === undefined ? 'what ran before runs again' : `#${live} runs again`
}

function labelled(label: string, lines: readonly string[]): string[] {
  return lines.map((line, at) => `${(at === 0 ? label : '').padEnd(LABEL)}${line}`)
}
