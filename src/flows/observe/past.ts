import type { KubeObject } from '../../domain/kube.ts'
import type { ObjectCache, ObjectEvent } from '../../domain/readiness/model.ts'
import { standsFor } from '../../domain/status/age.ts'

/**
 * What existed before anybody looked, told to the cache in the order and at the times at which it came about: windows of
 * grace that passed long ago are over at the first look. `at` is now by the clock of the cache, `now` by that of people.
 */
export function tellAged(
  objects: readonly KubeObject[],
  cache: Pick<ObjectCache, 'apply'>,
  { at, now }: { readonly at: number; readonly now: number },
): void {
  const aged = objects.map((object) => ({ object, age: standsFor(object, now) }))
  for (const { object, age } of aged.sort((a, b) => b.age - a.age)) {
    const event: ObjectEvent = { type: 'set', object }
    cache.apply([event], at - age)
  }
}
