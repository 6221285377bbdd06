import { isEqual } from '../canonical.ts'
import { isMap, ownValue, setOwn, type PlainMap } from '../config/path.ts'
import { parseValuePath, type ValuePath } from '../config/value-path.ts'
import { withChartDefaults, type ChartText } from '../values/chart-defaults.ts'
import { lookUp, mergeLayers } from '../values/layers.ts'
import type { Json, JsonMap, Origins } from '../values/model.ts'

/** A map or list of values that holds something, and one that holds nothing. */
export interface Holder {
  readonly path: ValuePath
  readonly value: readonly Json[] | JsonMap
}

/** All that a chart's templates see: its defaults, and what is given over them. */
export function effectiveValues(
  files: readonly ChartText[],
  given: { readonly values: JsonMap; readonly origins: Origins },
): JsonMap {
  const { defaults } = withChartDefaults(files, given)
  const entries = [...defaults].flatMap(([text, [{ origin, value }]]) => {
    const path = parseValuePath(text)
    return path === undefined ? [] : [{ path, value, origin }]
  })
  return merged(mergeLayers([{ kind: 'patch', entries }]).values, given.values)
}

/** As helm lays one values file over another; a null stays. */
export function merged(below: JsonMap, above: JsonMap): JsonMap {
  const originOf = (): { readonly kind: 'flag'; readonly text: string } => ({ kind: 'flag', text: '' })
  return mergeLayers([
    { kind: 'tree', value: below, originOf },
    { kind: 'tree', value: above, originOf },
  ]).values
}

/** `tree` with one value more. A list is written as a whole, so the others of its items are taken from `effective`. */
export function withValue(tree: JsonMap, effective: JsonMap, path: ValuePath, value: Json): JsonMap {
  const at = path.findIndex((part) => typeof part === 'number')
  const keys = at < 0 ? path : path.slice(0, at)
  const [first = '', ...rest] = keys
  const name = String(first)
  const inner = own(tree, name)
  const copy: PlainMap = { ...tree }
  if (rest.length > 0) {
    const below = own(effective, name)
    const [one, other] = [inner, below].map((map) => (isMap(map) ? map : {}))
    setOwn(copy, name, withValue(one ?? {}, other ?? {}, path.slice(1), value))
    return copy as JsonMap
  }
  setOwn(copy, name, at < 0 ? value : withItem(inner ?? own(effective, name) ?? [], path.slice(at), value))
  return copy as JsonMap
}

function own(map: JsonMap, name: string): Json | undefined {
  return ownValue(map, name) as Json | undefined
}

function withItem(holder: Json, [part, ...rest]: ValuePath, value: Json): Json {
  if (part === undefined) return value
  if (Array.isArray(holder)) {
    return (holder as readonly Json[]).map((item, at) => (at === part ? withItem(item, rest, value) : item))
  }
  const map = isMap(holder) ? holder : {}
  return { ...map, [String(part)]: withItem(own(map, String(part)) ?? null, rest, value) }
}

export function valueIn(values: JsonMap, path: ValuePath): Json | undefined {
  const found = lookUp(values, path)
  return found?.depth === path.length ? found.value : undefined
}

/** Every map and list below, outer ones first; the items of a list stand for themselves alone. */
export function holdersOf(value: Json, path: ValuePath = []): Holder[] {
  if (Array.isArray(value)) return [{ path, value: value as readonly Json[] }]
  if (!isMap(value)) return []
  const map = value
  const inner = Object.entries(map).flatMap(([name, one]) => holdersOf(one, [...path, name]))
  return path.length === 0 ? inner : [{ path, value: map }, ...inner]
}

/** What makes one map of another, as helm merges: a null takes a key away. */
export function patchOf(from: JsonMap, to: JsonMap): JsonMap {
  const names = [...new Set([...Object.keys(from), ...Object.keys(to)])]
  return Object.fromEntries(
    names.flatMap((name): [string, Json][] => {
      const [before, after] = [own(from, name), own(to, name)]
      if (after === undefined) return [[name, null]]
      if (isEqual(before, after)) return []
      return [[name, isMap(before) && isMap(after) ? patchOf(before, after) : after]]
    }),
  )
}
