import { compact } from './compact.ts'
import type { Source } from './model.ts'
import { isMap, type Path, type PlainMap } from './path.ts'
import type { Places } from './places.ts'
import { SOURCE_KINDS } from './schema-source.ts'

/** A map is a source when it says of which kind; the schema has proven that it says so once. */
export function isSourceMap(value: unknown): value is PlainMap {
  return isMap(value) && SOURCE_KINDS.some((kind) => Object.hasOwn(value, kind))
}

/** A source as forge.yaml has it: a map, or a path of a file. `{key}` and `{KEY}` are filled in. */
export function fileSource(raw: unknown, path: Path, places: Places, key?: string): Source {
  const at = places.of(path)
  return isSourceMap(raw) ? fromMap(filled(raw, key), at) : { kind: 'file', file: fill(String(raw), key), at }
}

/** A source where a plain scalar is the value itself, as it is written: `1.10` stays `1.10`. */
export function textSource(raw: unknown, path: Path, places: Places): Source {
  const at = places.of(path)
  if (isSourceMap(raw)) return fromMap(raw, at)
  return { kind: 'literal', value: typeof raw === 'string' ? raw : (places.textOf(path) ?? String(raw)), at }
}

/** A source where a plain scalar, list or null is the value itself, typed as YAML types it. */
export function valueSource(raw: unknown, path: Path, places: Places): Source {
  const at = places.of(path)
  if (isSourceMap(raw)) return fromMap(raw, at)
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

function fromMap(raw: PlainMap, at: Source['at']): Source {
  const text = (name: string): string => String(raw[name])
  if (Object.hasOwn(raw, 'file'))
    return compact({
      kind: 'file' as const,
      file: text('file'),
      trim: raw['trim'] as 'newline' | 'none' | undefined,
      at,
    })
  if (Object.hasOwn(raw, 'yaml')) return { kind: 'yaml', file: text('yaml'), path: text('path'), at }
  if (Object.hasOwn(raw, 'env')) return { kind: 'env', name: text('env'), at }
  if (Object.hasOwn(raw, 'dotenv')) return { kind: 'dotenv', file: text('dotenv'), name: text('name'), at }
  if (Object.hasOwn(raw, 'sops'))
    return compact({
      kind: 'sops' as const,
      file: text('sops'),
      path: raw['path'] as string | undefined,
      trim: raw['trim'] as 'newline' | 'none' | undefined,
      at,
    })
  if (Object.hasOwn(raw, 'command')) {
    const { command } = raw as { command: string | readonly string[] }
    return { kind: 'command', argv: typeof command === 'string' ? [command] : command, at }
  }
  return { kind: 'literal', value: raw['literal'], at }
}
