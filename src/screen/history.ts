import { checkoutText } from '../domain/config/checkout.ts'
import type { JournalEntry, JournalRelease, StepOutcome } from '../domain/journal/model.ts'
import type { DeploySummary } from '../domain/journal/report.ts'
import { shortImage } from '../domain/plan/restarts.ts'
import { agoOf } from './ago.ts'
import { keptText } from './backup.ts'
import { operationText, stepDetail } from './operation.ts'
import { counted } from './counted.ts'
import { cut, formatSeconds, oneLine } from './row.ts'
import { wrap, wrapCommand } from './wrap.ts'
import { hintLine, type Hint, type HintPlace } from '../hint.ts'
import { headRow } from './head.ts'

export interface HistoryScreen {
  readonly width: number
  /** Where the reader is: the commands that an entry names are meant from here. */
  readonly here: HintPlace
  /** Milliseconds of the wall clock. */
  readonly now: number
}

const INDENT = 7
const LABEL = 10
const NARROWEST_WHO = 12

/** The table of `forge history`: one deploy a row, below it what it ran and what it changed. */
export function historyRows(deploys: readonly DeploySummary[], screen: HistoryScreen): string[] {
  const rows = deploys.map((deploy) => cellsOf(deploy, screen))
  const widths = widthsOf([HEAD, ...rows], screen)
  return [
    [...rowOf(HEAD, widths), HEAD.releases].join('  '),
    ...deploys.flatMap((deploy, at) => {
      const cells = rows[at] ?? HEAD
      const row = rowOf(cells, widths)
      const whole = [...row, cells.releases].join('  ')
      const [first, moved] = whole.length <= screen.width ? [whole, ''] : [row.join('  '), cells.releases]
      const told =
        deploy.verdict === null ? deploy.changes : `${deploy.verdict.code}  ${oneLine(deploy.verdict.message)}`
      const more = [moved, runsOf(deploy, deploys[at + 1]), backupsOf(deploy)].filter((text) => text !== '')
      return [first.trimEnd(), ...more.map((text) => below(text, screen)), ...toldBelow(told ?? '', screen)]
    }),
  ]
}

interface Cells {
  readonly number: string
  readonly when: string
  readonly who: string
  readonly outcome: string
  readonly took: string
  readonly releases: string
}

const HEAD: Cells = { number: '#', when: 'WHEN', who: 'WHO', outcome: 'OUTCOME', took: 'TOOK', releases: 'RELEASES' }

function cellsOf(deploy: DeploySummary, { now }: HistoryScreen): Cells {
  const { number, live, startedAt, by, seconds, releases } = deploy
  return {
    number: `${live ? '*' : ' '}${String(number).padStart(4)}`,
    when: agoOf(now - Date.parse(startedAt)),
    who: by,
    outcome: outcomeOf(deploy),
    took: seconds === null ? '' : formatSeconds(seconds),
    releases: releasesOf(releases),
  }
}

/** Each column as wide as its widest cell; a name is cut where that makes room for the releases beside it. */
function widthsOf(rows: readonly Cells[], { width }: HistoryScreen): Widths {
  const widest = (field: keyof Cells): number => Math.max(...rows.map((cells) => cells[field].length))
  const others = { number: widest('number'), when: widest('when'), outcome: widest('outcome'), took: widest('took') }
  const taken = Object.values(others).reduce((sum, one) => sum + one + 2, 2)
  const beside = width - taken - widest('releases')
  return { ...others, who: Math.min(widest('who'), beside < NARROWEST_WHO ? width - taken : beside) }
}

type Widths = Readonly<Record<Exclude<keyof Cells, 'releases'>, number>>

function rowOf(cells: Cells, widths: Widths): string[] {
  return [
    cells.number.padStart(widths.number),
    cells.when.padEnd(widths.when),
    cut(cells.who, widths.who).padEnd(widths.who),
    cells.outcome.padEnd(widths.outcome),
    cells.took.padStart(widths.took),
  ]
}

/** Charts, then images: what is another than in the deploy before comes first, then what is named after its release. */
function runsOf({ releases }: DeploySummary, before: DeploySummary | undefined): string {
  const charts = releases.flatMap(({ chart }) => (chart === null ? [] : [chartOf(chart)]))
  const known = new Set(before?.releases.flatMap(({ images }) => images))
  const ranked = releases.flatMap(({ name, images }) =>
    images.map((ref) => {
      const image = imageOf(ref)
      return { image, rank: before !== undefined && !known.has(ref) ? 0 : image.startsWith(name) ? 1 : 2 }
    }),
  )
  const images = ranked.toSorted((one, other) => one.rank - other.rank).map(({ image }) => image)
  return [...new Set([...charts, ...images])].join(', ')
}

/** `backup temporal Job/postgres-backup-forge-42` */
function backupsOf({ backups = [] }: DeploySummary): string {
  return backups.length === 0 ? '' : `backup ${backups.map(({ name, id }) => `${name} ${id}`).join(', ')}`
}

function below(text: string, { width }: HistoryScreen): string {
  return `${' '.repeat(INDENT)}${cut(text, width - INDENT)}`
}

/** What somebody looks for has two lines; all of it has `forge history N`. */
function toldBelow(text: string, screen: HistoryScreen): string[] {
  if (text === '') return []
  const [first = '', ...rest] = wrap(text, screen.width - INDENT)
  return [first, ...(rest.length === 0 ? [] : [rest.join(' ')])].map((line) => below(line, screen).trimEnd())
}

export function outcomeOf({ state, target }: Pick<DeploySummary, 'state' | 'target'>): string {
  return target === null ? state : `${state} #${target}`
}

function revisions(name: string, before: number | null, after: number | null): string {
  if (after === null) return before === null ? name : `${name} ${before}`
  return before === null || before === after ? `${name} ${after}` : `${name} ${before} → ${after}`
}

function chartOf({ name, version, appVersion, plain }: NonNullable<JournalRelease['chart']>): string {
  if (plain !== undefined) {
    const [first = '', ...others] = plain.from
    const more = others.length === 0 ? '' : ` and ${others.length} more`
    return `${name} (${counted(plain.objects, 'object')}, ${first}${more})`
  }
  return `${name} ${version}${appVersion === undefined ? '' : ` (app ${appVersion})`}`
}

/** What a list says of one that did not fail: what it changed, else what it left of its releases. */
export function changedIn({ changes, releases }: Pick<DeploySummary, 'changes' | 'releases'>): string {
  return changes ?? releasesOf(releases)
}

function releasesOf(releases: DeploySummary['releases']): string {
  return releases.map((one) => revisions(one.name, one.revisionBefore, one.revisionAfter)).join(', ')
}

/** `api-forge-app@1f3c9a2e`: the repository's last part, and what tells two builds apart. */
function imageOf(ref: string): string {
  const name = (ref.split('@')[0] ?? ref).split('/').at(-1) ?? ref
  const short = shortImage(ref)
  return short === ref || name.endsWith(`:${short}`) ? name : `${name.split(':')[0] ?? name}@${short}`
}

/** `forge history 42`: all that the journal knows of one deploy. */
export function entryRows(entry: JournalEntry, summary: DeploySummary, { width, now, here }: HistoryScreen): string[] {
  const began = `${entry.startedAt.slice(0, 19).replace('T', ' ')} UTC (${agoOf(now - Date.parse(entry.startedAt))}), ${entry.by}`
  const took = summary.seconds === null ? '' : `, took ${formatSeconds(summary.seconds)}`
  const label = (name: string, texts: readonly string[]): string[] =>
    texts
      .filter((text) => text !== '')
      .flatMap((text) => wrap(text, width - LABEL))
      .map((text, at) => `${(at === 0 ? name : '').padEnd(LABEL)}${text}`)
  return [
    `#${entry.number}  ${outcomeOf(summary)}   ${headRow(entry)}`,
    '',
    ...label('began', [`${began}${took}`]),
    ...label('command', [entry.command]),
    ...label(
      'releases',
      summary.releases.map(({ name, revisionBefore, revisionAfter, chart }) =>
        [revisions(name, revisionBefore, revisionAfter), ...(chart === null ? [] : [chartOf(chart)])].join('   '),
      ),
    ),
    ...label('from', [...new Set(summary.releases.flatMap(({ checkouts = [] }) => checkouts.map(checkoutText)))]),
    ...label('images', [...new Set(summary.releases.flatMap(({ images }) => images))]),
    ...label(
      'secrets',
      summary.secrets.map(
        ({ name, revisionBefore, revision }) =>
          `${name} r${revision}${revisionBefore === null ? ' (new)' : revisionBefore === revision ? '' : `, before r${revisionBefore}`}`,
      ),
    ),
    ...label('backup', (entry.backups ?? []).map(keptText)),
    ...label('changed', [entry.changes ?? '']),
    ...label('deleted', entry.deleted ?? []),
    ...stepRows(entry, width),
    ...verdictRows(entry, label, here, width),
  ]
}

const MARKS = { running: '·', done: '✔', skipped: '–', failed: '✖' } as const satisfies Record<StepOutcome, string>

function stepRows({ steps }: JournalEntry, width: number): string[] {
  const widest = Math.max(0, ...steps.map(({ operation }) => operationText(operation).length))
  const rows = steps.map(({ operation, outcome, startedAt, endedAt, because }) => {
    const took = endedAt === undefined ? '' : formatSeconds((Date.parse(endedAt) - Date.parse(startedAt)) / 1000)
    return cut(
      `${MARKS[outcome]} ${operationText(operation).padEnd(widest)}  ${startedAt.slice(11, 19)}  ${took.padStart(7)}  ${stepDetail(operation, because)}`.trimEnd(),
      width,
    )
  })
  return rows.length === 0 ? [] : ['', ...rows]
}

function verdictRows(
  { number, verdict }: JournalEntry,
  label: (name: string, texts: readonly string[]) => string[],
  here: HintPlace,
  width: number,
): string[] {
  if (verdict === undefined) return []
  const { code, message, chain, where, hint = '', log } = verdict
  const next = leadsHere(hint, number) ? '' : typeof hint === 'string' ? hint : hintLine(hint, here)
  return [
    '',
    ...label('verdict', [...message.split('\n'), code]),
    ...label('why', [chain.join(' → ')]),
    ...label('where', [where ?? '']),
    ...label('next', next === '' ? [] : wrapCommand(next, width - LABEL)),
    ...(log.length === 0 ? [] : ['', ...log.map((line) => `  │ ${line}`)]),
  ]
}

/** After a rollback the hint leads to what is shown. */
function leadsHere(hint: Hint | string, number: number): boolean {
  if (typeof hint === 'string') return false
  return hint.kind === 'forge' && hint.args[0] === 'history' && hint.args[1] === String(number)
}
