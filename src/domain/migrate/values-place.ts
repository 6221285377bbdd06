import { isMap } from '../config/path.ts'
import { keyOf, type KubeObject } from '../kube.ts'
import { join, listKeys } from '../plan/field-path.ts'

/** Where something stands in a rendered object: names, and positions in lists. */
export type Place = readonly (string | number)[]

/** The same place in an object as the chart renders it now, and in what is live. */
export interface Counterpart {
  /** As a comparison names it. */
  readonly path: string
  readonly rendered: unknown
  readonly live: unknown
}

/** Items of lists are found by what tells them apart; where that differs, and both lists are as long, by their order. */
export function counterpart(place: Place, probed: unknown, rendered: unknown, live: unknown): Counterpart {
  let [path, from, base, now] = ['', probed, rendered, live]
  for (const part of place) {
    if (typeof part === 'string') {
      path = join(path, part)
      ;[from, base, now] = [inner(from, part), inner(base, part), inner(now, part)]
      continue
    }
    const [asked, made, living] = [listOf(from), listOf(base), listOf(now)]
    const isSame = asked.length === made.length
    const key = listKeys(path, isSame ? made : asked)?.[part]
    const at = (items: readonly unknown[]): unknown => {
      const found = key === undefined ? -1 : (listKeys(path, items)?.indexOf(key) ?? -1)
      if (found >= 0) return items[found]
      return items.length === asked.length ? items[part] : undefined
    }
    ;[from, base, now] = [asked[part], at(made), at(living)]
    path = `${path}[${key ?? part}]`
  }
  return { path, rendered: base, live: now }
}

function inner(value: unknown, name: string): unknown {
  return isMap(value) && Object.hasOwn(value, name) ? value[name] : undefined
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : []
}

/** Each rendered object beside the one that it was before: by its name, or by its position where that has changed. */
export function pairs(
  probed: readonly KubeObject[],
  before: readonly KubeObject[],
): (readonly [KubeObject, KubeObject | undefined])[] {
  const known = new Map(before.map((object) => [keyOf(object), object]))
  const isAlike = probed.length === before.length && probed.every(({ kind }, at) => kind === before[at]?.kind)
  return probed.map((object, at) => [object, known.get(keyOf(object)) ?? (isAlike ? before[at] : undefined)])
}

/** Every scalar of an object and every key, with its place. */
export function* textsIn(
  value: unknown,
  place: Place = [],
): Generator<{ readonly place: Place; readonly text: string; readonly isKey: boolean }> {
  if (Array.isArray(value)) {
    for (const [at, item] of (value as readonly unknown[]).entries()) yield* textsIn(item, [...place, at])
  } else if (isMap(value)) {
    for (const [name, item] of Object.entries(value)) {
      yield { place, text: name, isKey: true }
      yield* textsIn(item, [...place, name])
    }
  } else if (typeof value === 'string' || typeof value === 'number') {
    yield { place, text: String(value), isKey: false }
  }
}

/** The items of a list by what tells them apart; undefined: nothing does. */
export function keyed(path: string, items: readonly unknown[]): ReadonlyMap<string, unknown> | undefined {
  const keys = listKeys(path, items)
  return keys === undefined ? undefined : new Map(keys.map((key, at) => [key, items[at]]))
}
