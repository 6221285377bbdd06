import type {
  NotProvoked,
  Rehearsal,
  RehearsalScene,
  RehearsedDeploy,
  RehearsedFailure,
} from '../domain/rehearsal/model.ts'
import { isProven, isReached } from '../domain/rehearsal/summary.ts'
import { counted, someOf } from './counted.ts'
import { fitted } from './fit.ts'
import { headRow, type Head } from './head.ts'
import { formatSeconds, oneLine } from './row.ts'
import { wrap, wrapCommand } from './wrap.ts'

export interface RehearsalDocument extends Head, Rehearsal {
  readonly apiVersion: 'forge/v1'
  readonly command: 'rehearse'
  /** The command that comes next. */
  readonly next: string
}

const LABEL = 15
const MARKS = { good: '✔', bad: '✖' } as const

/** `commandWidth`: where nobody watches, a command is better copied from one line. */
export function rehearsalRows(found: RehearsalDocument, width: number, commandWidth = width): string[] {
  const { scene, deploy, failures, notProvoked, summary, next } = found
  return [
    ...fitted(headRow(found), width),
    ...sceneRows(scene, found.environment, width),
    '',
    ...deployRows(deploy, width),
    ...tableRows(failures, width),
    ...apart([
      ...listed('not provoked', grouped(notProvoked), width),
      ...listed('not rehearsed', scene.notRehearsed, width),
    ]),
    ...apart(wrongRows(failures, width)),
    '',
    ...wrap(oneLine(summary), width),
    ...wrapCommand(next, commandWidth - NEXT).map((line, at) => `${(at === 0 ? 'next' : '').padEnd(NEXT)}${line}`),
  ]
}

const NEXT = 8

function apart(rows: readonly string[]): readonly string[] {
  return rows.length === 0 ? [] : ['', ...rows]
}

function labelled(name: string, text: string, width: number): string[] {
  const lines = wrap(oneLine(text), width - LABEL)
  return lines.map((line, at) => `${(at === 0 ? name : '').padEnd(LABEL)}${line}`)
}

/** One below the other; what goes on is set in, so that each is seen to begin. */
function listed(name: string, texts: readonly string[], width: number): string[] {
  const lines = texts.flatMap((text) => hanging(text, width - LABEL))
  return lines.map((line, at) => `${(at === 0 ? name : '').padEnd(LABEL)}${line}`)
}

function hanging(text: string, width: number): string[] {
  return wrap(oneLine(text), width - INDENT.length).map((line, at) => (at === 0 ? line : `${INDENT}${line}`))
}

function sceneRows({ kubernetes, copied }: RehearsalScene, environment: string, width: number): string[] {
  const { environment: there, sandbox: here } = kubernetes
  const minor = (version: string): string => version.split('.').slice(0, 2).join('.')
  const isSame = minor(there) === minor(here)
  const versions = isSame ? `${here}, as ${environment} (${there})` : `${here}, but ${environment} has ${there}`
  const parts: readonly (readonly [number, string, string?])[] = [
    [copied.nodes, 'node'],
    [copied.namespaces, 'namespace'],
    [copied.storageClasses, 'StorageClass', 'StorageClasses'],
    [copied.definitions, 'definition'],
    [copied.objects, 'object'],
    [copied.secrets, 'Secret with made-up values', 'Secrets with made-up values'],
    [copied.records, 'helm record'],
  ]
  const some = parts.flatMap(([count, one, many]) => (count === 0 ? [] : [counted(count, one, many)]))
  return [
    ...labelled('Kubernetes', versions, width),
    ...labelled('copied', some.length === 0 ? 'nothing: there is nothing yet' : some.join(', '), width),
  ]
}

const OUTCOMES = {
  deployed: 'reaches the new state',
  unchanged: 'changes nothing',
  'rolled-back': 'fails, and goes back',
  failed: 'fails',
  refused: 'is refused',
} as const satisfies Record<RehearsedDeploy['outcome'], string>

function deployRows(deploy: RehearsedDeploy, width: number): string[] {
  const { outcome, seconds, deploy: number, verdict } = deploy
  const called = number === null ? 'the deploy' : `deploy #${number}`
  const mark = isReached(deploy) ? MARKS.good : MARKS.bad
  const told = verdict === null ? [] : [verdict.sentence, verdict.code]
  return [
    `${mark} ${called} ${OUTCOMES[outcome]}, ${formatSeconds(seconds)}`,
    ...told.flatMap((text) => wrap(oneLine(text), width - INDENT.length)).map((line) => `${INDENT}${line}`),
  ]
}

const INDENT = '  '
const GAP = '  '
const HEAD = ['Failure', 'Verdict', 'After', 'Restored'] as const

type Cells = readonly [failure: string, verdict: string, after: string, restored: string]

function tableRows(failures: readonly RehearsedFailure[], width: number): string[] {
  if (failures.length === 0) return []
  const rows = failures.map((one) => ({ mark: isProven(one) ? MARKS.good : MARKS.bad, cells: cellsOf(one) }))
  const widest = (at: 0 | 1 | 2 | 3): number => Math.max(HEAD[at].length, ...rows.map(({ cells }) => cells[at].length))
  const others = [widest(1), widest(2), widest(3)] as const
  const taken = others.reduce((sum, one) => sum + one + GAP.length, INDENT.length)
  const first = Math.max(Math.min(widest(0), width - taken), HEAD[0].length)
  const row = ([failure, verdict, after, restored]: Cells): string =>
    [failure.padEnd(first), verdict.padEnd(others[0]), after.padStart(others[1]), restored].join(GAP)
  return [
    '',
    `${INDENT}${row(HEAD)}`.trimEnd(),
    ...rows.flatMap(({ mark, cells: [failure, ...rest] }) =>
      // A name is never cut: it is typed again. What belongs to a long one stands below it.
      failure.length <= first
        ? [`${mark} ${row([failure, ...rest])}`]
        : [`${mark} ${failure}`, `${INDENT}${row(['', ...rest])}`],
    ),
  ]
}

function cellsOf({ failure, verdict, seconds, restored }: RehearsedFailure): Cells {
  return [
    failure,
    verdict === null ? 'none' : verdict.code,
    seconds === null ? '' : formatSeconds(seconds),
    restored === null ? 'no need' : restored ? 'yes' : 'NO',
  ]
}

/** What went wrong in the same way is told once. */
function wrongRows(failures: readonly RehearsedFailure[], width: number): string[] {
  const blocks = new Map<string, { readonly names: string[]; readonly where: string; readonly lines: string[] }>()
  for (const one of failures.filter((each) => !isProven(each))) {
    const lines = wrongLines(one)
    const key = [one.where, ...lines].join('\n')
    const block = blocks.get(key) ?? { names: [], where: one.where, lines }
    block.names.push(one.failure)
    blocks.set(key, block)
  }
  return [...blocks.values()].flatMap(({ names, where, lines }) => [
    ...hanging(`${MARKS.bad} ${someOf(names)}, at ${where}`, width),
    ...lines.flatMap((text) => wrap(oneLine(text), width - INDENT.length)).map((line) => `${INDENT}${line}`),
  ])
}

function wrongLines({ verdict, explained, why }: RehearsedFailure): string[] {
  const said = explained || verdict === null ? [] : [`forge said: ${verdict.sentence} (${verdict.code})`]
  return [...(why === null ? [] : [why]), ...said]
}

/** What cannot happen for the same reason stands in one row. */
function grouped(all: readonly NotProvoked[]): string[] {
  const reasons = [...new Set(all.map(({ why }) => why))]
  const named = (why: string): string => all.flatMap((one) => (one.why === why ? [one.failure] : [])).join(', ')
  return reasons.map((why) => `${named(why)}: ${why}`)
}
