import { parseValuePath, type ValuePath } from '../config/value-path.ts'
import type { Json } from './model.ts'
import { wholeDigits } from './whole-numbers.ts'

export interface Assignment {
  readonly path: ValuePath
  readonly value: Json
  /** Of a whole number beyond 2^53, whose `value` is text. */
  readonly digits?: string
}

export type ParsedSet = { readonly assignments: readonly Assignment[] } | { readonly fault: string }

/**
 * `--set` as helm reads it: `a.b=c,d[0]=e`, lists in braces, a backslash before a comma, dot or brace that is meant as
 * such. Whole numbers, true, false and null are typed; everything else, decimals included, is text. (Tried: helm 3.22, 4.3.)
 */
export function parseSetOption(text: string): ParsedSet {
  const assignments: Assignment[] = []
  for (const part of splitOutside(text, ',')) {
    const equals = indexOutside(part, '=')
    if (part.trim() === '') continue
    if (equals < 0) return { fault: `has no "=": ${part}` }
    const name = part.slice(0, equals).trim()
    const path = parseValuePath(name)
    if (path === undefined) return { fault: `"${name}" is no value path` }
    assignments.push(...assignmentsOf(path, part.slice(equals + 1)))
  }
  return assignments.length === 0 ? { fault: 'is empty; write PATH=VALUE' } : { assignments }
}

function assignmentsOf(path: ValuePath, text: string): Assignment[] {
  const list = /^\{(.*)\}$/su.exec(text)?.[1]
  if (list === undefined) return [{ path, ...typed(unescape(text)) }]
  // helm makes one empty text of `{}`.
  const items = splitOutside(list, ',').map((item) => typed(unescape(item)))
  const large = items.flatMap((item, at) => (item.digits === undefined ? [] : [{ path: [...path, at], ...item }]))
  return [{ path, value: items.map(({ value }) => value) }, ...large]
}

/** helm's typing of a plain text: a leading zero makes text of a number (`007`). */
export function typed(text: string): Pick<Assignment, 'value' | 'digits'> {
  const word = WORDS.get(text.toLowerCase())
  if (word !== undefined) return { value: word }
  const digits = wholeDigits(text)
  const number = Number(digits)
  if (digits === undefined) return { value: text }
  return Number.isSafeInteger(number) ? { value: number } : { value: digits, digits }
}

const WORDS: ReadonlyMap<string, boolean | null> = new Map([
  ['true', true],
  ['false', false],
  ['null', null],
])

function unescape(text: string): string {
  return text.replace(/\\(.)/gsu, '$1')
}

/** Cuts at a character that neither a backslash nor braces protect. */
function splitOutside(text: string, separator: string): string[] {
  const parts: string[] = []
  let rest = text
  for (let at = indexOutside(rest, separator); at >= 0; at = indexOutside(rest, separator)) {
    parts.push(rest.slice(0, at))
    rest = rest.slice(at + 1)
  }
  return [...parts, rest]
}

function indexOutside(text: string, wanted: string): number {
  let depth = 0
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at]
    if (character === '\\') at += 1
    else if (character === wanted && depth === 0) return at
    else if (character === '{') depth += 1
    else if (character === '}' && depth > 0) depth -= 1
  }
  return -1
}
