import { isEqual } from '../canonical.ts'
import { isMap } from '../config/path.ts'
import { showValuePath, type ValuePath } from '../config/value-path.ts'
import type { KubeObject } from '../kube.ts'
import { keyOf } from '../kube.ts'
import { isWithin, stepsOf, valueAt } from '../plan/field-path.ts'
import { leavesOf } from '../values/layers.ts'
import { textOf } from '../values/text-of.ts'
import type { Json, JsonMap } from '../values/model.ts'
import type { Candidate, Change, Scene } from './values-candidates.ts'
import { idOf, type Difference } from './values-target.ts'
import { emptyIn } from './values-probe.ts'
import { holdersOf, patchOf, valueIn, type Holder } from './values-tree.ts'

/** How far out a map or list may stand that is rendered as a whole. */
const LEVELS = 4

/** Of those for one field: nothing says which is meant but its name. */
const MOST = 3

/**
 * Values that look like what is rendered where something differs: whole maps and lists, then single ones. To be tried, those of a like
 * name first. `known`: values of which it is seen where they come out.
 */
export function alike(rendered: readonly KubeObject[], scene: Scene, known: ReadonlySet<string>): Candidate[] {
  const made = new Map(rendered.map((object) => [keyOf(object), object]))
  const holders = holdersOf(scene.effective).filter(({ value }) => Object.keys(value).length > 0)
  return scene.differences.flatMap((one) => [
    ...outer(one.path).flatMap((path) => nearest(holderChanges(path, one, made.get(one.key), holders, scene), one)),
    ...nearest(scalarChanges(one, scene, known), one),
  ])
}

/** The place itself and those around it, nearest first. */
function outer(path: string): string[] {
  const found = [path]
  for (let left = path; found.length < LEVELS && stepsOf(left).length > 1;) {
    left = left.replace(/(?:\.(?:'[^']*'|[^.[\]']+)|\[[^\]]*\])$/u, '')
    if (left === found.at(-1)) break
    found.push(left)
  }
  return found
}

function holderChanges(
  path: string,
  { key, name }: Difference,
  object: KubeObject | undefined,
  holders: readonly Holder[],
  { targets, differences }: Scene,
): Candidate[] {
  const target = targets.get(key)
  const before = valueAt(object, path)
  const stated = valueAt(target?.stated, path) ?? valueAt(target?.live, path)
  const live = stated ?? (Array.isArray(before) ? [] : {})
  const claims = differences.filter((one) => one.key === key && isWithin(one.path, path)).map(idOf)
  const change = (at: Change['path'], value: Json): Candidate => ({
    changes: [{ path: at, value, name, key, field: path }],
    claims,
  })
  return holders.flatMap((holder): Candidate[] => {
    const value = changed(holder.value, before, live)
    if (value === undefined) return []
    if (!isMap(value)) return [change(holder.path, value)]
    return Object.entries(value).map(([entry, part]) => change([...holder.path, entry], part))
  })
}

/** What a value becomes that is rendered as it is, or as a part, so that it is as live. Undefined: it is not rendered there. */
function changed(value: Holder['value'], rendered: unknown, live: unknown): Json | undefined {
  if (Array.isArray(value)) {
    const items = value as readonly Json[]
    if (!Array.isArray(rendered) || !Array.isArray(live)) return undefined
    if (!items.every((item) => isAmong(item, rendered)) || isEqual(rendered, live)) return undefined
    const others = (rendered as readonly Json[]).filter((item) => !isAmong(item, items))
    return (live as readonly Json[]).filter((item) => !isAmong(item, others))
  }
  const map = value as JsonMap
  if (isMap(rendered) && isMap(live)) {
    if (!Object.entries(map).every(([name, one]) => isEqual(rendered[name], one))) return undefined
    return ownPart(patchOf(rendered as JsonMap, live as JsonMap), map)
  }
  if (!Array.isArray(rendered) || !Array.isArray(live)) return undefined
  const [made, now] = [named(rendered), named(live)]
  if (made === undefined || now === undefined) return undefined
  if (!Object.entries(map).every(([name, one]) => textOf(made[name] ?? null) === textOf(one))) return undefined
  return ownPart(patchOf(made, now), map)
}

/** Only what the map itself has can be taken away from it. */
function ownPart(patch: JsonMap, map: JsonMap): JsonMap {
  return Object.fromEntries(Object.entries(patch).filter(([name, one]) => one !== null || Object.hasOwn(map, name)))
}

function isAmong(item: unknown, items: readonly unknown[]): boolean {
  return items.some((one) => isEqual(one, item))
}

/** A list of names and values, as a map. Items without a value of their own are left out. */
function named(items: readonly unknown[]): JsonMap | undefined {
  if (!items.every((item) => isMap(item) && typeof item['name'] === 'string')) return undefined
  return Object.fromEntries(
    items.flatMap((item): [string, Json][] => {
      const { name, value } = item as { readonly name: string; readonly value?: Json }
      return value === undefined ? [] : [[name, value]]
    }),
  )
}

function scalarChanges(one: Difference, { effective }: Scene, known: ReadonlySet<string>): Candidate[] {
  const { rendered, live, name, key, path: field } = one
  if (!['string', 'number', 'boolean'].includes(typeof rendered)) return []
  if (!['string', 'number', 'boolean'].includes(typeof live)) return []
  const same = leavesOf(effective).filter((path) => {
    const value = valueIn(effective, path)
    if (value === null || typeof value === 'object' || String(value) !== String(rendered)) return false
    return (typeof value === 'string' || typeof value === typeof live) && !known.has(showValuePath(path))
  })
  // One that nothing in its name speaks for is tried only where there is no other.
  const meant = same.length === 1 ? same : same.filter((path) => nearness(path, one) > 0)
  return meant.map((path) => ({
    changes: [
      { path, value: typeof valueIn(effective, path) === 'string' ? String(live) : (live as Json), name, key, field },
    ],
    claims: [idOf(one)],
  }))
}

/** What a switch of the chart would render is not known before it was tried. */
export function switches({ effective, differences }: Scene): Candidate[] {
  const flags = leavesOf(effective).filter((path) => valueIn(effective, path) === false)
  const missing = differences.filter(({ rendered }) => rendered === undefined)
  const found = missing.flatMap((one) =>
    flags.filter((path) => nearness(path, one) > 0).map((path) => flipped(path, one)),
  )
  return [...new Map(found.map((one) => [JSON.stringify(one.changes[0]?.path), one])).values()]
}

function nearest(candidates: readonly Candidate[], one: Difference): Candidate[] {
  const score = ({ changes }: Candidate): number => nearness(changes[0]?.path ?? [], one)
  return candidates.toSorted((first, second) => score(second) - score(first)).slice(0, MOST)
}

/** How many words of the path are in the name of the object or the field. */
function nearness(path: ValuePath, { name, path: field }: Difference): number {
  const words = new Set(`${name} ${field} ${calledBy(name)}`.toLowerCase().match(/[a-z]{3,}/gu))
  const own = path.flatMap((part) => [
    ...(String(part)
      .toLowerCase()
      .match(/[a-z]{3,}/gu) ?? []),
  ])
  return own.filter((word) => words.has(word)).length
}

/** What charts call a kind: by the first letters of its words (`hpa`, `pdb`), or by what it is for. */
function calledBy(name: string): string {
  const [kind = ''] = name.split('/')
  return `${kind.replaceAll(/[^A-Z]/gu, '')} ${OTHER_NAMES[kind] ?? ''}`
}

const OTHER_NAMES: Readonly<Record<string, string>> = {
  HorizontalPodAutoscaler: 'autoscaling autoscaler',
  PersistentVolumeClaim: 'persistence',
}

function flipped(path: ValuePath, one: Difference): Candidate {
  return { changes: [{ path, value: true, name: one.name, key: one.key, field: one.path }], claims: [idOf(one)] }
}

/** A field that is not rendered at all, in maps of the chart that hold nothing: by its own name, or below that of its object. */
export function inEmptyMaps(one: Difference, { effective, targets }: Scene): Candidate[] {
  const { rendered, live, path: field, name, key } = one
  const step = stepsOf(field).at(-1)
  if (rendered !== undefined || live === undefined || step?.kind !== 'name') return []
  const object = targets.get(key)?.live.metadata.name ?? ''
  return emptyIn(effective).maps.flatMap((map) =>
    [[object, step.name], [step.name]].map((below): Candidate => {
      const path = [...map, ...below]
      return { changes: [{ path, value: live as Json, name, key, field }], claims: [idOf(one)] }
    }),
  )
}
