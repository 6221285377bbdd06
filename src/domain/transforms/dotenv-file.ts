import { parse } from 'dotenv'
import type { Position, Problem } from '../config/position.ts'
import { interpolate } from '../values/interpolate.ts'

export interface DotenvEntry {
  readonly value: string
  readonly at: Position
  /** Why the value is not what was meant: it refers to something that the file does not set. */
  readonly fault?: string
}

export interface DotenvFile {
  readonly entries: ReadonlyMap<string, DotenvEntry>
  readonly problems: readonly Problem[]
}

/**
 * A dotenv file: values as the dotenv package reads them (quotes, inline comments, `export`, several lines), with variables
 * as dotenv-expand puts them in, and where each stands. The last one of a name wins, as there. Three things are stricter,
 * where those two are silent: a line that is neither entry nor comment is a problem, so is a variable that no line above
 * sets, and single quotes keep a dollar sign. Variables of forge's own environment are not seen: the same file gives the
 * same ConfigMap on every machine.
 */
export function readDotenv(text: string, file: string): DotenvFile {
  const values = parse(text)
  const entries = new Map<string, DotenvEntry>()
  const problems: Problem[] = []
  const scanned = new Map<string, Scanned>()
  for (const one of scan(text)) {
    if (one.fault !== undefined) problems.push({ message: one.fault, at: { file, line: one.line, column: 1 } })
    else if (Object.hasOwn(values, one.key)) scanned.set(one.key, one)
  }
  for (const [key, { line, literal }] of scanned) {
    const at = { file, line, column: 1 }
    const value = values[key] ?? ''
    entries.set(key, literal ? { value, at } : { ...expanded(value, entries), at })
  }
  return { entries, problems }
}

function expanded(value: string, entries: ReadonlyMap<string, DotenvEntry>): { value: string; fault?: string } {
  const { text, unset, required } = interpolate(value, (name) => entries.get(name)?.value, '\\$')
  const [first] = unset
  if (required !== undefined) return { value: text, fault: `refers to a variable: ${required}` }
  if (first === undefined) return { value: text }
  return {
    value: text,
    fault: `refers to \${${first}}, which no line above sets; a dollar sign is \\$, or stands in single quotes`,
  }
}

interface Scanned {
  readonly key: string
  readonly line: number
  /** In single quotes: no variables. */
  readonly literal: boolean
  readonly fault?: string
}

function* scan(text: string): Iterable<Scanned> {
  const lines = text.replace(/^\uFEFF/u, '').split(/\r\n|\n|\r/u)
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] ?? ''
    if (/^\s*(?:#|$)/u.test(line)) continue
    const [, key, value] = /^\s*(?:export\s+)?([\w.-]+)(?:\s*=\s*|:\s+)(.*)$/u.exec(line) ?? []
    if (key === undefined || value === undefined) {
      yield { key: '', line: index + 1, literal: false, fault: 'is no NAME=VALUE line' }
      continue
    }
    yield { key, line: index + 1, literal: value.startsWith("'") }
    index += linesWithin(value, lines.slice(index + 1))
  }
}

/** How many further lines a quoted value takes. A quote that never closes takes none: dotenv reads it as text. */
function linesWithin(value: string, rest: readonly string[]): number {
  const quote = value[0]
  if (quote === undefined || !['"', "'", '`'].includes(quote)) return 0
  const closes = (text: string): boolean => text.replaceAll(`\\${quote}`, '').includes(quote)
  if (closes(value.slice(1))) return 0
  const end = rest.findIndex(closes)
  return end < 0 ? 0 : end + 1
}
