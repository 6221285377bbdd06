import { isMap } from '../config/path.ts'
import type { ValuePath } from '../config/value-path.ts'
import type { KubeObject } from '../kube.ts'
import { isEmpty } from '../plan/field-path.ts'
import { leavesOf } from '../values/layers.ts'
import type { Json, JsonMap } from '../values/model.ts'
import { pairs, textsIn, type Place } from './values-place.ts'
import type { Difference } from './values-target.ts'
import { valueIn } from './values-tree.ts'

/** `map`: a key and its value; `named`: a list with one item of a name and a value; `texts`: a list with one text. */
export type Shape = 'scalar' | 'map' | 'named' | 'texts'

/** A value of the chart that is replaced by something that nothing else renders, to see where it comes out. */
export interface Probe {
  readonly path: ValuePath
  readonly shape: Shape
  readonly token: string
  /** As it is written where the value comes out alone. */
  readonly mark: string
  readonly value: Json
}

/** A place at which a probe came out. */
export interface Trace {
  readonly probe: Probe
  readonly probed: KubeObject
  /** The same object without any probe. Undefined: it is made by one. */
  readonly before: KubeObject | undefined
  readonly place: Place
  /** The whole text there; of `isKey` the key. */
  readonly text: string
  readonly isKey: boolean
}

/** Values that may be behind a difference: what is rendered there is in them, or they say nothing yet. */
export function scalarsFor(effective: JsonMap, differences: readonly Difference[]): ValuePath[] {
  const rendered = differences.flatMap((one) => (one.rendered === undefined ? [] : [JSON.stringify(one.rendered)]))
  return leavesOf(effective).filter((path) => {
    const value = valueIn(effective, path)
    if (value === null || value === '') return true
    if (typeof value !== 'string' && typeof value !== 'number') return false
    const text = JSON.stringify(String(value)).slice(1, -1)
    return rendered.some((one) => one.includes(text))
  })
}

/** Maps and lists of the chart that hold nothing. */
export function emptyIn(effective: JsonMap): { readonly maps: ValuePath[]; readonly lists: ValuePath[] } {
  const empty = leavesOf(effective).filter((path) => isEmpty(valueIn(effective, path)))
  return {
    // `limits:` with nothing behind it is a map as much as `limits: {}`.
    maps: empty.filter((path) => isMap(valueIn(effective, path)) || valueIn(effective, path) === null),
    lists: empty.filter((path) => Array.isArray(valueIn(effective, path))),
  }
}

const TOKEN = /zq[0-9a-z]{3}qz|\d{6}/gu

/** `from`: how many there were before. `text`: what is rendered without them, in which no token may be. */
export function probesOf(
  paths: readonly ValuePath[],
  shape: Shape,
  effective: JsonMap,
  { from, text }: { readonly from: number; readonly text: string },
): Probe[] {
  // Six digits are written as they are by Go, longer ones as 1e+06.
  const lead = [7, 8, 6, 5, 4, 3, 2, 1].find((digit) => !new RegExp(`${digit}\\d{5}`, 'u').test(text)) ?? 9
  return paths.map((path, at) => {
    const number = from + at
    const before = valueIn(effective, path)
    const isNumber = typeof before === 'number' || (typeof before === 'string' && /^\d+$/u.test(before))
    const token =
      shape === 'scalar' && isNumber
        ? `${lead}${String(number).padStart(5, '0')}`
        : `zq${number.toString(36).padStart(3, '0')}qz`
    // Charts take the reference of an image apart, and refuse one without a tag.
    const isPair = shape === 'scalar' && typeof before === 'string' && /^[^\s:]+:[^\s:]+$/u.test(before)
    const mark = isPair ? `${token}:${token}` : token
    return { path, shape, token, mark, value: valueFor(shape, mark, before) }
  })
}

function valueFor(shape: Shape, token: string, before: Json | undefined): Json {
  switch (shape) {
    case 'scalar':
      return typeof before === 'number' ? Number(token) : token
    case 'map':
      return { [token]: token }
    case 'named':
      return [{ name: token, value: token }]
    case 'texts':
      return [token]
  }
}

/** Where the probes came out. */
export function tracesOf(
  probes: readonly Probe[],
  probed: readonly KubeObject[],
  before: readonly KubeObject[],
): Trace[] {
  const known = new Map(probes.map((probe) => [probe.token, probe]))
  return pairs(probed, before).flatMap(([object, was]) =>
    [...textsIn(object)].flatMap(({ place, text, isKey }) =>
      tokensIn(text).flatMap((token): Trace[] => {
        const probe = known.get(token)
        return probe === undefined ? [] : [{ probe, probed: object, before: was, place, text, isKey }]
      }),
    ),
  )
}

export function tokensIn(text: string): string[] {
  return [...new Set(text.match(TOKEN))]
}
