import { nameOf, type KubeObject } from '../kube.ts'
import { parseQuantity } from '../quantity.ts'

export interface Room {
  readonly cpu: number
  readonly memory: number
}

const NOTHING: Room = { cpu: 0, memory: 0 }

export interface CapacityFinding {
  /** The nodes could not hold it even if they were empty: waiting does not help. Otherwise only a warning. */
  readonly certain: boolean
  readonly message: string
  readonly where: string
}

export interface PodSpec {
  readonly containers?: readonly Container[]
  readonly initContainers?: readonly Container[]
  readonly nodeSelector?: Readonly<Record<string, string>>
  readonly affinity?: unknown
}

interface Container {
  readonly restartPolicy?: string
  readonly resources?: {
    readonly requests?: Readonly<Record<string, string>>
    readonly limits?: Readonly<Record<string, string>>
  }
}

/**
 * Workloads whose pods fit on no node, or not all of them at once, judged by what the nodes offer alone (what runs there may
 * move or end). Nodes that an autoscaler may add, that are only cordoned for now, or that do not say yet what they have make the
 * answer uncertain: then it is a warning. Taints, affinity and extended resources are not counted: an admission plugin may add tolerations, a device plugin
 * (or this very deploy) what nodes offer.
 */
export function capacityFindings(objects: readonly KubeObject[], nodes: readonly KubeObject[]): CapacityFinding[] {
  if (nodes.length === 0) return []
  const workloads = objects.flatMap(workloadOf)
  const findings = findingsOn(nodes, workloads, !nodes.some(isOpen))
  const open = nodes.filter(isSchedulable)
  return findings.length > 0 || open.length === 0 || open.length === nodes.length
    ? findings
    : findingsOn(open, workloads, false)
}

function findingsOn(
  usable: readonly KubeObject[],
  workloads: readonly Workload[],
  certain: boolean,
): CapacityFinding[] {
  const found = workloads.flatMap((workload) => {
    const message = tooLarge(workload, usable) ?? tooMany(workload, usable)
    return message === undefined ? [] : [{ certain, message, where: nameOf(workload.object) }]
  })
  return found.length > 0 ? found : tooMuch(workloads, usable).map((message) => ({ certain, message, where: 'nodes' }))
}

interface Workload {
  readonly object: KubeObject
  readonly spec: PodSpec
  readonly need: Room
  /** Pods that run at the same time in the end: none of a Job, which ends, and of a DaemonSet as many as there are nodes. */
  readonly replicas: number
}

function workloadOf(object: KubeObject): Workload[] {
  const spec = podSpecOf(object)
  if (spec === undefined) return []
  const { replicas = 1 } = (object['spec'] ?? {}) as { readonly replicas?: number }
  const counted = object.kind === 'Deployment' || object.kind === 'StatefulSet' ? replicas : 0
  return [{ object, spec, need: requestsOf(spec), replicas: counted }]
}

function tooLarge({ object, spec, need }: Workload, nodes: readonly KubeObject[]): string | undefined {
  const chosen = nodes.filter((node) => isChosen(node, spec))
  if (chosen.length === 0)
    return `a pod of ${nameOf(object)} wants a node with ${labelsOf(spec)}; none of ${nodes.length} has that`
  const rooms = chosen.map(allocatableOf)
  if (rooms.some((room) => fits(need, room))) return undefined
  const largest = {
    cpu: Math.max(...rooms.map(({ cpu }) => cpu)),
    memory: Math.max(...rooms.map(({ memory }) => memory)),
  }
  return `a pod of ${nameOf(object)} asks for ${show(need)}; the largest of ${rooms.length} nodes offers ${show(largest)}`
}

/** Each node for itself: two halves of a pod are none. */
function tooMany({ object, spec, need, replicas }: Workload, nodes: readonly KubeObject[]): string | undefined {
  const rooms = nodes.filter((node) => isChosen(node, spec)).map(allocatableOf)
  const places = rooms.map((room) => Math.floor(Math.min(share(room.cpu, need.cpu), share(room.memory, need.memory))))
  const most = places.reduce((sum, count) => sum + count, 0)
  if (replicas <= most) return undefined
  return `${replicas} pods of ${nameOf(object)} ask for ${show(need)} each; ${rooms.length} nodes have room for ${most} of them, even empty`
}

/** Dividing 0.3 by 0.1 gives a little less than 3. */
function share(room: number, need: number): number {
  return need === 0 ? Number.POSITIVE_INFINITY : room / need + 1e-9
}

function tooMuch(workloads: readonly Workload[], nodes: readonly KubeObject[]): string[] {
  const all = workloads
    .map(({ need, replicas }) => ({ cpu: need.cpu * replicas, memory: need.memory * replicas }))
    .reduce(add, NOTHING)
  const room = nodes.map(allocatableOf).reduce(add, NOTHING)
  if (fits(all, room)) return []
  return [`all pods together ask for ${show(all)}; ${nodes.length} nodes offer ${show(room)}, even empty`]
}

function fits(need: Room, room: Room): boolean {
  return need.cpu <= room.cpu * (1 + 1e-9) && need.memory <= room.memory
}

function isChosen({ metadata: { labels = {} } }: KubeObject, { nodeSelector }: PodSpec): boolean {
  return Object.entries(nodeSelector ?? {}).every(([name, value]) => labels[name] === value)
}

function labelsOf({ nodeSelector }: PodSpec): string {
  return Object.entries(nodeSelector ?? {})
    .map(([name, value]) => `${name}=${value}`)
    .join(', ')
}

/** It may become more than it is, or a larger one may come. */
function isOpen(node: KubeObject): boolean {
  const { allocatable = {} } = (node['status'] ?? {}) as { readonly allocatable?: Readonly<Record<string, string>> }
  return isAutoscaled(node) || allocatable['cpu'] === undefined || allocatable['memory'] === undefined
}

/** Nodes may come: of a group that grows, or one made for each pod. */
export function isAutoscaled({ metadata }: KubeObject): boolean {
  return Object.entries(metadata.labels ?? {}).some(
    ([label, value]) =>
      /karpenter|autoscal|nodepool|node-?group|agentpool/iu.test(label) || /^(?:fargate|virtual-kubelet)$/u.test(value),
  )
}

function isSchedulable({ spec }: KubeObject): boolean {
  return (spec as { unschedulable?: boolean } | undefined)?.unschedulable !== true
}

function allocatableOf({ status }: KubeObject): Room {
  const { allocatable } = (status ?? {}) as { allocatable?: Readonly<Record<string, string>> }
  return roomOf(allocatable ?? {})
}

export function podSpecOf({ kind, spec }: KubeObject): PodSpec | undefined {
  if (kind === 'Pod') return spec as PodSpec | undefined
  if (!['Deployment', 'StatefulSet', 'DaemonSet', 'Job'].includes(kind)) return undefined
  return (spec as { template?: { spec?: PodSpec } } | undefined)?.template?.spec
}

/** The scheduler's own sum: containers together, but at least the largest init container (sidecars count as containers). */
export function requestsOf({ containers = [], initContainers = [] }: PodSpec): Room {
  const sidecars = initContainers.filter(({ restartPolicy }) => restartPolicy === 'Always')
  const sum = [...containers, ...sidecars].map(requestOf).reduce(add, NOTHING)
  return initContainers
    .filter(({ restartPolicy }) => restartPolicy !== 'Always')
    .map(requestOf)
    .reduce((most, one) => ({ cpu: Math.max(most.cpu, one.cpu), memory: Math.max(most.memory, one.memory) }), sum)
}

/** A limit without a request is a request (Kubernetes sets it so). */
function requestOf({ resources }: Container): Room {
  return roomOf({ ...resources?.limits, ...resources?.requests })
}

export function roomOf(map: Readonly<Record<string, string>>): Room {
  return { cpu: parseQuantity(String(map['cpu'] ?? 0)) ?? 0, memory: parseQuantity(String(map['memory'] ?? 0)) ?? 0 }
}

function add(one: Room, other: Room): Room {
  return { cpu: one.cpu + other.cpu, memory: one.memory + other.memory }
}

function show({ cpu, memory }: Room): string {
  return `${Math.round(cpu * 100) / 100} CPU and ${Math.round((memory / 2 ** 30) * 10) / 10}Gi`
}
