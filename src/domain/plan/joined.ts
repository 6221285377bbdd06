import type { ReleaseRecord } from '../helm/model.ts'
import { keyOf, madeAt, type KubeObject } from '../kube.ts'
import { isLeaving } from '../leaving.ts'
import { isBundledDefinition, type Rendered } from '../manifest/parse.ts'
import { statedOf } from '../migrate/stated.ts'
import { helmOwner } from './ownership.ts'
import type { ReleaseNow } from './plans-back.ts'

export interface Joining {
  readonly release: { readonly name: string; readonly namespace: string }
  readonly rendered: readonly Rendered[]
  readonly previous: readonly Rendered[]
}

/**
 * What somebody had made and marked as the release's own, before any revision of it had it: this deploy takes it over. To helm it is
 * new, and going back would delete it. Each as it was stated then.
 */
export function joined({ release, rendered, previous }: Joining, live: ReadonlyMap<string, KubeObject>): KubeObject[] {
  const known = new Set(previous.map(({ object }) => keyOf(object)))
  return rendered.flatMap((one) => {
    const found = live.get(keyOf(one.object))
    const isNew = one.hook === undefined && !isBundledDefinition(one) && !known.has(keyOf(one.object))
    if (!isNew || found === undefined || isLeaving(found)) return []
    const owner = helmOwner(found)
    return owner?.name === release.name && owner.namespace === release.namespace ? [statedOf(found, undefined)] : []
  })
}

/**
 * The same of a deploy that was killed: what is older than the first of its records, by the cluster's own clock, was somebody's
 * before. How it was is not known any more; it stays as it is.
 */
export function olderThan(
  records: readonly Pick<ReleaseRecord, 'secret'>[],
  { wanted, present, live }: ReleaseNow,
): KubeObject[] {
  const times = records.map(({ secret }) => madeAt(secret))
  const known = new Set(wanted.map(({ object }) => keyOf(object)))
  return present.flatMap(({ object, hook }) => {
    const found = live.get(keyOf(object))
    const isNew = hook === undefined && !known.has(keyOf(object))
    const isOlder = found !== undefined && !isLeaving(found) && times.every((time) => madeAt(found) < time)
    return isNew && isOlder && times.length > 0 ? [object] : []
  })
}

/** As what a record's manifest calls it that gets it. */
export function joinedAs({ kind, metadata: { name } }: KubeObject): string {
  return `joined/${kind.toLowerCase()}-${name}.yaml`
}
