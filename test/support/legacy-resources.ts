import type { ApiResource } from '../../src/domain/kube.ts'

const ALL = ['create', 'list', 'patch']

const kind = (apiVersion: string, name: string, plural: string, namespaced = true, verbs = ALL): ApiResource => ({
  apiVersion,
  kind: name,
  plural,
  namespaced,
  verbs,
})

/** What a cluster serves, as far as reading an old stack looks at it. */
export const LEGACY_RESOURCES: readonly ApiResource[] = [
  kind('v1', 'ConfigMap', 'configmaps'),
  kind('v1', 'Event', 'events'),
  kind('v1', 'Namespace', 'namespaces', false),
  kind('v1', 'Pod', 'pods'),
  kind('v1', 'Secret', 'secrets'),
  kind('apps/v1', 'Deployment', 'deployments'),
  kind('apps/v1', 'ReplicaSet', 'replicasets'),
  kind('authorization.k8s.io/v1', 'LocalSubjectAccessReview', 'localsubjectaccessreviews', true, ['create']),
  kind('autoscaling/v2', 'HorizontalPodAutoscaler', 'horizontalpodautoscalers'),
  kind('autoscaling/v1', 'HorizontalPodAutoscaler', 'horizontalpodautoscalers'),
  kind('coordination.k8s.io/v1', 'Lease', 'leases'),
  kind('discovery.k8s.io/v1', 'EndpointSlice', 'endpointslices'),
  kind('metrics.k8s.io/v1beta1', 'PodMetrics', 'pods', true, ['get', 'list']),
]
