import { keyOf, type KubeObject } from '../../domain/kube.ts'
import type { ObjectCache, ObjectEvent } from '../../domain/readiness/model.ts'
import { standsFor } from '../../domain/status/age.ts'

/**
 * What existed before anybody looked, told to the cache in the order and at the times at which it came about: windows of
 * grace that passed long ago are over at the first look. `at` is now by the clock of the cache, `now` by that of people.
 */
export function tellAged(
  objects: readonly KubeObject[],
  cache: Pick<ObjectCache, 'apply'>,
  { at, now, specs }: { readonly at: number; readonly now: number; readonly specs?: Specs },
): void {
  const aged = objects.flatMap((object) => {
    const written = specs?.get(keyOf(object))
    if (written === undefined) return [{ object, age: standsFor(object, now) }]
    const age = Math.max(now - written, 0)
    // Its status is of the spec before.
    return [
      { object: ofGenerationBefore(object), age: Math.max(standsFor(object, now), age + 1) },
      { object, age },
    ]
  })
  for (const { object, age } of aged.sort((a, b) => b.age - a.age)) {
    const event: ObjectEvent = { type: 'set', object }
    cache.apply([event], at - age)
  }
}

/** Of objects whose status is not about their spec: when that was written (unansweredSince). */
export type Specs = ReadonlyMap<string, number>

function ofGenerationBefore(object: KubeObject): KubeObject {
  const { metadata } = object
  return { ...object, metadata: { ...metadata, generation: (metadata.generation ?? 1) - 1 } }
}
