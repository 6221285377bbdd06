import type { KubeObject } from '../kube.ts'
import { statedDifferences } from './diff.ts'
import { isWithin, join, stepsOf, valueAt, type Step } from './field-path.ts'
import { foreignFields, helmsFields, isControlPlane, ownerOf, type OwnedField } from './managers.ts'
import type { DriftedField, FieldChange } from './model.ts'
import type { Preserved } from './preserved.ts'

export interface DriftInput {
  readonly wanted: KubeObject
  /** What the last deploy applied; undefined: nothing is known of it, so nothing can have drifted. */
  readonly previous: KubeObject | undefined
  readonly live: KubeObject
  /** Where the live object differs from what is wanted to be stated. */
  readonly stated: readonly FieldChange[]
  /** The same, with what is withdrawn. */
  readonly touched: readonly FieldChange[]
  readonly preserved: readonly Preserved[]
  /** The last deployed revision is the newest one. */
  readonly settled: boolean
}

/** What forge itself writes beside a chart (that an adopted claim stays) is nobody's change. */
const FORGE = 'forge'

/** How the live object differs from what the last deploy applied, who did it, and what the next deploy does about it. */
export function driftOf(input: DriftInput): DriftedField[] {
  const { wanted, previous, live, touched, preserved, settled } = input
  if (previous === undefined) return []
  const owned = foreignFields(live)
  let helms: readonly OwnedField[] | undefined
  const isHelms = (path: string): boolean => ownerOf(path, (helms ??= helmsFields(live))) !== undefined
  const differing = previous === wanted ? input.stated : statedDifferences(previous, live)
  const stated = differing.flatMap(({ path, before, after }): DriftedField[] => {
    const kept = preserved.find((one) => isWithin(path, one.path))
    const owner = before === undefined ? undefined : ownerOf(path, owned)
    const { manager, time } = owner ?? { manager: 'somebody', time: undefined }
    const base = { path, deployed: after, live: before, manager, time }
    if (kept !== undefined) return [{ ...base, end: 'kept', because: kept.because }]
    // What a failed upgrade left behind is helm's own work, not somebody's.
    if (owner === undefined && (!settled || isHelms(path))) return []
    // Somebody else already made of it what is wanted now.
    const overwritten = touched.some((one) => isWithin(one.path, path) || isWithin(path, one.path))
    return overwritten ? [{ ...base, end: 'overwritten' }] : []
  })
  return [
    ...stated,
    ...preserved.flatMap((one) =>
      stated.some(({ path }) => isWithin(path, one.path)) ? [] : givenUp(one, previous, live),
    ),
    ...additionsBeside([wanted, previous], live, owned, preserved).filter(({ manager }) => manager !== FORGE),
  ]
}

/** Without what the API server finds equal: fields that it does not keep as they are written (an omitted `false`), other units. */
export function takenBack(drift: readonly DriftedField[], changes: readonly FieldChange[]): DriftedField[] {
  const isChanged = (path: string): boolean =>
    changes.some((one) => isWithin(one.path, path) || isWithin(path, one.path))
  return drift.filter(({ end, path }) => end !== 'overwritten' || isChanged(path))
}

/** What the chart gives up and somebody else owns is told even where its value is the chart's. */
function givenUp({ path, because, owner }: Preserved, previous: KubeObject, live: KubeObject): DriftedField[] {
  if (owner === undefined) return []
  const { manager, time } = owner
  return [{ path, deployed: valueAt(previous, path), live: valueAt(live, path), manager, time, end: 'kept', because }]
}

/** kubectl's and controllers' own notes. */
const NOTES = /(?:^|\.)annotations\.'(?:kubectl\.kubernetes\.io\/|deployment\.kubernetes\.io\/|meta\.helm\.sh\/)/u
const OWN_PARTS = /^(?:spec|data|binaryData|metadata\.labels|metadata\.annotations)\b/u

/** What somebody put beside what the manifests state (an environment variable, a sidecar): both helms leave it alone. */
export function additionsBeside(
  manifests: readonly KubeObject[],
  live: KubeObject,
  owned: readonly OwnedField[],
  preserved: readonly Preserved[] = [],
): DriftedField[] {
  const found = new Map<string, DriftedField>()
  for (const field of owned) {
    if (isControlPlane(field) || !OWN_PARTS.test(field.path) || NOTES.test(field.path)) continue
    const path = unstated(field.path, manifests)
    const value = path === undefined ? undefined : valueAt(live, path)
    if (
      path === undefined ||
      value === undefined ||
      found.has(path) ||
      preserved.some((one) => isWithin(path, one.path))
    )
      continue
    found.set(path, { path, deployed: undefined, live: value, manager: field.manager, time: field.time, end: 'stays' })
  }
  return [...found.values()]
}

/** The outermost part of the path that no manifest has; undefined: one of them states the field itself. */
function unstated(path: string, manifests: readonly KubeObject[]): string | undefined {
  let outer = ''
  for (const step of stepsOf(path)) {
    outer = append(outer, step)
    const stated = manifests.map((one) => valueAt(one, outer)).filter((value) => value !== undefined)
    // Everybody writes into these two maps: what matters is the entry.
    if (/(?:^|\.)metadata\.(?:labels|annotations)$/u.test(outer)) continue
    if (stated.length === 0) return outer
    // An atomic list or a scalar belongs to the chart as a whole.
    if (stated.every((value) => typeof value !== 'object')) return undefined
  }
  return undefined
}

function append(path: string, step: Step): string {
  return step.kind === 'item' ? `${path}[${step.key}]` : join(path, step.name)
}
