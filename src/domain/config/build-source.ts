import type { Path, PlainMap } from './path.ts'
import type { Places } from './places.ts'
import { isSourceMap, parseSource, type Source } from '../sources/sources.ts'

/** A source as forge.yaml has it: a map, or a path of a file. `{key}` and `{KEY}` are filled in. */
export function fileSource(raw: unknown, path: Path, places: Places, key?: string): Source {
  const at = places.of(path)
  return isSourceMap(raw) ? parseSource(filled(raw, key), at) : { kind: 'file', file: fill(String(raw), key), at }
}

/** A source where a plain scalar is the value itself, as it is written: `1.10` stays `1.10`. */
export function textSource(raw: unknown, path: Path, places: Places): Source {
  const at = places.of(path)
  if (isSourceMap(raw)) return parseSource(raw, at)
  return { kind: 'literal', value: typeof raw === 'string' ? raw : (places.textOf(path) ?? String(raw)), at }
}

/** A source where a plain scalar, list or null is the value itself, typed as YAML types it. */
export function valueSource(raw: unknown, path: Path, places: Places): Source {
  const at = places.of(path)
  if (isSourceMap(raw)) return parseSource(raw, at)
  const text = longText(raw, path, places)
  return { kind: 'literal', value: raw, at, ...(text === undefined ? {} : { text }) }
}

/** JavaScript's numbers end at 2^53; helm's are longer. */
function longText(raw: unknown, path: Path, places: Places): string | undefined {
  return Number.isInteger(raw) && !Number.isSafeInteger(raw) ? places.textOf(path) : undefined
}

function fill(text: string, key: string | undefined): string {
  return key === undefined ? text : text.replaceAll('{key}', key).replaceAll('{KEY}', key.toUpperCase())
}

function filled(raw: PlainMap, key: string | undefined): PlainMap {
  const inner = (value: unknown): unknown => {
    if (typeof value === 'string') return fill(value, key)
    return Array.isArray(value) ? value.map(inner) : value
  }
  return Object.fromEntries(Object.entries(raw).map(([name, value]) => [name, inner(value)]))
}
