import { parse } from 'dotenv'
import type { Position, Problem } from '../config/position.ts'

export interface DotenvFile {
  readonly entries: ReadonlyMap<string, { readonly value: string; readonly at: Position }>
  readonly problems: readonly Problem[]
}

/**
 * A dotenv file: values as the dotenv package reads them (quotes, inline comments, `export`, several lines), and where
 * each stands. The last one of a name wins, as there. A line that is neither entry nor comment is a problem: dotenv
 * itself passes over it in silence.
 */
export function readDotenv(text: string, file: string): DotenvFile {
  const values = parse(text)
  const entries = new Map<string, { value: string; at: Position }>()
  const problems: Problem[] = []
  for (const { key, line, fault } of scan(text)) {
    const at = { file, line, column: 1 }
    if (fault !== undefined) problems.push({ message: fault, at })
    else if (Object.hasOwn(values, key)) entries.set(key, { value: values[key] ?? '', at })
  }
  return { entries, problems }
}

interface Scanned {
  readonly key: string
  readonly line: number
  readonly fault?: string
}

function* scan(text: string): Iterable<Scanned> {
  const lines = text.replace(/^\uFEFF/u, '').split(/\r\n|\n|\r/u)
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] ?? ''
    if (/^\s*(?:#|$)/u.test(line)) continue
    const [, key, value] = /^\s*(?:export\s+)?([\w.-]+)(?:\s*=\s*|:\s+)(.*)$/u.exec(line) ?? []
    if (key === undefined || value === undefined) {
      yield { key: '', line: index + 1, fault: 'is no NAME=VALUE line' }
      continue
    }
    yield { key, line: index + 1 }
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
