import { keyOf, type KubeObject } from '../kube.ts'
import { isLeaving } from '../leaving.ts'
import { isBundledDefinition, type Rendered } from '../manifest/parse.ts'
import { statedOf } from '../migrate/stated.ts'
import { helmOwner } from './ownership.ts'

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
