/** The parts of Kubernetes' objects that the rules read (https://kubernetes.io/docs/reference/kubernetes-api/). */
import type { KubeObject } from '../kube.ts'

export interface Condition {
  readonly type: string
  readonly status: string
  readonly reason?: string
  readonly message?: string
}

export interface Terminated {
  readonly exitCode: number
  readonly signal?: number
  readonly reason?: string
  readonly message?: string
  readonly startedAt?: string
  readonly finishedAt?: string
}

export interface ContainerState {
  readonly waiting?: { readonly reason?: string; readonly message?: string }
  readonly running?: { readonly startedAt?: string }
  readonly terminated?: Terminated
}

export interface ContainerStatus {
  readonly name: string
  readonly ready?: boolean
  readonly started?: boolean
  readonly restartCount?: number
  readonly state?: ContainerState
  readonly lastState?: ContainerState
}

export interface ContainerSpec {
  readonly name: string
  readonly image?: string
  readonly restartPolicy?: string
  readonly readinessProbe?: unknown
  readonly startupProbe?: unknown
  readonly command?: readonly string[]
  readonly args?: readonly string[]
  readonly env?: readonly { readonly name: string; readonly value?: string }[]
  readonly resources?: { readonly limits?: Readonly<Record<string, string>> }
}

export interface PodSpec {
  readonly nodeName?: string
  readonly containers?: readonly ContainerSpec[]
  readonly initContainers?: readonly ContainerSpec[]
  readonly volumes?: readonly {
    readonly name: string
    readonly persistentVolumeClaim?: { readonly claimName: string }
    readonly configMap?: { readonly name?: string }
    readonly secret?: { readonly secretName?: string }
  }[]
  readonly schedulingGates?: readonly { readonly name: string }[]
}

export interface PodStatus {
  readonly phase?: string
  readonly reason?: string
  readonly message?: string
  readonly conditions?: readonly Condition[]
  readonly containerStatuses?: readonly ContainerStatus[]
  readonly initContainerStatuses?: readonly ContainerStatus[]
}

export interface WorkloadSpec {
  /** Of a Service; that of a workload is a LabelSelector, which no rule reads. */
  readonly selector?: Readonly<Record<string, string>>
  /** Of a Service. */
  readonly type?: string
  /** Of CloudNativePG's Cluster. */
  readonly instances?: number
  readonly replicas?: number
  readonly paused?: boolean
  readonly suspend?: boolean
  readonly minReadySeconds?: number
  readonly completions?: number
  readonly updateStrategy?: { readonly type?: string; readonly rollingUpdate?: { readonly partition?: number } }
}

export interface WorkloadStatus {
  readonly observedGeneration?: number
  readonly conditions?: readonly Condition[]
  readonly replicas?: number
  readonly readyReplicas?: number
  readonly updatedReplicas?: number
  readonly availableReplicas?: number
  readonly currentRevision?: string
  readonly updateRevision?: string
  readonly desiredNumberScheduled?: number
  readonly updatedNumberScheduled?: number
  readonly numberAvailable?: number
  readonly numberReady?: number
  readonly active?: number
  readonly succeeded?: number
  readonly failed?: number
  readonly phase?: string
  /** Of CloudNativePG's Cluster. */
  readonly phaseReason?: string
  readonly readyInstances?: number
  /** Of a Service. */
  readonly loadBalancer?: { readonly ingress?: readonly { readonly ip?: string; readonly hostname?: string }[] }
}

export function podSpecOf(object: KubeObject): PodSpec {
  return object['spec'] ?? {}
}

export function podStatusOf(object: KubeObject): PodStatus {
  return object['status'] ?? {}
}

export function specOf(object: KubeObject): WorkloadSpec {
  return object['spec'] ?? {}
}

export function statusOf(object: KubeObject): WorkloadStatus {
  return object['status'] ?? {}
}

export function conditionOf(conditions: readonly Condition[] | undefined, type: string): Condition | undefined {
  return conditions?.find((condition) => condition.type === type)
}

export function isTrue(conditions: readonly Condition[] | undefined, type: string): boolean {
  return conditionOf(conditions, type)?.status === 'True'
}

export function isPodReady(pod: KubeObject): boolean {
  return pod.metadata.deletionTimestamp === undefined && isTrue(podStatusOf(pod).conditions, 'Ready')
}

export function isTerminating(object: KubeObject): boolean {
  return object.metadata.deletionTimestamp !== undefined
}

/** Init containers with `restartPolicy: Always` are sidecars: they run as long as the pod. */
export function isSidecar(pod: KubeObject, container: string): boolean {
  return (
    podSpecOf(pod).initContainers?.some(
      ({ name, restartPolicy }) => name === container && restartPolicy === 'Always',
    ) ?? false
  )
}

export function containerStatusesOf(pod: KubeObject): readonly ContainerStatus[] {
  const { initContainerStatuses = [], containerStatuses = [] } = podStatusOf(pod)
  return [...initContainerStatuses, ...containerStatuses]
}

export function restartsOf(pod: KubeObject): number {
  return containerStatusesOf(pod).reduce((sum, { restartCount = 0 }) => sum + restartCount, 0)
}

/** How a container last ended: now, or before the run (or the wait) that it is in. */
export function lastEnd({ state, lastState }: ContainerStatus): Terminated | undefined {
  return state?.terminated ?? lastState?.terminated
}
