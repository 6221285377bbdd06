import { keyOf, type KubeObject } from '../kube.ts'
import type { KeptValues } from '../manifest/keep-values.ts'
import type { Rendered } from '../manifest/parse.ts'
import { grownSize } from '../plan/claims.ts'
import { locate, valueAt } from '../plan/field-path.ts'
import { WHEN_SCALED } from '../plan/losses-back.ts'
import type { KeptValue } from '../plan/preserved.ts'

const REPLICAS = 'spec.replicas'

/**
 * Replicas that are other than the manifest says, by the object's key: a person's (`kubectl scale`) or an autoscaler's.
 * Nothing else of an object goes into the journal: another field may hold a secret.
 */
export function countsBeside(
  manifest: readonly Rendered[],
  live: ReadonlyMap<string, KubeObject>,
): Readonly<Record<string, number>> {
  const found = manifest.flatMap(({ object }): [string, number][] => {
    const now = live.get(keyOf(object))
    const count = now === undefined ? undefined : valueAt(now, REPLICAS)
    const stated = locate(object, REPLICAS) === undefined ? undefined : valueAt(object, REPLICAS)
    return typeof count === 'number' && stated !== undefined && count !== stated ? [[keyOf(object), count]] : []
  })
  return Object.fromEntries(found)
}

/**
 * What a manifest that comes back must hold instead of its own: counts as they were, claims as large as they are, and that
 * claims stay where a StatefulSet shrinks.
 */
export function valuesBefore(
  manifest: readonly Rendered[],
  live: ReadonlyMap<string, KubeObject>,
  counts: Readonly<Record<string, number>>,
): KeptValues['objects'] {
  const found = manifest.map(({ object }) => {
    const key = keyOf(object)
    const count = counts[key]
    const values = [
      ...(count === undefined ? [] : [{ path: REPLICAS, value: count }]),
      ...grownSize(object, live.get(key)),
      ...retaining(object, live.get(key), count),
    ]
    return [key, values] as const
  })
  return Object.fromEntries(found.filter(([, values]) => values.length > 0))
}

/** It would delete the claims of the pods that it gives up. */
function retaining(set: KubeObject, live: KubeObject | undefined, count: number | undefined): KeptValue[] {
  if (set.kind !== 'StatefulSet' || live === undefined || valueAt(set, WHEN_SCALED) !== 'Delete') return []
  const [now, then] = [valueAt(live, REPLICAS) ?? 1, count ?? valueAt(set, REPLICAS) ?? 1]
  return Number(now) > Number(then) ? [{ path: WHEN_SCALED, value: 'Retain' }] : []
}
