import type { JournalEntry, JournalRelease, StepOutcome } from '../journal/model.ts'
import type { DeploySummary } from '../journal/report.ts'
import { shortImage } from '../plan/restarts.ts'
import { agoOf } from './ago.ts'
import { cut, formatSeconds } from './row.ts'
import { wrap } from './wrap.ts'

export interface HistoryScreen {
  readonly width: number
  /** Milliseconds of the wall clock. */
  readonly now: number
}

const COLUMNS = { number: 5, when: 15, who: 26, outcome: 16, took: 7 } as const
const INDENT = 7
const LABEL = 10

/** The table of `forge history`: one deploy a row, below it what it ran and what it changed. */
export function historyRows(deploys: readonly DeploySummary[], screen: HistoryScreen): string[] {
  const head = columns(['', '#', 'WHEN', 'WHO', 'OUTCOME', 'TOOK'], screen)
  return [head, ...deploys.flatMap((deploy) => deployRows(deploy, screen))]
}

function deployRows(deploy: DeploySummary, screen: HistoryScreen): string[] {
  const { number, live, startedAt, by, seconds, releases, verdict } = deploy
  const when = agoOf(screen.now - Date.parse(startedAt))
  const took = seconds === null ? '' : formatSeconds(seconds)
  const first = columns([live ? '*' : '', String(number), when, by, outcomeOf(deploy), took], screen)
  const moved = releases.map((one) => revisions(one.name, one.revisionBefore, one.revisionAfter))
  const charts = releases.flatMap(({ chart }) => (chart === null ? [] : [chartOf(chart)]))
  const images = releases.flatMap((one) => one.images).map(imageOf)
  const runs = [...moved, ...new Set(charts), ...new Set(images)].join(', ')
  const told = verdict === null ? deploy.changes : `${verdict.code}  ${verdict.message}`
  return [first, ...[runs, told ?? ''].filter((text) => text !== '').map((text) => below(text, screen))]
}

type Columns = readonly [mark: string, number: string, when: string, who: string, outcome: string, took: string]

function columns([mark, number, when, who, outcome, took]: Columns, { width }: HistoryScreen): string {
  const { number: n, when: w, who: h, outcome: o, took: t } = COLUMNS
  const left = `${mark.padEnd(1)}${number.padStart(n - 1)}  ${fit(when, w)} ${fit(who, h)} ${fit(outcome, o)}`
  return cut(`${left} ${took.padStart(t)}`, width).trimEnd()
}

function fit(text: string, width: number): string {
  return cut(text, width).padEnd(width)
}

function below(text: string, { width }: HistoryScreen): string {
  return `${' '.repeat(INDENT)}${cut(text, width - INDENT)}`
}

function outcomeOf({ state, target }: Pick<DeploySummary, 'state' | 'target'>): string {
  return target === null ? state : `${state} #${target}`
}

function revisions(name: string, before: number | null, after: number | null): string {
  if (after === null) return before === null ? name : `${name} ${before}`
  return before === null ? `${name} ${after}` : `${name} ${before} → ${after}`
}

function chartOf({ name, version, appVersion }: NonNullable<JournalRelease['chart']>): string {
  return `${name} ${version}${appVersion === undefined ? '' : ` (app ${appVersion})`}`
}

/** `api-forge-app@1f3c9a2e`: the repository's last part, and what tells two builds apart. */
function imageOf(ref: string): string {
  const name = (ref.split('@')[0] ?? ref).split('/').at(-1) ?? ref
  const short = shortImage(ref)
  return short === ref || name.endsWith(`:${short}`) ? name : `${name.split(':')[0] ?? name}@${short}`
}

/** `forge history 42`: all that the journal knows of one deploy. */
export function entryRows(entry: JournalEntry, summary: DeploySummary, { width, now }: HistoryScreen): string[] {
  const began = `${entry.startedAt.slice(0, 19).replace('T', ' ')} UTC (${agoOf(now - Date.parse(entry.startedAt))}), ${entry.by}`
  const took = summary.seconds === null ? '' : `, took ${formatSeconds(summary.seconds)}`
  const label = (name: string, texts: readonly string[]): string[] =>
    texts
      .filter((text) => text !== '')
      .flatMap((text) => wrap(text, width - LABEL))
      .map((text, at) => `${(at === 0 ? name : '').padEnd(LABEL)}${text}`)
  return [
    `#${entry.number}  ${outcomeOf(summary)}   ${entry.project} → ${entry.environment}   namespace ${entry.namespace}`,
    '',
    ...label('began', [`${began}${took}`]),
    ...label('command', [entry.command]),
    ...label(
      'releases',
      summary.releases.map(({ name, revisionBefore, revisionAfter, chart }) =>
        [revisions(name, revisionBefore, revisionAfter), ...(chart === null ? [] : [chartOf(chart)])].join('   '),
      ),
    ),
    ...label('images', [...new Set(summary.releases.flatMap(({ images }) => images))]),
    ...label(
      'secrets',
      summary.secrets.map(
        ({ name, revisionBefore, revision }) =>
          `${name} r${revision}${revisionBefore === null ? ' (new)' : revisionBefore === revision ? '' : `, before r${revisionBefore}`}`,
      ),
    ),
    ...label('changed', [entry.changes ?? '']),
    ...label('deleted', entry.deleted ?? []),
    ...stepRows(entry, width),
    ...verdictRows(entry, label),
  ]
}

const MARKS = { running: '·', done: '✔', skipped: '–', failed: '✖' } as const satisfies Record<StepOutcome, string>

function stepRows({ steps }: JournalEntry, width: number): string[] {
  const widest = Math.max(0, ...steps.map(({ name }) => name.length))
  const rows = steps.map(({ name, outcome, startedAt, endedAt, detail = '' }) => {
    const took = endedAt === undefined ? '' : formatSeconds((Date.parse(endedAt) - Date.parse(startedAt)) / 1000)
    return cut(
      `${MARKS[outcome]} ${name.padEnd(widest)}  ${startedAt.slice(11, 19)}  ${took.padStart(7)}  ${detail}`.trimEnd(),
      width,
    )
  })
  return rows.length === 0 ? [] : ['', ...rows]
}

function verdictRows(
  { number, verdict }: JournalEntry,
  label: (name: string, texts: readonly string[]) => string[],
): string[] {
  if (verdict === undefined) return []
  const { code, message, chain, where, hint, log } = verdict
  return [
    '',
    ...label('verdict', [message, code]),
    ...label('why', [chain.join(' → ')]),
    ...label('where', [where ?? '']),
    // After a rollback the hint leads here.
    ...label('next', [hint.startsWith(`forge history ${number} `) ? '' : hint]),
    ...(log.length === 0 ? [] : ['', ...log.map((line) => `  │ ${line}`)]),
  ]
}
