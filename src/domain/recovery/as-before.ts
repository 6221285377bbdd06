import { keyOf, type KubeObject } from '../kube.ts'
import type { KeptValues } from '../manifest/keep-values.ts'
import type { Rendered } from '../manifest/parse.ts'
import { grownSize } from '../plan/claims.ts'
import { locate, valueAt } from '../plan/field-path.ts'

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

/** What a manifest that comes back must hold instead of its own: counts as they were, and claims as large as they are. */
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
    ]
    return [key, values] as const
  })
  return Object.fromEntries(found.filter(([, values]) => values.length > 0))
}
