import { ForgeError } from '../../errors.ts'
import { kubectl } from '../../hint.ts'
import { keyOf, nameOf, resourceName, type KubeObject } from '../kube.ts'
import { isLeaving } from '../leaving.ts'
import { isBundledDefinition, type Rendered } from '../manifest/parse.ts'

/** By this annotation helm knows its own. */
export const RELEASE_NAME = 'meta.helm.sh/release-name'
/** With the namespace that it lives in. */
export const RELEASE_NAMESPACE = 'meta.helm.sh/release-namespace'

/** helm refuses to touch an object that exists and does not carry its marks; better said before anything is written. */
export function checkOwnership(
  rendered: readonly Rendered[],
  live: ReadonlyMap<string, KubeObject>,
  release: { readonly name: string; readonly namespace: string },
): void {
  for (const one of rendered) {
    const { object, hook } = one
    const found = hook === undefined && !isBundledDefinition(one) ? live.get(keyOf(object)) : undefined
    if (found === undefined || isLeaving(found) || isOwnedBy(found, release)) continue
    const owner = found.metadata.annotations?.[RELEASE_NAME]
    const whose =
      owner === undefined
        ? 'and belongs to no Helm release'
        : `and belongs to release ${owner} in ${found.metadata.annotations?.[RELEASE_NAMESPACE] ?? '?'}`
    throw new ForgeError(
      'E_OBJECT_OWNED',
      `${nameOf(object)} exists already ${whose}; release ${release.name} would have to take it over`,
      {
        hint: kubectl(['get', resourceName(object), object.metadata.name, '-o', 'yaml'], object.metadata.namespace),
        where: nameOf(object),
      },
    )
  }
}

function isOwnedBy({ metadata }: KubeObject, release: { readonly name: string; readonly namespace: string }): boolean {
  return (
    metadata.annotations?.[RELEASE_NAME] === release.name &&
    metadata.annotations[RELEASE_NAMESPACE] === release.namespace &&
    metadata.labels?.['app.kubernetes.io/managed-by'] === 'Helm'
  )
}
