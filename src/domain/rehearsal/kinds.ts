import { isMap } from '../config/path.ts'
import { groupOf, type KindRef, type KubeObject } from '../kube.ts'
import { isBuiltIn } from '../prediction/three-way.ts'

/** Of the whole cluster, copied beside what belongs to releases. Not each cluster serves all of them. */
export const CLUSTER_KINDS: readonly KindRef[] = [
  { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' },
  { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass' },
  { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass' },
  { apiVersion: 'node.k8s.io/v1', kind: 'RuntimeClass' },
  { apiVersion: 'networking.k8s.io/v1', kind: 'IngressClass' },
  { apiVersion: 'v1', kind: 'Node' },
  { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingAdmissionPolicy' },
  { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingAdmissionPolicyBinding' },
]

/**
 * Of each namespace, copied beside what belongs to releases. Claims: those of StatefulSets are in no manifest. ServiceAccounts,
 * ConfigMaps and Secrets: those that pods name.
 */
export const NAMESPACE_KINDS: readonly KindRef[] = [
  { apiVersion: 'v1', kind: 'ServiceAccount' },
  { apiVersion: 'v1', kind: 'ConfigMap' },
  { apiVersion: 'v1', kind: 'Secret' },
  { apiVersion: 'v1', kind: 'PersistentVolumeClaim' },
  { apiVersion: 'v1', kind: 'LimitRange' },
  { apiVersion: 'v1', kind: 'ResourceQuota' },
]

/** Read for `notRehearsed`, and not copied. */
export const TOLD_KINDS: readonly KindRef[] = [
  { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingWebhookConfiguration' },
  { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'MutatingWebhookConfiguration' },
  { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'MutatingAdmissionPolicy' },
]

type Is = (object: KubeObject) => boolean

const always: Is = () => true
const named =
  (...names: readonly string[]): Is =>
  ({ metadata: { name } }) =>
    names.includes(name)
const isMade: Is = ({ metadata: { ownerReferences = [] } }) =>
  ownerReferences.some(({ controller }) => controller === true)
const isOfCluster: Is = ({ metadata: { labels = {} } }) => labels['kubernetes.io/bootstrapping'] === 'rbac-defaults'

/** What controllers make of the others, a new cluster has by itself, or leads to what a sandbox has not. */
const LEFT_OUT: Readonly<Record<string, Is>> = {
  Event: always,
  Lease: always,
  VolumeAttachment: always,
  ControllerRevision: isMade,
  ReplicaSet: isMade,
  Pod: isMade,
  Job: isMade,
  EndpointSlice: isMade,
  ServiceAccount: named('default'),
  ConfigMap: named('kube-root-ca.crt'),
  Service: ({ metadata: { name, namespace } }) => name === 'kubernetes' && namespace === 'default',
  PriorityClass: ({ metadata: { name } }) => name.startsWith('system-'),
  Namespace: named('default', 'kube-system', 'kube-public', 'kube-node-lease'),
  ClusterRole: isOfCluster,
  ClusterRoleBinding: isOfCluster,
}

/** Whether it is not to be created: it is there already, a controller makes it, or it cannot be there. */
export function isLeftOut(object: KubeObject): boolean {
  return LEFT_OUT[object.kind]?.(object) ?? false
}

/** What others need comes first; what would refuse what runs already comes last. */
const RANKS: readonly (readonly string[])[] = [
  ['Namespace'],
  ['CustomResourceDefinition'],
  ['StorageClass', 'PriorityClass', 'RuntimeClass', 'IngressClass'],
  ['Node'],
  ['ServiceAccount'],
  ['ClusterRole', 'Role'],
  ['ClusterRoleBinding', 'RoleBinding'],
  ['ConfigMap', 'Secret'],
  ['PersistentVolume'],
  ['PersistentVolumeClaim'],
  ['Service'],
  // Before the pods that it lets go.
  ['NetworkPolicy', 'PodDisruptionBudget'],
  ['DaemonSet'],
  ['StatefulSet', 'Deployment', 'ReplicaSet', 'ReplicationController', 'Pod'],
  ['Ingress', 'HorizontalPodAutoscaler', 'CronJob'],
  ['Job'],
]

const OTHER = RANKS.length
const LAST: readonly (readonly string[])[] = [
  ['ValidatingWebhookConfiguration', 'MutatingWebhookConfiguration'],
  ['ValidatingAdmissionPolicy', 'MutatingAdmissionPolicy'],
  ['ValidatingAdmissionPolicyBinding', 'MutatingAdmissionPolicyBinding'],
  ['LimitRange'],
  ['ResourceQuota'],
]

/** The order in which copies are created: those of one group do not need each other, and come as they come. */
export function inRanks<T>(all: readonly T[], kindOf: (one: T) => KindRef): T[][] {
  const ranks = Map.groupBy(all, (one) => rankOf(kindOf(one)))
  return [...ranks].toSorted(([one], [other]) => one - other).map(([, group]) => group)
}

/** Custom resources share one. */
function rankOf({ apiVersion, kind }: KindRef): number {
  if (isCustom({ apiVersion, kind })) return OTHER
  const [early, late] = [RANKS, LAST].map((ranks) => ranks.findIndex((kinds) => kinds.includes(kind)))
  if (early !== undefined && early >= 0) return early
  return late !== undefined && late >= 0 ? OTHER + 1 + late : OTHER
}

/** Served by a definition, and acted on by whoever brought that. */
export function isCustom(kind: KindRef): boolean {
  return !isBuiltIn(kind) && !/^api(?:extensions|registration)\.k8s\.io$/u.test(groupOf(kind.apiVersion))
}

/** Whether its status has to be written, as nobody else does here (`statusLike`): a custom resource, an address of a cloud. */
export function keepsStatus(object: KubeObject): boolean {
  const { spec, status } = object
  if (status === undefined) return false
  return isCustom(object) || (object.kind === 'Service' && isMap(spec) && spec['type'] === 'LoadBalancer')
}
