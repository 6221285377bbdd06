import { ForgeError } from '../../errors.ts'
import { forge, kubectl, sequence, type Hint } from '../../hint.ts'
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
  release: Taker,
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
    throw new ForgeError(
      'E_OBJECT_OWNED',
      `${nameOf(object)} exists already ${whose}; release ${release.name} would have to take it over`,
      {
        hint: hintFor(object, owner, release),
        where: nameOf(object),
      },
    )
  }
}

interface Taker {
  readonly name: string
  readonly namespace: string
  readonly isInstalled: boolean
}

function hintFor(object: KubeObject, owner: string | undefined, release: Taker): Hint {
  const { name, namespace } = object.metadata
  if (owner !== undefined) return kubectl(['get', resourceName(object), name, '-o', 'yaml'], namespace)
  // What somebody applied before there was a release is taken over as a whole.
  return release.isInstalled ? marking(object, release) : forge('migrate-to-helm', '--dry-run')
}

/** With its marks the release takes it over in its next deploy; and gives it up as it gives up its own. */
function marking(object: KubeObject, { name, namespace }: Taker): Hint {
  const { labels, annotations } = helmMarks({ name, namespace })
  const mark = (verb: string, marks: Readonly<Record<string, string>>): Hint => {
    const texts = Object.entries(marks).map(([key, value]) => `${key}=${value}`)
    const { name: called, namespace: home } = object.metadata
    return kubectl([verb, resourceName(object), called, ...texts, '--overwrite'], home)
  }
  return sequence(mark('annotate', annotations), mark('label', labels))
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
