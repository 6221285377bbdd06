import { nameOf, type KubeObject } from '../kube.ts'
import { parseQuantity } from '../quantity.ts'

export interface Room {
  readonly cpu: number
  readonly memory: number
}

export interface CapacityFinding {
  /** No node could hold it even if it were empty: waiting does not help. Otherwise only a warning. */
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
 * Workloads whose pods fit on no node, judged by each node's allocatable alone (what runs there may move or end). Nodes
 * that cannot be seen (rights) or that an autoscaler may add make the answer uncertain: then it is a warning.
 */
export function capacityFindings(objects: readonly KubeObject[], nodes: readonly KubeObject[]): CapacityFinding[] {
  const rooms = nodes.filter(isSchedulable).map(allocatableOf)
  if (rooms.length === 0) return []
  const autoscaled = nodes.some(({ metadata }) =>
    Object.keys(metadata.labels ?? {}).some((label) =>
      /karpenter|autoscal|nodepool|node-?group|agentpool/iu.test(label),
    ),
  )
  return objects.flatMap((object) => {
    const spec = podSpecOf(object)
    if (spec === undefined) return []
    const need = requestsOf(spec)
    if (rooms.some((room) => need.cpu <= room.cpu && need.memory <= room.memory)) return []
    const largest = {
      cpu: Math.max(...rooms.map(({ cpu }) => cpu)),
      memory: Math.max(...rooms.map(({ memory }) => memory)),
    }
    const message = `a pod of ${nameOf(object)} asks for ${show(need)}; the largest of ${rooms.length} nodes offers ${show(largest)}`
    return [{ certain: !autoscaled, message, where: nameOf(object) }]
  })
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
  const sum = [...containers, ...sidecars].map(requestOf).reduce(add, { cpu: 0, memory: 0 })
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
