import { describeCode, ForgeError } from '../../errors.ts'
import { wrap } from './wrap.ts'

const INDENT = 8

/**
 * The block that every failure ends with: what, why, where, now, next (screens.md). `width` undefined: not wrapped. `mask`
 * is applied before: a secret that is cut in two would not be known any more.
 */
export function closingRows(
  error: Error,
  width: number | undefined,
  mask: (text: string) => string = (text) => text,
): string[] {
  const rows = error instanceof ForgeError ? knownRows(error) : bugRows(error)
  return ['', ...rows.flatMap(([label, text]) => row(label, mask(text), width))]
}

type Row = readonly [label: string, text: string]

function knownRows(error: ForgeError): Row[] {
  const { chain, where, now, hint } = error.details
  const why = chain !== undefined && chain.length > 0 ? chain.join(' → ') : (describeCode(error.code)?.about ?? '')
  return [
    // The position stands in a row of its own; JSON and logs keep it in the message.
    [
      headline(error),
      where !== undefined && error.message.startsWith(`${where}: `)
        ? error.message.slice(where.length + 2)
        : error.message,
    ],
    ['', error.code],
    ...alsoRows(error),
    ['why', why],
    ['where', where ?? 'the command line'],
    ['now', now ?? 'nothing was changed'],
    ['next', hint],
  ]
}

/** The other problems, where several were found in files: whoever mends one should see all of them. */
function alsoRows({ hint, details: { problems = [] } }: ForgeError): Row[] {
  return problems.slice(1).flatMap((problem): Row[] => {
    if (problem.where === undefined) return []
    const own = problem.hint === undefined || problem.hint === hint ? '' : `\n→ ${problem.hint}`
    return [['also', `${problem.where}: ${problem.message}${own}`]]
  })
}

function headline(error: ForgeError): string {
  const status = error.exitStatus
  if (status === 130 || status === 143) return 'STOPPED'
  return [2, 3, 6, 7].includes(status) ? 'REFUSED' : 'FAILED'
}

function bugRows(error: Error): Row[] {
  return [
    ['BUG', error.message],
    ['why', 'forge met a state that it does not know; this is not your fault'],
    ['where', 'the stack below'],
    ['now', 'not known: look before you deploy again'],
    ['next', 'forge --version   (and report it with the stack)'],
  ]
}

function row(label: string, text: string, width: number | undefined): string[] {
  const lines = text.split('\n').flatMap((line) => wrap(line, (width ?? Number.POSITIVE_INFINITY) - INDENT))
  return lines.map((line, at) => `${at === 0 ? label.padEnd(INDENT) : ' '.repeat(INDENT)}${line}`.trimEnd())
}
