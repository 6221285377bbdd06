import { suggestion } from '../config/nearest.ts'
import type { RequiredName, Requirements } from '../config/requirements.ts'
import { groupOf, type ApiResource, type KubeObject } from '../kube.ts'

/** What a requirement lacks, as the rest of a sentence that begins with its name; undefined: it is met. */
type Lack = string | undefined

/** Served means more than being there: a definition that was just made, or that is refused, is in no discovery. */
export function lackingDefinition({ name }: RequiredName, resources: readonly ApiResource[]): Lack {
  const [definition = '', version] = name.split('/')
  const groups = resources.filter(({ apiVersion }) => groupOf(apiVersion) !== '')
  const named = groups.filter(({ apiVersion, plural }) => `${plural}.${groupOf(apiVersion)}` === definition)
  const versions = named.map(({ apiVersion }) => apiVersion.slice(apiVersion.indexOf('/') + 1))
  if (named.length > 0 && (version === undefined || versions.includes(version))) return undefined
  if (named.length > 0) return `is served as ${versions.join(', ')} only`
  const known = new Set(groups.map(({ apiVersion, plural }) => `${plural}.${groupOf(apiVersion)}`))
  return `is not served by the cluster${suggestion(definition, [...known])}`
}

const NAMING_LABELS = ['app.kubernetes.io/name', 'app.kubernetes.io/instance', 'app.kubernetes.io/part-of', 'app']

/**
 * An operator is a workload that is called so: by its name (`cnpg`: also `cnpg-controller-manager`) or by one of the labels
 * that charts and manifests give it. It runs when one of its pods is available.
 */
export function lackingOperator(
  { name, namespace }: Requirements['operators'][number],
  workloads: readonly KubeObject[],
): Lack {
  const there = workloads.filter(({ metadata }) => namespace === undefined || metadata.namespace === namespace)
  const own = there.filter((workload) => isCalled(workload, name))
  const where = namespace === undefined ? 'any namespace' : `namespace ${namespace}`
  if (own.length === 0) {
    const known = there.flatMap(({ metadata: { name: called, labels } }) => [
      called,
      labels?.['app.kubernetes.io/name'] ?? called,
    ])
    return `is not a workload in ${where}, neither by name nor by label${suggestion(name, [...new Set(known)])}`
  }
  const lack = lackOf(own)
  if (lack === undefined || lack === 'none') return undefined
  return `does not run: ${lack.where} ${lack.why}`
}

/** Why none of these workloads, which are one operator, acts; undefined: one does. */
export function lackOf(
  own: readonly KubeObject[],
): 'none' | { readonly where: string; readonly why: string; readonly isOff: boolean } | undefined {
  const [first] = own
  if (first === undefined) return 'none'
  if (own.some((workload) => availableIn(workload) > 0)) return undefined
  const { kind, metadata, spec } = first
  const isOff = (spec as { replicas?: number } | undefined)?.replicas === 0
  const where = `${kind}/${metadata.name} in namespace ${metadata.namespace ?? ''}`
  return { where, why: isOff ? 'is scaled to 0' : 'has no available pod', isOff }
}

function isCalled({ metadata }: KubeObject, name: string): boolean {
  const labels = NAMING_LABELS.map((label) => metadata.labels?.[label])
  return metadata.name === name || metadata.name.startsWith(`${name}-`) || labels.includes(name)
}

function availableIn({ metadata, status }: KubeObject): number {
  if (metadata.deletionTimestamp !== undefined) return 0
  const { availableReplicas, numberAvailable } = (status ?? {}) as Readonly<Record<string, number | undefined>>
  return availableReplicas ?? numberAvailable ?? 0
}

export function lackingKeys(
  { keys }: Requirements['secrets'][number],
  live: KubeObject | undefined,
  namespace: string,
): Lack {
  if (live === undefined) return `is not in namespace ${namespace}`
  if (live.metadata.deletionTimestamp !== undefined) return `is being deleted in namespace ${namespace}`
  const has = Object.keys(live['data'] ?? {})
  const missing = keys.filter((key) => !has.includes(key))
  const [first] = missing
  return first === undefined ? undefined : `has no key ${missing.join(', ')}${suggestion(first, has)}`
}

interface ServicePort {
  readonly name?: string
  readonly port: number
}

interface Endpoints {
  readonly endpoints?: readonly { readonly conditions?: { readonly ready?: boolean | null } }[] | null
  readonly ports?: readonly { readonly name?: string }[] | null
}

/** `slices`: its EndpointSlices. Undefined `live`: there is no such Service. */
export function lackingService(
  { port }: Pick<Requirements['services'][number], 'port'>,
  live: KubeObject | undefined,
  slices: readonly KubeObject[],
  namespace: string,
): Lack {
  if (live === undefined) return `is not in namespace ${namespace}`
  const { type, ports = [] } = (live['spec'] ?? {}) as { type?: string; ports?: readonly ServicePort[] }
  const wanted = port === undefined ? undefined : ports.find((one) => one.name === port || String(one.port) === port)
  // What an ExternalName stands for is in no cluster, and it declares ports only for show.
  if (type === 'ExternalName') return undefined
  if (port !== undefined && wanted === undefined) {
    const known = ports.flatMap((one) => [String(one.port), ...(one.name === undefined ? [] : [one.name])])
    return `in namespace ${namespace} has no port ${port}${suggestion(port, known)}`
  }
  const ready = (slices as unknown as readonly Endpoints[])
    .filter(
      (slice) => wanted === undefined || (slice.ports ?? []).some((one) => (one.name ?? '') === (wanted.name ?? '')),
    )
    .flatMap(({ endpoints }) => endpoints ?? [])
    // Absent means ready (EndpointConditions of discovery.k8s.io/v1).
    .some(({ conditions }) => conditions?.ready !== false)
  return ready
    ? undefined
    : `in namespace ${namespace} has no ready endpoint${port === undefined ? '' : ` at port ${port}`}`
}

const DEFAULT_CLASS = 'storageclass.kubernetes.io/is-default-class'

export function lackingClass({ name }: RequiredName, classes: readonly KubeObject[]): Lack {
  const names = classes.map(({ metadata }) => metadata.name)
  if (name !== 'any') return names.includes(name) ? undefined : `does not exist${suggestion(name, names)}`
  const some = classes.some(({ metadata }) => metadata.annotations?.[DEFAULT_CLASS] === 'true')
  return some ? undefined : 'would be the default one, and the cluster has none'
}
