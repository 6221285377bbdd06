import { groupOf, type KubeObject } from './kube.ts'

export const GITOPS_TOOLS = ['flux', 'argocd'] as const

export type GitopsTool = (typeof GITOPS_TOOLS)[number]

export const TOOL_NAMES: Readonly<Record<GitopsTool, string>> = { flux: 'Flux', argocd: 'Argo CD' }

/** What reconciles an object from a repository, and takes back what anybody else writes. */
export interface GitopsOwner {
  readonly tool: GitopsTool
  readonly kind: 'Kustomization' | 'HelmRelease' | 'Application'
  readonly name: string
  /** Undefined: the mark does not say it. */
  readonly namespace: string | undefined
  /** What says so: `label kustomize.toolkit.fluxcd.io/name`. */
  readonly mark: string
}

/** API group of each kind of owner. */
export const OWNER_GROUPS: Readonly<Record<GitopsOwner['kind'], string>> = {
  Kustomization: 'kustomize.toolkit.fluxcd.io',
  HelmRelease: 'helm.toolkit.fluxcd.io',
  Application: 'argoproj.io',
}

/** An object, and who owns it. */
export interface GitopsOwned {
  readonly object: KubeObject
  readonly owner: GitopsOwner
}

/** `Kustomization flux-system/apps` */
export function ownerName({ kind, namespace, name }: GitopsOwner): string {
  return `${kind} ${namespace === undefined ? name : `${namespace}/${name}`}`
}

/** By the marks that Flux and Argo CD put on what they apply. Undefined: neither of them owns it. */
export function gitopsOwner(object: KubeObject): GitopsOwner | undefined {
  return (
    fluxOwner(object, 'HelmRelease', 'helm.toolkit.fluxcd.io') ??
    fluxOwner(object, 'Kustomization', 'kustomize.toolkit.fluxcd.io') ??
    trackedByAnnotation(object) ??
    trackedByLabel(object)
  )
}

/** For each owner the first of its objects. */
export function gitopsOwned(objects: readonly KubeObject[]): GitopsOwned[] {
  const first = new Map<string, GitopsOwned>()
  for (const object of objects) {
    const owner = gitopsOwner(object)
    if (owner !== undefined && !first.has(ownerName(owner))) first.set(ownerName(owner), { object, owner })
  }
  return [...first.values()]
}

function fluxOwner(
  { metadata: { labels = {} } }: KubeObject,
  kind: 'Kustomization' | 'HelmRelease',
  group: string,
): GitopsOwner | undefined {
  const name = labels[`${group}/name`]
  if (name === undefined) return undefined
  return { tool: 'flux', kind, name, namespace: labels[`${group}/namespace`], mark: `label ${group}/name` }
}

const TRACKING_ID = 'argocd.argoproj.io/tracking-id'

/** `APP:GROUP/KIND:NAMESPACE/NAME`. One that names another object was copied from there: Argo CD does not mind it either. */
function trackedByAnnotation(object: KubeObject): GitopsOwner | undefined {
  const id = object.metadata.annotations?.[TRACKING_ID]
  if (id === undefined) return undefined
  const [, application = id, group, kind, namespace, name] = /^([^:]*):([^/]*)\/([^:]*):([^/]*)\/(.*)$/su.exec(id) ?? []
  const { metadata } = object
  // What has no namespace is tracked with the one that its Application deploys to.
  const isItself =
    name === undefined ||
    (group === groupOf(object.apiVersion) &&
      kind === object.kind &&
      name === metadata.name &&
      namespace === (metadata.namespace ?? namespace))
  return isItself ? applicationOf(application, `annotation ${TRACKING_ID}`) : undefined
}

const OWN_LABEL = 'argocd.argoproj.io/instance'
const COMMON_LABEL = 'app.kubernetes.io/instance'

/** Most charts set the common label themselves: it tells of Argo CD only where that wrote the object. */
function trackedByLabel({ metadata: { labels = {}, managedFields = [] } }: KubeObject): GitopsOwner | undefined {
  const [own, common] = [labels[OWN_LABEL], labels[COMMON_LABEL]]
  if (own !== undefined) return applicationOf(own, `label ${OWN_LABEL}`)
  const isWritten = managedFields.some(({ manager = '' }) => /^argocd-(?:application-)?controller$/u.test(manager))
  return common !== undefined && isWritten ? applicationOf(common, `label ${COMMON_LABEL}`) : undefined
}

/** Outside of Argo CD's own namespace an Application goes by `NAMESPACE_NAME`; no name has an underscore. */
function applicationOf(instance: string, mark: string): GitopsOwner {
  const [, namespace, name = instance] = /^([^_]+)_(.+)$/u.exec(instance) ?? []
  return { tool: 'argocd', kind: 'Application', name, namespace, mark }
}
