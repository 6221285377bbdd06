import { ForgeError } from '../../errors.ts'
import { forge, kubectl } from '../../hint.ts'
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
  release: { readonly name: string; readonly namespace: string; readonly isInstalled: boolean },
  taken: ReadonlySet<string> = new Set(),
): void {
  for (const one of rendered) {
    const { object, hook } = one
    const found = hook === undefined && !isBundledDefinition(one) ? live.get(keyOf(object)) : undefined
    if (found === undefined || isLeaving(found) || isOwnedBy(found, release) || taken.has(keyOf(object))) continue
    const owner = found.metadata.annotations?.[RELEASE_NAME]
    const whose =
      owner === undefined
        ? 'and belongs to no Helm release'
        : `and belongs to release ${owner} in ${found.metadata.annotations?.[RELEASE_NAMESPACE] ?? '?'}`
    const look = kubectl(['get', resourceName(object), object.metadata.name, '-o', 'yaml'], object.metadata.namespace)
    // What somebody applied before there was a release is taken over as a whole.
    const isMigratable = owner === undefined && !release.isInstalled
    throw new ForgeError(
      'E_OBJECT_OWNED',
      `${nameOf(object)} exists already ${whose}; release ${release.name} would have to take it over`,
      {
        hint: isMigratable ? forge('migrate-to-helm', '--dry-run') : look,
        where: nameOf(object),
      },
    )
  }
}

/** A field that says whose the object is, and nothing of what it is. */
export function isHelmMark(path: string): boolean {
  return path.startsWith("metadata.annotations.'meta.helm.sh/release-")
}

/** The release whose marks it bears. */
export function helmOwner({
  metadata: { annotations = {} },
}: KubeObject): { readonly name: string; readonly namespace: string } | undefined {
  const [name, namespace] = [annotations[RELEASE_NAME], annotations[RELEASE_NAMESPACE]]
  return name === undefined || namespace === undefined ? undefined : { name, namespace }
}

/** As helm marks whatever it writes (pkg/action, setMetadataVisitor). */
export function helmMarks({ name, namespace }: { readonly name: string; readonly namespace: string }): {
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
} {
  return {
    labels: { 'app.kubernetes.io/managed-by': 'Helm' },
    annotations: { [RELEASE_NAME]: name, [RELEASE_NAMESPACE]: namespace },
  }
}

function isOwnedBy({ metadata }: KubeObject, release: { readonly name: string; readonly namespace: string }): boolean {
  return (
    metadata.annotations?.[RELEASE_NAME] === release.name &&
    metadata.annotations[RELEASE_NAMESPACE] === release.namespace &&
    metadata.labels?.['app.kubernetes.io/managed-by'] === 'Helm'
  )
}
