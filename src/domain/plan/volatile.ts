import { isMap } from '../config/path.ts'
import { keyOf, type KubeObject } from '../kube.ts'
import type { Rendered } from '../manifest/parse.ts'
import { itemKeys } from './merge-keys.ts'
import { isEqual } from '../canonical.ts'

/** A call in a chart's templates that gives something else each time. */
export interface VaryingCall {
  /** From the chart's folder: `templates/tls.yaml`. */
  readonly file: string
  readonly line: number
  /** `genSelfSignedCert` */
  readonly call: string
}

/** The objects that two renders of one chart do not share. */
export function differing(one: readonly Rendered[], other: readonly Rendered[]): Rendered[] {
  const second = new Map(other.map(({ object }) => [keyOf(object), JSON.stringify(object)]))
  return one.filter(({ object }) => second.get(keyOf(object)) !== JSON.stringify(object))
}

/** Where in the chart it comes from: a call in the object's own template, else in what templates include. */
export function placeOf({ template }: Rendered, calls: readonly VaryingCall[]): string | undefined {
  const own = calls.filter(({ file }) => template === file || template.endsWith(`/${file}`))
  const [first] = own.length > 0 ? own : calls.filter(({ file }) => /(?:^|\/)_[^/]*$/u.test(file))
  return first === undefined ? undefined : `${first.file}:${first.line} ${first.call}`
}

/**
 * The first of two renders, in which what they do not share is as it was deployed (`ignoreVolatile`): a certificate, a
 * password, a time. What else was changed beside it counts, and then all of that value is new.
 */
export function settled(
  one: readonly Rendered[],
  other: readonly Rendered[],
  previous: ReadonlyMap<string, KubeObject>,
): Rendered[] {
  const second = new Map(other.map(({ object }) => [keyOf(object), object]))
  return one.map((rendered) => {
    const key = keyOf(rendered.object)
    const [again, before] = [second.get(key), previous.get(key)]
    if (rendered.hook !== undefined || again === undefined || before === undefined) return rendered
    return { ...rendered, object: settle(rendered.object, again, before, '') as KubeObject }
  })
}

/** `one`, in which what `other` does not share is as in `before`. `field`: its name. */
export function settle(one: unknown, other: unknown, before: unknown, field: string): unknown {
  if (before === undefined || isEqual(one, other)) return one
  if (isMap(one) && isMap(other) && isMap(before)) {
    const fields = Object.entries(one)
    return Object.fromEntries(fields.map(([name, value]) => [name, settle(value, other[name], before[name], name)]))
  }
  if (Array.isArray(one) && Array.isArray(other)) return settleList(one, other, before, field)
  if (typeof one === 'string' && typeof other === 'string') return settleText(one, other, before)
  return typeof one === typeof before && typeof one !== 'object' ? before : one
}

function settleList(one: readonly unknown[], other: readonly unknown[], before: unknown, field: string): unknown {
  if (one.length !== other.length || !Array.isArray(before)) return one
  const old: readonly unknown[] = before
  const [keys, oldKeys] = [itemKeys(field, one), itemKeys(field, old)]
  const isKeyed = keys !== undefined && oldKeys !== undefined
  if (!isKeyed && old.length !== one.length) return one
  return one.map((item, at) => settle(item, other[at], old[isKeyed ? oldKeys.indexOf(keys[at] ?? '') : at], field))
}

/** Line by line: a file may hold a time in one line, and settings in others. */
function settleText(one: string, other: string, before: unknown): string {
  if (typeof before !== 'string') return one
  const [lines, again, old] = [one, other, before].map((text) => text.split('\n'))
  // One value of many lines (PEM) may have another number of them.
  const isAligned = lines?.length === again?.length && lines?.length === old?.length
  const isSame = isAligned
    ? lines?.every((line, at) => isAround(line, again?.[at] ?? '', old?.[at] ?? ''))
    : isAround(one, other, before)
  return isSame === true ? before : one
}

/** The time as Go prints and formats it: two renders within one second have it in common by chance. */
const MOMENT =
  /\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?: ?(?:Z|[+-]\d\d:?\d\d))?(?: [A-Z]{3,5})?(?: m=[+-]\d+\.\d+)?)?/gu

/**
 * Whether the old text is as both are where they agree. Words count whole, and so do moments: that two random ones begin alike
 * is chance.
 */
function isAround(one: string, other: string, old: string): boolean {
  if (one === other) return one === old
  const [from, to] = [shared(one, other).length, one.length - sharedEnd(one, other).length]
  const moments = [...one.matchAll(MOMENT)].map(({ 0: text, index }) => [index, index + text.length] as const)
  const begin = moments.find(([start, end]) => start <= from && from < end)?.[0] ?? from
  const stop = moments.find(([start, end]) => start < to && to <= end)?.[1] ?? to
  const head = /^(?:.*[^\w+/=-])?/su.exec(one.slice(0, begin))?.[0] ?? ''
  const tail = /(?:[^\w+/=-].*)?$/su.exec(one.slice(stop))?.[0] ?? ''
  return old.startsWith(head) && old.endsWith(tail) && old.length >= head.length + tail.length
}

function shared(one: string, other: string): string {
  let end = 0
  while (end < one.length && one[end] === other[end]) end += 1
  return one.slice(0, end)
}

function sharedEnd(one: string, other: string): string {
  let length = 0
  while (length < one.length && one.at(-1 - length) === other.at(-1 - length)) length += 1
  return one.slice(one.length - length)
}
