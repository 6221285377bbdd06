import { bugOf, describeCode, type ForgeError } from '../errors.ts'
import { tellingLine } from '../domain/logs/telling.ts'
import { hintLine, type HintPlace } from '../hint.ts'
import { wrap, wrapCommand } from './wrap.ts'

const INDENT = 8

type Row = readonly [label: string, text: string, breakAt?: typeof wrap]
type Mask = (text: string) => string

/**
 * The block that every failure ends with: what, why, where, now, next (docs/screens.md). `width` undefined: not wrapped. `mask`
 * is applied before: a secret that is cut in two would not be known any more.
 */
export function closingRows(
  error: Error,
  here: HintPlace,
  width: number | undefined,
  mask: Mask = (text) => text,
): string[] {
  return blockRows(knownRows(bugOf(error), here), width, mask)
}

/** The same block for a verdict that ended nothing: `forge status`. */
export function verdictBlock(
  verdict: { readonly [Part in 'message' | 'code' | 'why' | 'where' | 'now' | 'hint']: string },
  width: number | undefined,
): string[] {
  const { message, code, why, where, now, hint } = verdict
  const rows: Row[] = [
    ['FAILED', message],
    ['', code],
    ['why', why],
    ['where', where],
    ['now', now],
    ['next', hint, wrapCommand],
  ]
  return blockRows(rows, width, (text) => text)
}

function blockRows(rows: readonly Row[], width: number | undefined, mask: Mask): string[] {
  return ['', ...rows.flatMap(([label, text, breakAt = wrap]) => row(label, mask(text), width, breakAt))]
}

function knownRows(error: ForgeError, here: HintPlace): Row[] {
  const { chain, where, now, hint, log = [] } = error.details
  const why = chain !== undefined && chain.length > 0 ? chain.join(' → ') : (describeCode(error.code)?.about ?? '')
  const telling = tellingLine(log)
  return [
    // The position stands in a row of its own; JSON and logs keep it in the message.
    [
      headline(error),
      where !== undefined && error.message.startsWith(`${where}: `)
        ? error.message.slice(where.length + 2)
        : error.message,
    ],
    ['', error.code],
    ...alsoRows(error, here),
    ...(telling === undefined ? [] : [['log', telling] as const]),
    ['why', why],
    ['where', where ?? (error.code === 'E_BUG' ? 'the stack below' : 'the command line')],
    ['now', now ?? 'nothing was changed'],
    ['next', hintLine(hint, here), wrapCommand],
  ]
}

/** The other problems, where several were found in files: whoever mends one should see all of them. */
function alsoRows({ hint, details: { problems = [] } }: ForgeError, here: HintPlace): Row[] {
  const next = hintLine(hint, here)
  return problems.slice(1).flatMap((problem): Row[] => {
    if (problem.where === undefined) return []
    const own = problem.hint === undefined ? next : hintLine(problem.hint, here)
    const also: Row = ['also', `${problem.where}: ${problem.message}`]
    return own === next ? [also] : [also, ['→', own, wrapCommand]]
  })
}

function headline(error: ForgeError): string {
  if (error.code === 'E_BUG') return 'BUG'
  const status = error.exitStatus
  if (status === 130 || status === 143) return 'STOPPED'
  return [2, 3, 6, 7].includes(status) ? 'REFUSED' : 'FAILED'
}

function row(label: string, text: string, width: number | undefined, breakAt: typeof wrap): string[] {
  const lines = text.split('\n').flatMap((line) => breakAt(line, (width ?? Number.POSITIVE_INFINITY) - INDENT))
  return lines.map((line, at) => `${at === 0 ? label.padEnd(INDENT) : ' '.repeat(INDENT)}${line}`.trimEnd())
}
