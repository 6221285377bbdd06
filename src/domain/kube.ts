/** Kubernetes objects as forge reads them: plain JSON, typed only as far as forge looks inside. */
export interface ObjectMeta {
  readonly name: string
  readonly namespace?: string
  readonly uid?: string
  readonly generation?: number
  readonly resourceVersion?: string
  readonly creationTimestamp?: string
  readonly deletionTimestamp?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly ownerReferences?: readonly OwnerReference[]
  readonly finalizers?: readonly string[]
  readonly managedFields?: readonly ManagedFields[]
}

export interface OwnerReference {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
  readonly uid: string
  readonly controller?: boolean
}

export interface ManagedFields {
  readonly manager?: string
  readonly operation?: 'Apply' | 'Update'
  readonly apiVersion?: string
  readonly time?: string
  readonly subresource?: string
  readonly fieldsV1?: unknown
}

/** When the cluster made it, by its own clock, in ms since 1970; NaN, which is before and after nothing, where nobody says. */
export function madeAt(object: KubeObject | undefined): number {
  return Date.parse(object?.metadata.creationTimestamp ?? '')
}

export interface KubeObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: ObjectMeta
  readonly [field: string]: unknown
}

/** Which object: enough to fetch it. `namespace` is absent for cluster-scoped kinds. */
export interface ObjectRef {
  readonly apiVersion: string
  readonly kind: string
  readonly namespace?: string
  readonly name: string
}

export interface KindRef {
  readonly apiVersion: string
  readonly kind: string
}

/** One line of API discovery. `plural` is the path segment of the kind. */
export interface ApiResource extends KindRef {
  readonly plural: string
  readonly namespaced: boolean
  readonly verbs: readonly string[]
}

/** What people call an object in messages and in forge.yaml: `Deployment/app`. */
export function nameOf(object: KubeObject | ObjectRef): string {
  return `${object.kind}/${'metadata' in object ? object.metadata.name : object.name}`
}

/** `Deployment/web`; outside of `home`: `Deployment/web in namespace edge`. */
export function placedName(ref: ObjectRef, home: string): string {
  return ref.namespace === undefined || ref.namespace === home
    ? nameOf(ref)
    : `${nameOf(ref)} in namespace ${ref.namespace}`
}

/** What stands in a row of a screen: `web`; outside of `home`: `web (edge)`. */
export function calledAt(name: string, namespace: string | undefined, home: string | undefined): string {
  return namespace === undefined || home === undefined || namespace === home ? name : `${name} (${namespace})`
}

/** The namespaces that these objects are in, each once. */
export function namespacesOf(objects: readonly KubeObject[]): string[] {
  return [...new Set(objects.flatMap(({ metadata: { namespace } }) => namespace ?? []))]
}

/** A kind as one version of its API serves it: `apps/v1/Deployment`. */
export function kindKey({ apiVersion, kind }: KindRef): string {
  return `${apiVersion}/${kind}`
}

/** As kubectl takes it where several groups have the kind: `certificate.cert-manager.io`. */
export function resourceName({ apiVersion, kind }: KindRef): string {
  const group = groupOf(apiVersion)
  return group === '' ? kind.toLowerCase() : `${kind.toLowerCase()}.${group}`
}

export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/')
  return slash < 0 ? '' : apiVersion.slice(0, slash)
}

/**
 * Identity within a namespace: the API group, not the version, decides whether two manifests speak of one object
 * (autoscaling/v1 and autoscaling/v2 name the same HorizontalPodAutoscaler).
 */
export function keyOf(object: KubeObject | ObjectRef): string {
  const { name, namespace } = 'metadata' in object ? object.metadata : object
  return `${groupOf(object.apiVersion)}/${object.kind}/${namespace ?? ''}/${name}`
}

/** Among the kinds that forge waits for; of all others discovery knows. */
export function isClusterScoped(kind: string): boolean {
  return kind === 'CustomResourceDefinition'
}

/** The namespace that it names, else `otherwise`. */
export function placedIn(
  { apiVersion, kind, name, namespace }: KindRef & { readonly name: string; readonly namespace?: string },
  otherwise: string,
): ObjectRef {
  return isClusterScoped(kind)
    ? { apiVersion, kind, name }
    : { apiVersion, kind, name, namespace: namespace ?? otherwise }
}

export function refOf({ apiVersion, kind, metadata: { name, namespace } }: KubeObject): ObjectRef {
  return namespace === undefined ? { apiVersion, kind, name } : { apiVersion, kind, namespace, name }
}
