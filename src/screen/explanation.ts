import type { Advice } from '../verdict-codes.ts'
import { wrap } from './wrap.ts'

const INDENT = 10

/** The `--json` result of `forge explain CODE`; `counts` is there for the codes of verdicts. */
export interface Explained {
  readonly code: string
  readonly exitStatus: number
  /** What it means. */
  readonly about: string
  /** How it comes to that. */
  readonly why: string
  /** What it reads like when it happens. */
  readonly example: string
  readonly counts?: string
  /** What to do. */
  readonly next: readonly Advice[]
}

/** One code: what it means, why, how it reads, when it counts, and what to do, commands on lines of their own. */
export function explanationLines(
  { code, exitStatus, about, why, example, counts, next }: Explained,
  width: number,
): string[] {
  const row = (label: string, text: string): string[] =>
    wrap(text, width - INDENT).map((line, at) => `${(at === 0 ? label : '').padEnd(INDENT)}${line}`)
  return [
    code,
    ...wrap(about, width),
    '',
    ...row('why', why),
    ...row('says', example),
    ...(counts === undefined ? [] : row('counts', counts)),
    ...row('exit', exitOf(exitStatus, counts !== undefined)),
    '',
    'What to do',
    ...next.flatMap(({ say, run }) => [
      ...wrap(say, width - 4).map((line, at) => `${at === 0 ? '  - ' : '    '}${line}`),
      ...(run === undefined ? [] : [`      ${run}`]),
    ]),
    ...(counts === undefined ? [] : ['', 'grace and allow are settings of a stage: docs/forge-yaml.md, "stages"']),
  ]
}

function exitOf(status: number, isVerdict: boolean): string {
  return isVerdict ? '4 when the previous state was restored, else 5; 8 from forge status' : String(status)
}

/** All codes with exit status and meaning, aligned. */
export function codeListLines(
  codes: readonly Pick<Explained, 'code' | 'exitStatus' | 'about'>[],
  width: number,
): string[] {
  const column = Math.max(...codes.map(({ code }) => code.length)) + 2
  return [
    ...codes.flatMap(({ code, about }) =>
      wrap(about, width - column).map((line, at) => `${(at === 0 ? code : '').padEnd(column)}${line}`),
    ),
    '',
    'forge explain CODE says more.',
  ]
}
