import { isEqual } from '../canonical.ts'
import { isMap } from '../config/path.ts'
import { showValuePath, type ValuePath } from '../config/value-path.ts'
import { keyOf } from '../kube.ts'
import { isWithin } from '../plan/field-path.ts'
import type { Json, JsonMap } from '../values/model.ts'
import { textOf } from '../values/text-of.ts'
import { counterpart, keyed, type Counterpart } from './values-place.ts'
import type { Trace } from './values-probe.ts'
import { solve } from './values-solve.ts'
import { idOf, type Difference, type Target } from './values-target.ts'
import { patchOf, valueIn } from './values-tree.ts'

/** A value that may be written, and the field that it comes from. */
export interface Change {
  readonly path: ValuePath
  readonly value: Json
  /** `Deployment/web` and the path in it. */
  readonly name: string
  readonly key: string
  readonly field: string
}

/** Changes that go together, and the differences that they are to take away. */
export interface Candidate {
  readonly changes: readonly Change[]
  readonly claims: readonly string[]
  /** A probe came out there. */
  readonly isSeen?: true
}

export interface Scene {
  readonly differences: readonly Difference[]
  readonly targets: ReadonlyMap<string, Target>
  readonly effective: JsonMap
}

/** What the probes that came out say about the values behind each difference. */
export function candidatesOf(traces: readonly Trace[], scene: Scene): Candidate[] {
  const scalars = Map.groupBy(
    traces.filter(({ probe, isKey }) => probe.shape === 'scalar' && !isKey),
    ({ before, probed, place }) => JSON.stringify([keyOf(before ?? probed), place]),
  )
  const shared = sharedLeaves(traces, scene)
  return [
    ...[...scalars.values()].flatMap((group) => scalarCandidate(group, shared, scene)),
    ...traces.flatMap((trace) => holderCandidate(trace, scene)),
  ]
}

interface Found extends Counterpart {
  readonly name: string
  readonly key: string
  readonly claims: readonly string[]
}

/** The live side of a place. Undefined: the object is not live, or nothing of it differs there. */
function foundAt(trace: Trace, place: Trace['place'], { differences, targets }: Scene): Found | undefined {
  const { probed, before = probed } = trace
  const key = keyOf(before)
  const target = targets.get(key)
  if (target === undefined) return undefined
  const stated = counterpart(place, probed, trace.before, target.stated)
  const found = stated.live === undefined ? counterpart(place, probed, trace.before, target.live) : stated
  const own = differences.filter((one) => {
    return one.key === key && (isWithin(one.path, found.path) || isWithin(found.path, one.path))
  })
  const [first] = own
  return first === undefined ? undefined : { ...found, name: first.name, key, claims: own.map(idOf) }
}

/** Values that come out in several fields, which are live with different ones: none could serve them all. */
function sharedLeaves(traces: readonly Trace[], { targets }: Scene): ReadonlySet<string> {
  const wanted = new Map<string, Set<string>>()
  for (const { probe, probed, before, place, text } of traces) {
    const target = targets.get(keyOf(before ?? probed))
    if (probe.shape !== 'scalar' || text !== probe.mark || target === undefined) continue
    const { live } = counterpart(place, probed, before, target.live)
    if (!isScalar(live)) continue
    const path = showValuePath(probe.path)
    wanted.set(path, (wanted.get(path) ?? new Set()).add(String(live)))
  }
  return new Set([...wanted].flatMap(([path, values]) => (values.size > 1 ? [path] : [])))
}

function scalarCandidate(group: readonly Trace[], shared: ReadonlySet<string>, scene: Scene): Candidate[] {
  const [first] = group
  const found = first === undefined ? undefined : foundAt(first, first.place, scene)
  if (first === undefined || found === undefined) return []
  const { live = '', name, key, path: field, claims } = found
  if (!isScalar(live)) return []
  const own = new Map(group.map(({ probe }) => [probe.mark, probe]))
  const current = new Map([...own].map(([token, { path }]) => [token, textOf(valueIn(scene.effective, path) ?? '')]))
  const solved = solve(first.text, current, String(live))
  if (solved === undefined) return []
  const changes = [...solved].flatMap(([token, text]): Change[] => {
    const path = own.get(token)?.path ?? []
    if (shared.has(showValuePath(path)) || current.get(token) === text) return []
    const value = first.text === token ? typed(valueIn(scene.effective, path), live) : text
    return [{ path, value, name, key, field }]
  })
  return changes.length === 0 ? [] : [{ changes, claims, isSeen: true }]
}

function isScalar(value: unknown): value is string | number | boolean {
  return ['string', 'number', 'boolean'].includes(typeof value)
}

/** A text stays a text. */
function typed(before: Json | undefined, live: string | number | boolean): Json {
  return typeof before === 'string' && before !== '' ? String(live) : live
}

/** A map or list of values that was empty, and where it came out. */
function holderCandidate(trace: Trace, scene: Scene): Candidate[] {
  const { probe, isKey, text, place } = trace
  if (probe.shape === 'scalar' || text !== probe.token) return []
  if (isKey && probe.shape === 'map') return filled(foundAt(trace, place, scene), wholeMap, probe.path)
  const at = place.findLastIndex((part) => typeof part === 'number')
  if (isKey || at < 0) return []
  const within = place.slice(at + 1)
  const found = foundAt(trace, place.slice(0, at), scene)
  if (probe.shape === 'texts')
    return filled(found, (one) => added(one).flatMap((item) => textAt(item, within)), probe.path)
  if (within.length !== 1 || within[0] !== 'name') return []
  return filled(found, probe.shape === 'map' ? byName : added, probe.path)
}

function filled(found: Found | undefined, read: (found: Found) => Json | undefined, path: ValuePath): Candidate[] {
  const value = found === undefined ? undefined : read(found)
  if (found === undefined || value === undefined || value === null) return []
  if (typeof value === 'object' && Object.keys(value).length === 0) return []
  const { name, key, path: field, claims } = found
  // Each key of a map by itself: some may be the template's own.
  const parts = isMap(value)
    ? Object.entries(value).map(([part, one]) => [[...path, part], one] as const)
    : [[path, value] as const]
  return parts.map(([at, one]) => ({ changes: [{ path: at, value: one, name, key, field }], claims, isSeen: true }))
}

/** What a map that is rendered as it is has to hold beside what is rendered there without it. */
function wholeMap({ rendered, live }: Found): Json | undefined {
  if (!isMap(live)) return undefined
  const patch = patchOf((isMap(rendered) ? rendered : {}) as JsonMap, live as JsonMap)
  return Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== null))
}

/** Items of a live list that are not rendered: beside one that is, another of its name would stand twice. */
function added({ path, rendered, live }: Found): Json[] {
  const items = (Array.isArray(live) ? live : []) as readonly Json[]
  const made = (Array.isArray(rendered) ? rendered : []) as readonly Json[]
  const [now, before] = [keyed(path, items), keyed(path, made)]
  if (now === undefined || before === undefined) return items.filter((item) => !made.some((one) => isEqual(one, item)))
  return [...now].flatMap(([key, item]) => (before.has(key) ? [] : [item as Json]))
}

/** Of a list of names and values, as a map. */
export function byName(found: Found): Json {
  return Object.fromEntries(
    added(found).flatMap((item): [string, Json][] => {
      if (!isMap(item) || typeof item['name'] !== 'string' || !isScalar(item['value'])) return []
      return [[item['name'], item['value']]]
    }),
  )
}

function textAt(item: Json, within: Trace['place']): Json[] {
  const found = within.reduce<unknown>((value, part) => (isMap(value) ? value[String(part)] : undefined), item)
  return isScalar(found) ? [found] : []
}
