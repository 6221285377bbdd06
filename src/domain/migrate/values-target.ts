import { isEqual } from '../canonical.ts'
import { isMap } from '../config/path.ts'
import { keyOf, nameOf, type KubeObject } from '../kube.ts'
import { statedDifferences, withdrawnFields } from '../plan/diff.ts'
import { isWithin, valueAt } from '../plan/field-path.ts'
import { foreignFields, isControlPlane, ownerOf } from '../plan/managers.ts'
import { isApplier, statedByNow, statedOf } from './stated.ts'

/** A live object that the chart's render is to come near to. */
export interface Target {
  readonly live: KubeObject
  /** What people state of it: all that is to be expressed. */
  readonly stated: KubeObject
  /** The part of it that a release takes for its own: what it does not render of that goes. */
  readonly given: KubeObject
}

/** One field that is live otherwise than the chart renders it. */
export interface Difference {
  /** Of the object. */
  readonly key: string
  readonly name: string
  /** Empty: the chart does not render the object. */
  readonly path: string
  readonly live: unknown
  readonly rendered: unknown
  /** Somebody added it, so that a release which does not render it leaves it alone. */
  readonly stays: boolean
}

export function targetsOf(
  objects: readonly KubeObject[],
  source: ReadonlyMap<string, { readonly object: KubeObject }>,
): ReadonlyMap<string, Target> {
  // Of a Secret nothing is ever written into a file.
  const others = objects.filter(({ kind, apiVersion }) => !(kind === 'Secret' && apiVersion === 'v1'))
  return new Map(
    others.map((live) => {
      const object = source.get(keyOf(live))?.object
      return [keyOf(live), { live, stated: statedByNow(live, object), given: statedOf(live, object) }]
    }),
  )
}

/** All that a release with this render would change of what runs. What it would only make is none of it. */
export function differencesOf(
  rendered: readonly KubeObject[],
  targets: ReadonlyMap<string, Target>,
): readonly Difference[] {
  const made = new Map(rendered.map((object) => [keyOf(object), object]))
  return [...targets].flatMap(([key, { live, stated, given }]): Difference[] => {
    const [wanted, name] = [made.get(key), nameOf(live)]
    if (wanted === undefined) return [{ key, name, path: '', live: stated, rendered: undefined, stays: false }]
    const changed = [...statedDifferences(wanted, live), ...withdrawnFields(stated, wanted, live)]
    // A list that is written as a whole is the same whatever the order of its items' keys.
    const real = changed.filter(({ before, after }) => !isEqual(before, after))
    const found = new Map(real.map(({ path, before, after }) => [path, { before, after }]))
    return [...found].map(([path, { before, after }]) => {
      const stays = after === undefined && valueAt(given, path) === undefined
      return { key, name, path, live: before, rendered: after, stays }
    })
  })
}

export function idOf({ key, path }: Difference): string {
  return `${key} ${path}`
}

/** Less differs, and nothing does that did not before. */
export function isNearer(now: readonly Difference[], before: readonly Difference[]): boolean {
  const isKnown = (one: Difference): boolean =>
    before.some(({ key, path }) => key === one.key && (path === '' || isWithin(one.path, path)))
  return weightOf(now) < weightOf(before) && now.every(isKnown)
}

/** By leaves: an object of which a part is rendered rightly differs less than one that is not rendered. */
export function weightOf(differences: readonly Difference[]): number {
  return differences.reduce((sum, { live, rendered }) => {
    return sum + (rendered === undefined ? 1 + leaves(live) : live === undefined ? leaves(rendered) : 1)
  }, 0)
}

function leaves(value: unknown): number {
  const inner = isMap(value) ? Object.values(value) : Array.isArray(value) ? (value as readonly unknown[]) : []
  return inner.length === 0 ? 1 : inner.reduce<number>((sum, one) => sum + leaves(one), 0)
}

/** Who changed the field since it was applied: `kubectl-edit`. Undefined: nobody. */
export function setBy(path: string, { live }: Target): string | undefined {
  return ownerOf(
    path,
    foreignFields(live).filter((one) => !isControlPlane(one) && !isApplier(one)),
  )?.manager
}
