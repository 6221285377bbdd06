import { fluxSpec, applicationSpec } from '../../domain/gitops/shapes.ts'
import { ownerRef } from '../../domain/gitops/links.ts'
import { gitopsOwned, ownerName, TOOL_NAMES, type GitopsOwned } from '../../domain/gitops.ts'
import {
  groupOf,
  keyOf,
  nameOf,
  placedName,
  refOf,
  type ApiResource,
  type KubeObject,
  type ObjectRef,
} from '../../domain/kube.ts'
import { ForgeError } from '../../errors.ts'
import { forge, kubectl } from '../../hint.ts'
import { noneIfGone, unlessForbidden } from '../unless-forbidden.ts'
import type { Connection } from '../phases/ports.ts'
import { servedRef } from './chain.ts'
import type { FollowScope } from './ports.ts'

const FLUX = 'kustomize.toolkit.fluxcd.io'

interface Looking {
  readonly scope: FollowScope
  readonly releases: readonly { readonly name: string; readonly namespace: string }[]
  readonly signal: AbortSignal
}

/**
 * Who applies the environment: by the marks of its objects, and by what deploys its releases or to its namespace, as before the
 * first time there is no object. Throws E_FOLLOW_NO_OWNER.
 */
export async function findOwners(objects: readonly KubeObject[], looking: Looking): Promise<ObjectRef[]> {
  const { scope, signal } = looking
  const { cluster } = scope.connected
  const resources = await cluster.resources(signal)
  const marked = gitopsOwned(objects)
  const owned = await Promise.all(marked.map(async (one) => await placedOwner(one, resources, looking)))
  const aiming = await aimingAt(resources, looking)
  const found = [...new Map([...owned, ...aiming].map((ref) => [keyOf(ref), ref])).values()]
  if (found.length > 0) return found
  const first = await kustomizationsFor(resources, looking)
  if (first.length > 0) return first
  const what =
    objects[0] === undefined
      ? `nothing runs in namespace ${scope.namespace}`
      : `${nameOf(objects[0])} bears no mark of them`
  throw new ForgeError(
    'E_FOLLOW_NO_OWNER',
    `neither Flux nor Argo CD deploys ${scope.environment}: ${what}, and no HelmRelease or Application names its releases`,
    { hint: forge('status', ...scope.flags), where: `namespace ${scope.namespace}` },
  )
}

/** The mark of Argo CD does not say in which namespace its Application is. */
async function placedOwner(
  { object, owner }: GitopsOwned,
  resources: readonly ApiResource[],
  looking: Looking,
): Promise<ObjectRef> {
  const { scope, signal } = looking
  const { cluster } = scope.connected
  const ref = servedRef(ownerRef(owner, scope.namespace), resources)
  const found = ref === undefined ? undefined : await cluster.get(ref, signal)
  if (found !== undefined) return refOf(found)
  if (ref !== undefined && owner.namespace === undefined) {
    const { apiVersion, kind, name } = ref
    const all = await unlessForbidden(
      cluster.list({ apiVersion, kind }, { fieldSelector: `metadata.name=${name}` }, signal),
    )
    const [only, other] = all ?? []
    if (only !== undefined && other === undefined) return refOf(only)
  }
  const what = placedName(refOf(object), scope.namespace)
  throw new ForgeError(
    'E_FOLLOW_NO_OWNER',
    `${what} belongs to ${ownerName(owner)}, which is not in this cluster: what ${TOOL_NAMES[owner.tool]} has applied cannot be seen from here`,
    {
      hint: kubectl(['get', object.kind.toLowerCase(), object.metadata.name, '-o', 'yaml'], object.metadata.namespace),
      where: what,
      chain: [ownerName(owner), `${owner.mark} of ${what}`],
    },
  )
}

/** HelmReleases of these releases, and Applications that deploy to the namespace. */
async function aimingAt(resources: readonly ApiResource[], { scope, releases, signal }: Looking): Promise<ObjectRef[]> {
  const { cluster } = scope.connected
  const all = async (kind: string, group: string): Promise<readonly KubeObject[]> =>
    await everywhere(
      resources.find((one) => one.kind === kind && groupOf(one.apiVersion) === group),
      scope.namespace,
      cluster,
      signal,
    )
  const [helm, apps] = await Promise.all([
    all('HelmRelease', 'helm.toolkit.fluxcd.io'),
    all('Application', 'argoproj.io'),
  ])
  const installs = helm.filter((object) => {
    const { name, namespace } = releaseOf(object)
    return releases.some(
      (one) => one.name === name && (one.namespace === '' ? scope.namespace : one.namespace) === namespace,
    )
  })
  const deploys = apps.filter(({ spec }) => applicationSpec(spec).destination?.namespace === scope.namespace)
  return [...installs, ...deploys].map(refOf)
}

/** Before its first time a Kustomization is known by where it is, or by where it puts things. */
async function kustomizationsFor(resources: readonly ApiResource[], { scope, signal }: Looking): Promise<ObjectRef[]> {
  const { namespace, connected } = scope
  const resource = resources.find((one) => one.kind === 'Kustomization' && groupOf(one.apiVersion) === FLUX)
  const all = await everywhere(resource, namespace, connected.cluster, signal)
  return all
    .filter(({ metadata, spec }) => [metadata.namespace, fluxSpec(spec).targetNamespace].includes(namespace))
    .map(refOf)
}

async function everywhere(
  resource: ApiResource | undefined,
  namespace: string,
  cluster: Pick<Connection, 'list'>,
  signal: AbortSignal,
): Promise<readonly KubeObject[]> {
  if (resource === undefined) return []
  const kind = { apiVersion: resource.apiVersion, kind: resource.kind }
  return (
    (await unlessForbidden(noneIfGone(cluster.list(kind, {}, signal)))) ??
    (await unlessForbidden(noneIfGone(cluster.list(kind, { namespace }, signal)))) ??
    []
  )
}

/** What helm calls the release that a HelmRelease makes, and where (HelmRelease.GetReleaseName, GetReleaseNamespace). */
export function releaseOf({ metadata, spec }: KubeObject): { readonly name: string; readonly namespace: string } {
  const { releaseName, targetNamespace } = fluxSpec(spec)
  const name = targetNamespace === undefined ? metadata.name : `${targetNamespace}-${metadata.name}`
  return { name: releaseName ?? name, namespace: targetNamespace ?? metadata.namespace ?? '' }
}
