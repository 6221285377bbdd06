/** The parts of Kubernetes' objects that the rules read (https://kubernetes.io/docs/reference/kubernetes-api/). */
import { isMap } from '../config/path.ts'
import type { KubeObject } from '../kube.ts'
import { conditionsShape, isTrue, type Condition } from './conditions.ts'
import { anyMap, anything, count, flag, list, map, number, remembered, text, type Shape } from './shape.ts'

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

export interface EnvVar {
  readonly name: string
  readonly value?: string
}

export interface ContainerSpec {
  readonly name: string
  readonly image?: string
  readonly restartPolicy?: string
  readonly readinessProbe?: object
  readonly startupProbe?: object
  readonly command?: readonly string[]
  readonly args?: readonly string[]
  readonly env?: readonly EnvVar[]
  readonly resources?: { readonly limits?: Readonly<Record<string, string>> }
}

export interface Volume {
  readonly name: string
  readonly persistentVolumeClaim?: { readonly claimName: string }
  readonly configMap?: { readonly name?: string }
  readonly secret?: { readonly secretName?: string }
}

export interface PodSpec {
  readonly nodeName?: string
  readonly containers?: readonly ContainerSpec[]
  readonly initContainers?: readonly ContainerSpec[]
  readonly volumes?: readonly Volume[]
  readonly schedulingGates?: readonly { readonly name: string }[]
}

export interface PodStatus {
  readonly phase?: string
  readonly reason?: string
  readonly message?: string
  /** When its kubelet took it on, by the clock of the node. */
  readonly startTime?: string
  readonly conditions?: readonly Condition[]
  readonly containerStatuses?: readonly ContainerStatus[]
  readonly initContainerStatuses?: readonly ContainerStatus[]
}

export interface UpdateStrategy {
  readonly type?: string
  readonly rollingUpdate?: { readonly partition?: number }
}

export interface WorkloadSpec {
  /** Of a Service; that of a workload is a LabelSelector, which no rule reads. */
  readonly selector?: Readonly<Record<string, string>>
  /** Of a Service. */
  readonly type?: string
  readonly externalIPs?: readonly string[]
  /** Of CloudNativePG's Cluster. */
  readonly instances?: number
  readonly replicas?: number
  readonly paused?: boolean
  readonly suspend?: boolean
  readonly minReadySeconds?: number
  readonly completions?: number
  /** Of a Job: seconds after its end at which it is deleted. */
  readonly ttlSecondsAfterFinished?: number
  readonly updateStrategy?: UpdateStrategy
  /** Of a StatefulSet. */
  readonly ordinals?: { readonly start?: number }
}

export interface WorkloadStatus {
  readonly observedGeneration?: number
  readonly conditions?: readonly Condition[]
  readonly replicas?: number
  readonly readyReplicas?: number
  readonly updatedReplicas?: number
  readonly availableReplicas?: number
  /** Of a PodDisruptionBudget. */
  readonly currentHealthy?: number
  readonly desiredHealthy?: number
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
  readonly currentPrimary?: string
  readonly targetPrimary?: string
  /** Of a Service. */
  readonly loadBalancer?: { readonly ingress?: readonly { readonly ip?: string; readonly hostname?: string }[] }
}

const terminatedShape: Shape<Terminated> = map<Terminated>(
  { exitCode: number, signal: number, reason: text, message: text, startedAt: text, finishedAt: text },
  ['exitCode'],
)

const stateShape: Shape<ContainerState> = map<ContainerState>({
  waiting: map<NonNullable<ContainerState['waiting']>>({ reason: text, message: text }),
  running: map<NonNullable<ContainerState['running']>>({ startedAt: text }),
  terminated: terminatedShape,
})

const containerStatusesShape = list<ContainerStatus>(
  map<ContainerStatus>(
    { name: text, ready: flag, started: flag, restartCount: number, state: stateShape, lastState: stateShape },
    ['name'],
  ),
)

const containersShape = list<ContainerSpec>(
  map<ContainerSpec>(
    {
      name: text,
      image: text,
      restartPolicy: text,
      readinessProbe: anything,
      startupProbe: anything,
      command: list(text),
      args: list(text),
      env: list(map<EnvVar>({ name: text, value: text }, ['name'])),
      resources: map<NonNullable<ContainerSpec['resources']>>({ limits: anyMap }),
    },
    ['name'],
  ),
)

const podSpecShape: Shape<PodSpec> = map<PodSpec>({
  nodeName: text,
  containers: containersShape,
  initContainers: containersShape,
  volumes: list(
    map<Volume>(
      {
        name: text,
        persistentVolumeClaim: map<{ readonly claimName: string }>({ claimName: text }, ['claimName']),
        configMap: map<{ readonly name?: string }>({ name: text }),
        secret: map<{ readonly secretName?: string }>({ secretName: text }),
      },
      ['name'],
    ),
  ),
  schedulingGates: list(map<{ readonly name: string }>({ name: text }, ['name'])),
})

const podStatusShape: Shape<PodStatus> = map<PodStatus>({
  phase: text,
  reason: text,
  message: text,
  startTime: text,
  conditions: conditionsShape,
  containerStatuses: containerStatusesShape,
  initContainerStatuses: containerStatusesShape,
})

const workloadSpecShape: Shape<WorkloadSpec> = map<WorkloadSpec>({
  selector: anyMap,
  type: text,
  externalIPs: list(text),
  instances: number,
  replicas: number,
  paused: flag,
  suspend: flag,
  minReadySeconds: number,
  completions: number,
  ttlSecondsAfterFinished: number,
  ordinals: map<{ readonly start?: number }>({ start: number }),
  updateStrategy: map<UpdateStrategy>({
    type: text,
    rollingUpdate: map<{ readonly partition?: number }>({ partition: number }),
  }),
})

const workloadStatusShape: Shape<WorkloadStatus> = map<WorkloadStatus>({
  observedGeneration: count,
  conditions: conditionsShape,
  replicas: number,
  readyReplicas: number,
  updatedReplicas: number,
  availableReplicas: number,
  currentHealthy: number,
  desiredHealthy: number,
  currentRevision: text,
  updateRevision: text,
  desiredNumberScheduled: number,
  updatedNumberScheduled: number,
  numberAvailable: number,
  numberReady: number,
  active: number,
  succeeded: number,
  failed: number,
  phase: text,
  phaseReason: text,
  readyInstances: number,
  currentPrimary: text,
  targetPrimary: text,
  loadBalancer: map<NonNullable<WorkloadStatus['loadBalancer']>>({
    ingress: list(map<{ readonly ip?: string; readonly hostname?: string }>({ ip: text, hostname: text })),
  }),
})

const podSpec = remembered(podSpecShape, {})
const podStatus = remembered(podStatusShape, {})
const workloadSpec = remembered(workloadSpecShape, {})
const workloadStatus = remembered(workloadStatusShape, {})

/** What a custom resource's controller writes may have any shape: what does not read as it should is not there. */
export function podSpecOf(object: KubeObject): PodSpec {
  return podSpec(object['spec'])
}

/** The pods that a workload makes. */
export function templateOf(object: KubeObject): PodSpec {
  const template = isMap(object['spec']) ? object['spec']['template'] : undefined
  return isMap(template) ? podSpec(template['spec']) : {}
}

export function podStatusOf(object: KubeObject): PodStatus {
  return podStatus(object['status'])
}

export function specOf(object: KubeObject): WorkloadSpec {
  return workloadSpec(object['spec'])
}

export function statusOf(object: KubeObject): WorkloadStatus {
  return workloadStatus(object['status'])
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

/** A startup probe proves as much as a readiness probe that the program came up. */
export function tellsWhenUp({ readinessProbe, startupProbe }: ContainerSpec): boolean {
  return readinessProbe !== undefined || startupProbe !== undefined
}

export function restartsOf(pod: KubeObject): number {
  return containerStatusesOf(pod).reduce((sum, { restartCount = 0 }) => sum + restartCount, 0)
}

/** How a container last ended: now, or before the run (or the wait) that it is in. */
export function lastEnd({ state, lastState }: ContainerStatus): Terminated | undefined {
  return state?.terminated ?? lastState?.terminated
}
