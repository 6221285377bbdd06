import { podSpecOf, requestsOf, roomOf, type Room } from '../access/capacity.ts'
import { keyOf, type KubeObject } from '../kube.ts'
import type { ObjectPlan } from './model.ts'
import { surgeOf, type Strategy } from '../access/surge.ts'
import { hasEnded } from '../pod-phase.ts'

export interface RoomPlan {
  /** What the pods of the surge, and new ones, ask for beside those that run. */
  readonly needs: Room
  /** Allocatable minus what pods ask for; undefined: nodes or pods may not be seen. */
  readonly free: Room | undefined
}

interface Sized {
  readonly replicas?: number
  readonly strategy?: Strategy
}

/** The most that the deploy needs at one time, if all its workloads roll together. */
export function roomNeeded(
  plans: readonly ObjectPlan[],
  rendered: ReadonlyMap<string, KubeObject>,
  live: ReadonlyMap<string, KubeObject>,
): Room {
  return plans.map((plan) => extraOf(plan, rendered.get(keyOf(plan.ref)), live.get(keyOf(plan.ref)))).reduce(sum, NONE)
}

const NONE: Room = { cpu: 0, memory: 0 }

function extraOf({ action, changes }: ObjectPlan, object: KubeObject | undefined, live: KubeObject | undefined): Room {
  const spec = object === undefined ? undefined : podSpecOf(object)
  if (object === undefined || spec === undefined || !['create', 'change', 'replace'].includes(action)) return NONE
  if (object.kind === 'DaemonSet') return NONE
  const request = requestsOf(spec)
  if (object.kind === 'Job') return action === 'change' ? NONE : request
  const { replicas = 1, strategy } = object['spec'] as Sized
  const before = (live?.['spec'] as Sized | undefined)?.replicas ?? 0
  const grows = Math.max(replicas - before, 0)
  const rolls =
    object.kind === 'Deployment' && action === 'change' && changes.some(({ path }) => path.startsWith('spec.template.'))
  return times(request, grows + (rolls ? surgeOf(strategy, replicas) : 0))
}

/** Undefined without nodes: then nothing can be said. */
export function roomFree(nodes: readonly KubeObject[], pods: readonly KubeObject[]): Room | undefined {
  const usable = nodes.filter(({ spec }) => (spec as { unschedulable?: boolean } | undefined)?.unschedulable !== true)
  if (usable.length === 0) return undefined
  const names = new Set(usable.map(({ metadata }) => metadata.name))
  const offered = usable.map(({ status }) =>
    roomOf((status as { allocatable?: Readonly<Record<string, string>> } | undefined)?.allocatable ?? {}),
  )
  const used = pods.filter(
    (pod) => names.has((pod['spec'] as { nodeName?: string } | undefined)?.nodeName ?? '') && !hasEnded(pod),
  )
  const taken = used.flatMap((pod) => podSpecOf(pod) ?? []).map(requestsOf)
  const total = offered.reduce(sum, NONE)
  const asked = taken.reduce(sum, NONE)
  return { cpu: Math.max(total.cpu - asked.cpu, 0), memory: Math.max(total.memory - asked.memory, 0) }
}

function sum(one: Room, other: Room): Room {
  return { cpu: one.cpu + other.cpu, memory: one.memory + other.memory }
}

function times({ cpu, memory }: Room, count: number): Room {
  return { cpu: cpu * count, memory: memory * count }
}
