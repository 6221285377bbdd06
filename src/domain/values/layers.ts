import { isMap, setOwn, type Path, type PlainMap } from '../config/path.ts'
import { showValuePath, type ValuePath } from '../config/value-path.ts'
import type { Json, JsonMap, Origin, Origins, Provenance } from './model.ts'

/** A values file: maps are merged into what is below, everything else replaces it. */
export interface TreeLayer {
  readonly kind: 'tree'
  readonly value: JsonMap
  readonly originOf: (path: Path) => Origin
}

/** Single values (`set`, images, ConfigMap data, `--set`): each replaces what stands at its path, list items included. */
export interface PatchLayer {
  readonly kind: 'patch'
  readonly entries: readonly PatchEntry[]
}

export interface PatchEntry {
  readonly path: ValuePath
  readonly value: Json
  readonly origin: Origin
  /** A whole number as it is to be written, where `value` cannot hold all of it. */
  readonly digits?: string | undefined
  /** Decrypted for this deploy: it must not get into a program's arguments. */
  readonly isPrivate?: boolean
  /** Its numbers are floats, as those of a document. */
  readonly floats?: boolean
}

export type Layer = TreeLayer | PatchLayer

/**
 * The layers in their order, the last one wins. `null` is kept: helm takes the chart's default away for it. A later
 * layer may set the same path again.
 */
export function mergeLayers(layers: readonly Layer[]): {
  values: JsonMap
  origins: Origins
  conflicts: readonly Conflict[]
} {
  const values: PlainMap = {}
  const conflicts: Conflict[] = []
  for (const layer of layers) {
    if (layer.kind === 'tree') mergeInto(values, layer.value)
    else
      for (const entry of layer.entries) {
        const above = inTheWay(values, entry.path)
        if (above !== undefined) conflicts.push({ entry, above })
        assign(values, entry.path, entry.value)
      }
  }
  const origins = new Map<string, readonly [Provenance, ...Provenance[]]>()
  for (const path of leavesOf(values as JsonMap)) {
    const [winner, ...overridden] = layers.toReversed().flatMap((layer) => sayings(layer, path))
    if (winner !== undefined) origins.set(showValuePath(path), [winner, ...overridden])
  }
  return { values: values as JsonMap, origins, conflicts }
}

/** An entry that goes through something that holds nothing: helm refuses it. */
export interface Conflict {
  readonly entry: PatchEntry
  /** What stands in its way. */
  readonly above: ValuePath
}

/** helm replaces an item of a list that is not a map, and nothing else (pkg/strvals). What a null took away may be made anew. */
function inTheWay(values: PlainMap, path: ValuePath): ValuePath | undefined {
  let holder: unknown = values
  for (const [index, part] of path.entries()) {
    const next = path[index + 1]
    const inner = get(holder as PlainMap | unknown[], part)
    if (next === undefined || inner === undefined || inner === null) return undefined
    if (typeof next === 'number' ? !Array.isArray(inner) : !isMap(inner))
      return typeof part === 'number' && typeof next === 'string' ? undefined : path.slice(0, index + 1)
    holder = inner
  }
  return undefined
}

function mergeInto(target: PlainMap, source: JsonMap): void {
  for (const [key, value] of Object.entries(source)) {
    const below = Object.hasOwn(target, key) ? target[key] : undefined
    if (isMap(value)) {
      const map: PlainMap = isMap(below) ? below : {}
      mergeInto(map, value)
      setOwn(target, key, map)
    } else setOwn(target, key, structuredClone(value))
  }
}

/** Maps and lists on the way are made where something else, or nothing, stands. */
function assign(target: PlainMap, path: ValuePath, value: Json): void {
  let holder: PlainMap | unknown[] = target
  path.forEach((part, index) => {
    const next = path[index + 1]
    if (next === undefined) {
      put(holder, part, structuredClone(value))
      return
    }
    const inner = get(holder, part)
    const fits = typeof next === 'number' ? Array.isArray(inner) : isMap(inner)
    const made = fits ? (inner as PlainMap | unknown[]) : typeof next === 'number' ? [] : {}
    if (!fits) put(holder, part, made)
    holder = made
  })
}

function get(holder: PlainMap | unknown[], part: string | number): unknown {
  if (Array.isArray(holder)) return typeof part === 'number' ? holder[part] : undefined
  return Object.hasOwn(holder, part) ? holder[part] : undefined
}

function put(holder: PlainMap | unknown[], part: string | number, value: unknown): void {
  if (!Array.isArray(holder)) {
    setOwn(holder, String(part), value)
    return
  }
  const index = Number(part)
  while (holder.length < index) holder.push(null)
  holder[index] = value
}

/** Every path that holds no further map or list with something in it. */
export function leavesOf(value: Json, path: ValuePath = []): ValuePath[] {
  const inner = childrenOf(value)
  if (inner.length === 0) return path.length === 0 ? [] : [path]
  return inner.flatMap(([part, child]) => leavesOf(child, [...path, part]))
}

function childrenOf(value: Json): (readonly [string | number, Json])[] {
  if (Array.isArray(value)) return (value as readonly Json[]).map((item, index) => [index, item] as const)
  return isMap(value) ? Object.entries(value) : []
}

/** What a layer says about a path, the last word first. */
function sayings(layer: Layer, path: ValuePath): Provenance[] {
  if (layer.kind === 'tree') {
    const found = lookUp(layer.value, path)
    return found === undefined ? [] : [{ origin: layer.originOf(path.slice(0, found.depth)), value: found.value }]
  }
  return layer.entries.toReversed().flatMap((entry) => {
    if (!entry.path.every((part, index) => part === path[index])) return []
    const found = lookUp(entry.value, path.slice(entry.path.length))
    return found === undefined ? [] : [{ origin: entry.origin, value: found.value }]
  })
}

/** The value at a path, or the scalar or null that stands in its way and so speaks for all below it. */
export function lookUp(value: Json, path: ValuePath): { value: Json; depth: number } | undefined {
  let current = value
  for (const [depth, part] of path.entries()) {
    if (!isMap(current) && !Array.isArray(current)) return { value: current, depth }
    const inner = get(current as PlainMap | unknown[], part) as Json | undefined
    if (inner === undefined) return undefined
    current = inner
  }
  return { value: current, depth: path.length }
}
