import { isMap } from '../config/path.ts'
import type { DriftPolicy } from '../config/model.ts'
import { showLine } from '../config/position.ts'
import { nameOf, type KubeObject } from '../kube.ts'
import { withdrawnFields } from './diff.ts'
import { filledIn } from './filled-in.ts'
import { foreignFields, ownerOf } from './managers.ts'
import type { FieldManager } from './model.ts'
import { locate, stepsOf, valueAt, type Step } from './field-path.ts'
import { itemKeys } from './merge-keys.ts'

/** A field that no deploy touches: it stays as it is live. */
export interface Preserved {
  readonly path: string
  /** `forge.yaml:11 preserves it`, `HorizontalPodAutoscaler/app decides` */
  readonly because: string
  /** The value is decided anew all the time: a rollback leaves the present one, not the one before. */
  readonly moving?: true
  /** Of a field that the chart gives up: who owns it beside helm. */
  readonly owner?: FieldManager
}

export function isMoving({ moving }: Preserved): boolean {
  return moving === true
}

interface Autoscaler {
  readonly scaleTargetRef?: { readonly kind?: string; readonly name?: string }
}

/** Fields that are not fought over: what the drift policy preserves, an autoscaler's target's replicas, and what others fill in. */
export function preservedFields(
  rendered: readonly KubeObject[],
  drift: DriftPolicy,
): (object: KubeObject) => readonly Preserved[] {
  const all = new Map<string, Preserved[]>()
  const add = (name: string, one: Preserved): void => void all.set(name, [...(all.get(name) ?? []), one])
  for (const object of rendered) {
    const target = object.kind === 'HorizontalPodAutoscaler' ? (object['spec'] as Autoscaler).scaleTargetRef : undefined
    if (target?.kind === undefined || target.name === undefined) continue
    const { namespace = '' } = object.metadata
    add(`${namespace}/${target.kind}/${target.name}`, {
      path: 'spec.replicas',
      because: `${nameOf(object)} decides`,
      moving: true,
    })
  }
  for (const { kind, name, field, at } of drift.preserve)
    add(`${kind}/${name}`, { path: field, because: `${showLine(at)} preserves it` })
  return (object) => {
    const name = nameOf(object)
    const { namespace = '' } = object.metadata
    return [...filledIn(object), ...(all.get(`${namespace}/${name}`) ?? []), ...(all.get(name) ?? [])]
  }
}

/**
 * Fields that the chart gives up and that somebody else owns too. Left to themselves helm 3 takes such a field away and
 * helm 4 leaves it to its other owner; forge leaves it, with both.
 */
export function givenUpFields(previous: KubeObject, wanted: KubeObject, live: KubeObject): Preserved[] {
  const owned = foreignFields(live)
  if (owned.length === 0) return []
  return withdrawnFields(previous, wanted, live).flatMap(({ path, after }) => {
    const owner = after === undefined ? ownerOf(path, owned) : undefined
    if (owner === undefined) return []
    const { manager, time } = owner
    return [{ path, because: `the chart gives it up, and ${manager} owns it too`, owner: { manager, time } }]
  })
}

/**
 * The object with its preserved fields as they are live: what helm must be given so that they survive the upgrade. Leaving
 * a field out would not do: helm then takes it away (three-way patch), or the API server falls back to its default (apply).
 */
export function withLiveValues(
  object: KubeObject,
  previous: KubeObject | undefined,
  live: KubeObject,
  preserved: readonly Preserved[],
): KubeObject {
  return withValues(object, liveValues(object, previous, live, preserved))
}

/** One field that helm must be given with another value than the chart's. */
export interface KeptValue {
  readonly path: string
  /** Absent: the field is not there live, and is left out. */
  readonly value?: unknown
}

/** `remade`: the object is made anew, and what no manifest states would not come back by itself. */
export function liveValues(
  object: KubeObject,
  previous: KubeObject | undefined,
  live: KubeObject,
  preserved: readonly Preserved[],
  remade = false,
): KeptValue[] {
  return preserved
    .filter(({ path }) => remade || stated(object, path) || stated(previous, path))
    .filter(({ path }) => !same(valueAt(object, path), valueAt(live, path)))
    .map(({ path }) => ({ path, value: valueAt(live, path) }))
}

export function withValues(object: KubeObject, values: readonly KeptValue[]): KubeObject {
  if (values.length === 0) return object
  const copy = structuredClone(object)
  for (const { path, value } of values) {
    put(copy, path, value)
    // Text in `stringData` would win over the same key in `data`.
    const key = /^data\.'?([^']+)'?$/u.exec(path)?.[1]
    if (key !== undefined && isMap(copy['stringData'])) Reflect.deleteProperty(copy['stringData'], key)
  }
  return copy
}

function stated(object: KubeObject | undefined, path: string): boolean {
  return object !== undefined && locate(object, path) !== undefined
}

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}

/** Sets a value where its path leads, making the maps on the way; undefined takes it away. */
function put(object: KubeObject, path: string, value: unknown): void {
  const steps = stepsOf(path)
  const last = steps.at(-1)
  if (last === undefined) return
  let holder: unknown = object
  let field = ''
  for (const [at, step] of steps.slice(0, -1).entries()) {
    holder = step.kind === 'name' ? inside(holder, step.name, steps[at + 1]) : itemOf(holder, field, step.key)
    if (step.kind === 'name') field = step.name
  }
  if (last.kind === 'item') putItem(holder, field, last.key, value)
  else if (isMap(holder)) putField(holder, last.name, value)
}

function inside(holder: unknown, name: string, next: Step | undefined): unknown {
  if (!isMap(holder)) return undefined
  const map = holder as Record<string, unknown>
  return (map[name] ??= next?.kind === 'item' ? [] : {})
}

function itemOf(holder: unknown, field: string, key: string): unknown {
  if (!Array.isArray(holder)) return undefined
  const list: readonly unknown[] = holder
  return list[itemKeys(field, list)?.indexOf(key) ?? -1]
}

function putField(map: object, name: string, value: unknown): void {
  if (value === undefined) Reflect.deleteProperty(map, name)
  else Reflect.set(map, name, value)
}

function putItem(holder: unknown, field: string, key: string, value: unknown): void {
  if (!Array.isArray(holder)) return
  const list: unknown[] = holder
  const at = itemKeys(field, list)?.indexOf(key) ?? -1
  if (at < 0) list.push(...(value === undefined ? [] : [value]))
  else list.splice(at, 1, ...(value === undefined ? [] : [value]))
}
