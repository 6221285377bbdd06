import type { Json } from './model.ts'
import { parseJson } from '../json.ts'

/** The JSON value that a text begins with, and where it ends; what follows is not looked at. */
export function parseJsonPrefix(
  text: string,
): { readonly value: Json; readonly end: number } | { readonly fault: string } {
  const begin = text.search(/\S/u)
  const end = begin < 0 ? 0 : endOfJson(text, begin)
  const value = parseJson(text.slice(0, end)) as Json | undefined
  if (value === undefined) return { fault: `is no JSON: ${text.trim()}` }
  return hasInfinity(value) ? { fault: 'has a number that is too large' } : { value, end }
}

/** `01` is 0 and a rest, `1.x` and `1e` are nothing (Go's encoding/json, Decoder). */
const SCALAR = /^(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?(?![.eE])|true|false|null)/u

function endOfJson(text: string, begin: number): number {
  if (!'{["'.includes(text[begin] ?? '')) return begin + (SCALAR.exec(text.slice(begin))?.[0].length ?? 0)
  let depth = 0
  for (const { 0: token, index } of text.slice(begin).matchAll(/"(?:\\.|[^"\\])*"|[{}[\]]/gsu)) {
    if ('{['.includes(token)) depth += 1
    else if ('}]'.includes(token)) depth -= 1
    if (depth === 0) return begin + index + token.length
  }
  return text.length
}

function hasInfinity(value: Json): boolean {
  if (typeof value === 'number') return !Number.isFinite(value)
  return typeof value === 'object' && value !== null && Object.values(value).some(hasInfinity)
}
