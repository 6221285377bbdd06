import type { ApiResource, KubeObject, ObjectRef } from '../../../src/domain/kube.ts'
import { FakeClock } from '../fake-clock.ts'
import { Controller } from './controller.ts'
import { ObjectStore } from './store.ts'

const VERBS = ['get', 'list', 'watch', 'create', 'patch', 'update', 'delete']

const resource = (apiVersion: string, kind: string, plural: string, namespaced = true): ApiResource => {
  return { apiVersion, kind, plural, namespaced, verbs: VERBS }
}

export const RESOURCES: readonly ApiResource[] = [
  resource('v1', 'ConfigMap', 'configmaps'),
  resource('v1', 'Event', 'events'),
  resource('v1', 'Namespace', 'namespaces', false),
  resource('v1', 'Node', 'nodes', false),
  resource('v1', 'PersistentVolumeClaim', 'persistentvolumeclaims'),
  resource('v1', 'Pod', 'pods'),
  resource('v1', 'Secret', 'secrets'),
  resource('v1', 'Service', 'services'),
  resource('v1', 'ServiceAccount', 'serviceaccounts'),
  resource('apps/v1', 'Deployment', 'deployments'),
  resource('apps/v1', 'ReplicaSet', 'replicasets'),
  resource('batch/v1', 'Job', 'jobs'),
  resource('coordination.k8s.io/v1', 'Lease', 'leases'),
]

/** A cluster that outlives the runs of forge against it: its objects, its controllers, and the time that passes. */
export class FakeCluster {
  readonly clock = new FakeClock()
  readonly store = new ObjectStore()
  readonly controller = new Controller(this.store)
  /** `get Secret`, `list Node`: refused as 403. */
  readonly forbidden = new Set<string>()
  /** What a Service answers; 200 where nothing is said. */
  readonly answers = new Map<string, number>()

  constructor() {
    const allocatable = { cpu: '8', memory: '16Gi', pods: '110' }
    const conditions = [{ type: 'Ready', status: 'True' }]
    const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-1' }, status: { allocatable, conditions } }
    this.store.put(node)
  }

  see(ref: ObjectRef): KubeObject | undefined {
    return this.store.get(ref)
  }

  /** Names of what there is of a kind. */
  names(kind: string): string[] {
    const found = this.store.all().filter((object) => object.kind === kind)
    return found.map(({ metadata }) => metadata.name).sort()
  }
}
