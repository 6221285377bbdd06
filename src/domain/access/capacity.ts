import { nameOf, type KubeObject } from '../kube.ts'
import { parseQuantity } from '../quantity.ts'
import { shownSelector, type Labels } from '../selector.ts'
import { isResting, passedOver, placesApart, type PassedOver, type Placement } from './placement.ts'
import { mayLeave, type Strategy } from './surge.ts'

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
  /** It is for taints that no node takes the pods of this object: an admission plugin may add what they must tolerate. */
  readonly tainted?: KubeObject
}

export interface PodSpec extends Placement {
  readonly containers?: readonly Container[]
  readonly initContainers?: readonly Container[]
}

interface Container {
  readonly restartPolicy?: string
  readonly resources?: {
    readonly requests?: Readonly<Record<string, string>>
    readonly limits?: Readonly<Record<string, string>>
  }
}

/**
 * Workloads whose pods fit on no node, or not all of them at once, judged by what the nodes are and offer alone (what runs there may
 * move or end). Nodes that an autoscaler may add, that take no pods for now, or that do not say yet what they have make the
 * answer uncertain: then it is a warning. So do taints, unless the pods of an object are given as they were admitted, and extended
 * resources: a device plugin (or this very deploy) may offer them later.
 */
export function capacityFindings(
  objects: readonly KubeObject[],
  nodes: readonly KubeObject[],
  admitted: ReadonlyMap<KubeObject, PodSpec> = new Map(),
): CapacityFinding[] {
  if (nodes.length === 0) return []
  const workloads = objects.flatMap((object) => workloadOf(object, admitted))
  const isSure = !nodes.some(isOpen)
  const findings = findingsOn(nodes, workloads, isSure)
  const open = nodes.filter((node) => !isResting(node))
  const now =
    findings.length > 0 || open.length === 0 || open.length === nodes.length ? [] : findingsOn(open, workloads, false)
  // Where nodes may come they may bring what lacks.
  return [...findings, ...now, ...(isSure ? doubtsOn(nodes, workloads) : [])]
}

function findingsOn(
  usable: readonly KubeObject[],
  workloads: readonly Workload[],
  certain: boolean,
): CapacityFinding[] {
  const found = workloads.flatMap((workload): CapacityFinding[] => {
    const chosen = chosenFor(workload, usable)
    const message = nowhere(workload, chosen) ?? tooLarge(workload, chosen) ?? tooMany(workload, chosen)
    if (message === undefined) return []
    const where = nameOf(workload.object)
    const isTainted = chosen.passed.some(({ isTaint }) => isTaint) && !workload.isAdmitted
    return [{ certain: certain && !isTainted, message, where, ...(isTainted ? { tainted: workload.object } : {}) }]
  })
  if (found.length > 0) return found
  return tooMuch(workloads, usable).map((message) => ({ certain, message, where: 'nodes' }))
}

/** What may come, or is none of this deploy: never more than a warning. */
function doubtsOn(nodes: readonly KubeObject[], workloads: readonly Workload[]): CapacityFinding[] {
  return workloads.flatMap((workload) => {
    const chosen = chosenFor(workload, nodes)
    const message = notOffered(workload, chosen) ?? cannotRoll(workload, chosen)
    return message === undefined ? [] : [{ certain: false, message, where: nameOf(workload.object) }]
  })
}

interface Workload {
  readonly object: KubeObject
  readonly spec: PodSpec
  readonly labels: Labels
  readonly need: Room
  /** Pods that run at the same time in the end: none of a Job, which ends, and of a DaemonSet as many as there are nodes. */
  readonly replicas: number
  /** The API server has said what its pods become. */
  readonly isAdmitted: boolean
}

function workloadOf(object: KubeObject, admitted: ReadonlyMap<KubeObject, PodSpec>): Workload[] {
  const rendered = podSpecOf(object)
  // The scheduler is not asked for a pod that names its node.
  if (rendered === undefined || rendered.nodeName !== undefined) return []
  const spec = admitted.get(object) ?? rendered
  const { replicas = 1, template } = (object['spec'] ?? {}) as Sized
  const counted = object.kind === 'Deployment' || object.kind === 'StatefulSet' ? replicas : 0
  const labels = template?.metadata?.labels ?? {}
  return [{ object, spec, labels, need: requestsOf(spec), replicas: counted, isAdmitted: admitted.has(object) }]
}

interface Sized {
  readonly replicas?: number
  readonly template?: { readonly metadata?: { readonly labels?: Labels } }
  readonly strategy?: Strategy
}

/** The nodes that take its pods if there is room, and why the others do not. */
interface Chosen {
  readonly nodes: readonly KubeObject[]
  readonly passed: readonly PassedOver[]
  readonly of: number
}

function chosenFor({ spec }: Workload, nodes: readonly KubeObject[]): Chosen {
  const judged = nodes.map((node) => ({ node, passed: passedOver(node, spec) }))
  return {
    nodes: judged.flatMap(({ node, passed }) => (passed === undefined ? [node] : [])),
    passed: judged.flatMap(({ passed }) => passed ?? []),
    of: nodes.length,
  }
}

/** A DaemonSet without a node has no pod, and is ready. One that is scaled to nothing has none either. */
function nowhere({ object, spec, replicas }: Workload, { nodes, passed, of }: Chosen): string | undefined {
  if (nodes.length > 0 || object.kind === 'DaemonSet' || isOff(object, replicas)) return undefined
  if (passed.every(({ why }) => why.startsWith('not labelled')))
    return `a pod of ${nameOf(object)} wants a node with ${shownSelector({ matchLabels: spec.nodeSelector ?? {} })}; none of ${of} has that`
  return `no node takes a pod of ${nameOf(object)}: of ${of}, ${reasonsOf(passed)}`
}

function isOff({ kind }: KubeObject, replicas: number): boolean {
  return replicas === 0 && (kind === 'Deployment' || kind === 'StatefulSet')
}

/** `3 tainted dedicated=db:NoSchedule, 1 not labelled disk=ssd`. */
function reasonsOf(passed: readonly PassedOver[]): string {
  const counts = new Map<string, number>()
  for (const { why } of passed) counts.set(why, (counts.get(why) ?? 0) + 1)
  return [...counts].map(([why, count]) => `${count} ${why}`).join(', ')
}

function others({ passed }: Chosen): string {
  return passed.length === 0 ? '' : ` (passed over: ${reasonsOf(passed)})`
}

function tooLarge({ object, need, replicas }: Workload, chosen: Chosen): string | undefined {
  const rooms = chosen.nodes.map(allocatableOf)
  if (rooms.length === 0 || isOff(object, replicas) || rooms.some((room) => fits(need, room))) return undefined
  const largest = {
    cpu: Math.max(...rooms.map(({ cpu }) => cpu)),
    memory: Math.max(...rooms.map(({ memory }) => memory)),
  }
  return `a pod of ${nameOf(object)} asks for ${showRoom(need)}; the largest of ${nodesOf(rooms.length)} offers ${showRoom(largest)}${others(chosen)}`
}

/** Each node for itself: two halves of a pod are none. */
function tooMany({ object, spec, labels, need, replicas }: Workload, chosen: Chosen): string | undefined {
  if (chosen.nodes.length === 0) return undefined
  const apart = placesApart(spec, labels, chosen.nodes)
  if (apart !== undefined && replicas > apart.count)
    return `${replicas} pods of ${nameOf(object)} must each have a ${apart.key} of their own; ${nodesOf(chosen.nodes.length)} ${chosen.nodes.length === 1 ? 'has' : 'have'} ${apart.count}${others(chosen)}`
  const rooms = chosen.nodes.map(allocatableOf)
  const places = rooms.map((room) => Math.floor(Math.min(share(room.cpu, need.cpu), share(room.memory, need.memory))))
  const most = places.reduce((sum, count) => sum + count, 0)
  if (replicas <= most) return undefined
  return `${replicas} pods of ${nameOf(object)} ask for ${showRoom(need)} each; ${nodesOf(rooms.length)} ${rooms.length === 1 ? 'has' : 'have'} room for ${most} of them, even empty${others(chosen)}`
}

function nodesOf(count: number): string {
  return count === 1 ? '1 node' : `${count} nodes`
}

/** GPUs and their like, by the names that device plugins give them. */
function notOffered({ object, spec, replicas }: Workload, { nodes }: Chosen): string | undefined {
  if (nodes.length === 0 || isOff(object, replicas)) return undefined
  const wanted = [...(spec.containers ?? []), ...(spec.initContainers ?? [])].flatMap(({ resources }) =>
    Object.entries({ ...resources?.limits, ...resources?.requests }).filter(
      ([name, amount]) => name.includes('/') && parseQuantity(amount) !== 0,
    ),
  )
  const lacking = wanted.find(([name]) => !nodes.some((node) => (offeredBy(node)[name] ?? '0') !== '0'))
  if (lacking === undefined) return undefined
  const [name, amount] = lacking
  return `a pod of ${nameOf(object)} asks for ${amount} ${name}; none of ${nodesOf(nodes.length)} offers that now`
}

/** New pods that need a place of their own, before an old one may leave its place. */
function cannotRoll({ object, spec, labels, replicas }: Workload, { nodes }: Chosen): string | undefined {
  const apart = placesApart(spec, labels, nodes)
  const { strategy } = (object['spec'] ?? {}) as Sized
  if (apart === undefined || apart.isPerRevision || apart.count !== replicas || object.kind !== 'Deployment')
    return undefined
  if (mayLeave(strategy, replicas) > 0) return undefined
  return `an update of ${nameOf(object)} would hang: its ${replicas} pods must each have a ${apart.key} of their own, the nodes have ${apart.count}, and none may leave before a new one is ready (maxUnavailable)`
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
  return [`all pods together ask for ${showRoom(all)}; ${nodes.length} nodes offer ${showRoom(room)}, even empty`]
}

function fits(need: Room, room: Room): boolean {
  return need.cpu <= room.cpu * (1 + 1e-9) && need.memory <= room.memory
}

/** It may become more than it is, or a larger one may come. */
export function isOpen(node: KubeObject): boolean {
  const allocatable = offeredBy(node)
  return isAutoscaled(node) || allocatable['cpu'] === undefined || allocatable['memory'] === undefined
}

/** Nodes may come: of a group that grows, or one made for each pod. */
export function isAutoscaled({ metadata }: KubeObject): boolean {
  return Object.entries(metadata.labels ?? {}).some(
    ([label, value]) =>
      /karpenter|autoscal|nodepool|node-?group|agentpool/iu.test(label) || /^(?:fargate|virtual-kubelet)$/u.test(value),
  )
}

export function allocatableOf(node: KubeObject): Room {
  return roomOf(offeredBy(node))
}

function offeredBy({ status }: KubeObject): Readonly<Record<string, string>> {
  return (status as { allocatable?: Readonly<Record<string, string>> } | undefined)?.allocatable ?? {}
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

export function showRoom({ cpu, memory }: Room): string {
  return `${Math.round(cpu * 100) / 100} CPU and ${Math.round((memory / 2 ** 30) * 10) / 10}Gi`
}
