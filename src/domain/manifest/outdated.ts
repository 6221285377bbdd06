import { kindKey, groupOf, nameOf, type ApiResource, type KubeObject } from '../kube.ts'
import { changeObjects } from './keep-values.ts'

/** An object of a record whose version of its kind the cluster does not serve any more. */
export interface Outdated {
  readonly object: string
  readonly kind: string
  readonly from: string
  /** Undefined: no version of the kind is served, so that there can be no such object. */
  readonly to: string | undefined
}

/** Kinds that went on in another group (https://kubernetes.io/docs/reference/using-api/deprecation-guide/). */
const MOVED: Readonly<Record<string, string>> = {
  'extensions/DaemonSet': 'apps',
  'extensions/Deployment': 'apps',
  'extensions/ReplicaSet': 'apps',
  'extensions/Ingress': 'networking.k8s.io',
  'extensions/NetworkPolicy': 'networking.k8s.io',
  'extensions/PodSecurityPolicy': 'policy',
}

/** Those among the objects, each once. */
export function outdatedIn(objects: readonly KubeObject[], resources: readonly ApiResource[]): Outdated[] {
  const served = new Set(resources.map(kindKey))
  const old = objects.filter((object) => !served.has(kindKey(object)))
  const found = old.map((object): Outdated => {
    const { apiVersion: from, kind } = object
    return { object: nameOf(object), kind, from, to: servedVersion(object, resources) }
  })
  return [...new Map(found.map((one) => [`${one.from} ${one.object}`, one])).values()]
}

/**
 * A manifest of a record in which each object is of a version that is served; what no version is served of is left out.
 * helm cannot read a record otherwise, and then neither upgrades, rolls back nor uninstalls (pkg/action, "unable to build
 * kubernetes objects from current release manifest").
 */
export function mendManifest(manifest: string, resources: readonly ApiResource[]): string {
  return changeObjects(manifest, (object) => {
    const to = servedVersion(object, resources)
    if (to === object.apiVersion) return object
    return to === undefined ? null : { ...object, apiVersion: to }
  })
}

/** The served versions of a group come with the preferred one first. */
function servedVersion({ apiVersion, kind }: KubeObject, resources: readonly ApiResource[]): string | undefined {
  const ofKind = resources.filter((one) => one.kind === kind)
  if (ofKind.some((one) => one.apiVersion === apiVersion)) return apiVersion
  const own = groupOf(apiVersion)
  const groups = [own, MOVED[`${own}/${kind}`]]
  return groups
    .map((group) => ofKind.find((one) => groupOf(one.apiVersion) === group)?.apiVersion)
    .find((version) => version !== undefined)
}
