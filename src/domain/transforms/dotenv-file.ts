import { parse } from 'dotenv'
import type { Position, Problem } from '../config/position.ts'
import { interpolate } from '../values/interpolate.ts'
import { dotenvLines, type DotenvLine } from './dotenv-lines.ts'
import { otherwiseRead, type Otherwise } from './dotenv-otherwise.ts'

export interface DotenvEntry {
  readonly value: string
  readonly at: Position
  /** Why the value is not what was meant. */
  readonly fault?: string
  /** The same without any part of the value, which may be a secret. */
  readonly faultOfSecret?: string
  /** Why bash or docker compose would give another value. */
  readonly otherwise?: Otherwise
}

export interface DotenvFile {
  readonly entries: ReadonlyMap<string, DotenvEntry>
  readonly problems: readonly Problem[]
}

/**
 * A dotenv file: values as the dotenv package reads them (quotes, inline comments, `export`, several lines), with variables
 * as dotenv-expand puts them in, and where each stands. The last one of a name wins, as there. Some things are stricter,
 * where those two are silent: a line that is neither entry nor comment is a problem, so are a quote that does not close, a
 * value on another line than its name and a variable that no line above sets; and single quotes keep a dollar sign.
 * Variables of forge's own environment are not seen: the same file gives the same ConfigMap on every machine.
 */
export function readDotenv(text: string, file: string): DotenvFile {
  const { entries: lines, strays } = dotenvLines(text)
  const placed = new Map(lines.map((line) => [line.key, line]))
  const twice = new Set(lines.map(({ key }) => key).filter((key, at, all) => all.indexOf(key) !== at))
  const entries = new Map<string, DotenvEntry>()
  // What the package returns is what there is: no entry can get lost on the way.
  for (const [key, value] of Object.entries(parse(text))) {
    const line = placed.get(key)
    const otherwise =
      (line && otherwiseRead(line)) ?? (twice.has(key) ? 'twice' : text.includes('\r') ? 'carriage' : undefined)
    const at = { file, line: line?.line ?? 1, column: 1 }
    entries.set(key, { ...valueOf(value, line, entries), at, ...(otherwise === undefined ? {} : { otherwise }) })
  }
  const problem = (line: number, message: string): Problem => ({ message, at: { file, line, column: 1 } })
  const passedOver = lines.filter(({ key }) => !entries.has(key))
  return {
    entries,
    problems: [
      ...strays.map((line) => problem(line, 'is no NAME=VALUE line')),
      ...passedOver.map(({ key, line }) => problem(line, `${key} is a name that dotenv passes over`)),
    ],
  }
}

function valueOf(
  value: string,
  line: DotenvLine | undefined,
  above: ReadonlyMap<string, DotenvEntry>,
): Pick<DotenvEntry, 'value' | 'fault' | 'faultOfSecret'> {
  const fault = line === undefined ? undefined : lineFault(line)
  if (fault !== undefined) return { value, fault, faultOfSecret: fault }
  return line?.written.trim().startsWith("'") === true ? { value } : expanded(value, above)
}

function lineFault({ sign, written, quote }: DotenvLine): string | undefined {
  if (sign.includes('\n') || /^[^\S\n]*\n/u.test(written))
    return 'has its value on another line; "NAME=VALUE" is one line'
  const text = written.trim()
  const [mark = ''] = text
  if (quote !== undefined || !['"', "'", '`'].includes(mark) || text.includes(mark, 1)) return undefined
  return `has a quote (${mark}) that is not closed; close it, or put the value into other quotes`
}

function expanded(
  value: string,
  above: ReadonlyMap<string, DotenvEntry>,
): Pick<DotenvEntry, 'value' | 'fault' | 'faultOfSecret'> {
  const { text, unset, required } = interpolate(value, (name) => above.get(name)?.value, '\\$')
  const [first] = unset
  if (required !== undefined)
    return {
      value: text,
      fault: `refers to a variable: ${required}`,
      faultOfSecret: 'refers to a variable that is not set',
    }
  if (first === undefined) return { value: text }
  const why = 'which no line above sets; a dollar sign is \\$, or stands in single quotes'
  return { value: text, fault: `refers to \${${first}}, ${why}`, faultOfSecret: `refers to a variable, ${why}` }
}
