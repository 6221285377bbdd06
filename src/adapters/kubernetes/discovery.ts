import { kindKey, groupOf, type ApiResource, type KindRef, type ObjectRef } from '../../domain/kube.ts'
import { ForgeError } from '../../errors.ts'
import { kubectl } from '../../hint.ts'
import type { Transport } from './transport.ts'

const AGGREGATED = ['v2', 'v2beta1']
  .map((version) => `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`)
  .join(',')

/** Kinds that every cluster serves under these paths: known without asking, which spares a round trip before a watch. */
const ALWAYS: readonly (readonly [apiVersion: string, kind: string, plural: string, namespaced?: boolean])[] = [
  ['v1', 'ConfigMap', 'configmaps'],
  ['v1', 'Event', 'events'],
  ['v1', 'Namespace', 'namespaces', false],
  ['v1', 'Node', 'nodes', false],
  ['v1', 'PersistentVolumeClaim', 'persistentvolumeclaims'],
  ['v1', 'Pod', 'pods'],
  ['v1', 'ResourceQuota', 'resourcequotas'],
  ['v1', 'Secret', 'secrets'],
  ['v1', 'Service', 'services'],
  ['apps/v1', 'ControllerRevision', 'controllerrevisions'],
  ['apps/v1', 'DaemonSet', 'daemonsets'],
  ['apps/v1', 'Deployment', 'deployments'],
  ['apps/v1', 'ReplicaSet', 'replicasets'],
  ['apps/v1', 'StatefulSet', 'statefulsets'],
  ['batch/v1', 'Job', 'jobs'],
  ['coordination.k8s.io/v1', 'Lease', 'leases'],
]

const ESSENTIAL = new Map<string, ApiResource>(
  ALWAYS.map(([apiVersion, kind, plural, namespaced = true]) => [
    kindKey({ apiVersion, kind }),
    { apiVersion, kind, plural, namespaced, verbs: [] },
  ]),
)

/** What speaks to the API server about kinds by their paths. */
export class Client {
  protected readonly transport: Transport
  protected readonly discovery: Discovery

  constructor(transport: Transport, discovery: Discovery) {
    this.transport = transport
    this.discovery = discovery
  }
}

/** Which kinds the cluster serves and under which paths (https://kubernetes.io/docs/concepts/overview/kubernetes-api/#aggregated-discovery). */
export class Discovery {
  private readonly transport: Transport
  private cached: Promise<readonly ApiResource[]> | undefined
  private byKind = new Map<string, ApiResource>()

  constructor(transport: Transport) {
    this.transport = transport
  }

  async resources(signal: AbortSignal): Promise<readonly ApiResource[]> {
    this.cached ??= this.load(signal).catch((error: unknown) => {
      this.cached = undefined
      throw error
    })
    return await this.cached
  }

  /** Throws E_KIND_UNKNOWN. A kind that was not there asks the server once more: its CRD may have been installed since. */
  async find(kind: KindRef, signal: AbortSignal): Promise<ApiResource> {
    const key = kindKey(kind)
    const essential = ESSENTIAL.get(key)
    if (essential !== undefined) return essential
    const wasCached = this.cached !== undefined
    await this.resources(signal)
    if (!this.byKind.has(key) && wasCached) {
      this.cached = undefined
      await this.resources(signal)
    }
    const found = this.byKind.get(key)
    if (found !== undefined) return found
    throw new ForgeError('E_KIND_UNKNOWN', this.unknown(kind), {
      hint: kubectl(['api-resources']),
    })
  }

  async pathOf(ref: ObjectRef, signal: AbortSignal): Promise<string> {
    return `${await this.collectionOf(ref, ref.namespace, signal)}/${encodeURIComponent(ref.name)}`
  }

  /** `/apis/apps/v1/namespaces/x/deployments`; without namespace all of them. */
  async collectionOf(kind: KindRef, namespace: string | undefined, signal: AbortSignal): Promise<string> {
    const { plural, namespaced } = await this.find(kind, signal)
    const root = groupOf(kind.apiVersion) === '' ? `/api/${kind.apiVersion}` : `/apis/${kind.apiVersion}`
    return namespaced && namespace !== undefined
      ? `${root}/namespaces/${encodeURIComponent(namespace)}/${plural}`
      : `${root}/${plural}`
  }

  private unknown({ apiVersion, kind }: KindRef): string {
    const elsewhere = [...this.byKind.values()]
      .filter((resource) => resource.kind === kind)
      .map((resource) => resource.apiVersion)
    return elsewhere.length === 0
      ? `the cluster serves no kind ${kind} (${apiVersion})`
      : `the cluster serves ${kind} not as ${apiVersion}, but as ${elsewhere.join(', ')}`
  }

  private async load(signal: AbortSignal): Promise<readonly ApiResource[]> {
    const lists = await Promise.all(['/api', '/apis'].map((path) => this.group(path, signal)))
    const all = lists.flatMap(({ items = [] }) => items.flatMap(resourcesOf))
    this.byKind = new Map(all.map((resource) => [kindKey(resource), resource]))
    return all
  }

  private async group(path: string, signal: AbortSignal): Promise<GroupList> {
    const subject = { verb: 'get', resource: path }
    const list = await this.transport.value<GroupList>({ method: 'GET', path, accept: AGGREGATED, subject, signal })
    if (list.kind === 'APIGroupDiscoveryList') return list
    throw new ForgeError(
      'E_CLUSTER_VERSION',
      `${this.transport.access.server} does not offer aggregated discovery (Kubernetes 1.30 and newer do)`,
      {
        hint: kubectl(['version']),
      },
    )
  }
}

function resourcesOf({ metadata, versions = [] }: Group): ApiResource[] {
  const group = metadata?.name ?? ''
  return versions.flatMap(({ version, resources = [] }) =>
    resources.flatMap(({ resource, responseKind, scope, verbs = [] }) => {
      if (responseKind?.kind === undefined || responseKind.kind === '') return []
      const apiVersion = group === '' ? version : `${group}/${version}`
      return [{ apiVersion, kind: responseKind.kind, plural: resource, namespaced: scope === 'Namespaced', verbs }]
    }),
  )
}

interface GroupList {
  readonly kind?: string
  readonly items?: readonly Group[]
}

interface Group {
  readonly metadata?: { readonly name?: string }
  readonly versions?: readonly {
    readonly version: string
    readonly resources?: readonly {
      readonly resource: string
      readonly responseKind?: { readonly kind?: string }
      readonly scope?: string
      readonly verbs?: readonly string[]
    }[]
  }[]
}
