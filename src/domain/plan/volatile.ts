import { keyOf, nameOf } from '../kube.ts'
import type { Rendered } from '../manifest/parse.ts'

/** Names of the objects that two renders of one chart do not share. */
export function differing(one: readonly Rendered[], other: readonly Rendered[]): string[] {
  const second = new Map(other.map(({ object }) => [keyOf(object), JSON.stringify(object)]))
  return one.flatMap(({ object }) => (second.get(keyOf(object)) === JSON.stringify(object) ? [] : [nameOf(object)]))
}
