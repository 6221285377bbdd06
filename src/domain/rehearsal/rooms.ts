import { isMap, type PlainMap } from '../config/path.ts'
import type { KubeObject } from '../kube.ts'
import { parseQuantity } from '../quantity.ts'
import { mapsOf } from './forms.ts'

/** Amounts in units (cores, bytes, pods) by resource. */
type Amounts = ReadonlyMap<string, number>

/** Pods that nothing makes of what is copied: they stay where they are, and their room with them. */
export function othersAmong(pods: readonly KubeObject[], copied: readonly KubeObject[]): KubeObject[] {
  const known = new Set(copied.map(({ kind, metadata }) => placed(kind, metadata.namespace, metadata.name)))
  return pods.filter((pod) => !makersOf(pod).some((maker) => known.has(maker)))
}

/** Itself, where nothing made it. Deployments make theirs through a ReplicaSet, whose name ends with the hash of the template. */
export function makersOf({ kind, metadata }: KubeObject): string[] {
  const { name, namespace, labels = {}, ownerReferences = [] } = metadata
  const owner = ownerReferences.find(({ controller }) => controller === true)
  if (owner === undefined) return [placed(kind, namespace, name)]
  const own = placed(owner.kind, namespace, owner.name)
  const end = `-${labels['pod-template-hash'] ?? ''}`
  return owner.kind === 'ReplicaSet' && owner.name.endsWith(end)
    ? [own, placed('Deployment', namespace, owner.name.slice(0, -end.length))]
    : [own]
}

export function placed(kind: string, namespace: string | undefined, name: string): string {
  return `${kind}/${namespace ?? ''}/${name}`
}

/** What is left of `offered` when these pods have what they ask for; a resource that nobody asks for stays as it is written. */
export function roomLeft(offered: PlainMap, pods: readonly KubeObject[]): PlainMap {
  return less(offered, askedBy(pods))
}

/** What pods that are not copied leave of what a quota allows, by its names for it; counts of other objects stay. */
export function allowanceLeft(hard: PlainMap, pods: readonly KubeObject[]): PlainMap {
  const requests = [...askedBy(pods)].flatMap(([name, amount]): [string, number][] =>
    name === 'pods'
      ? [
          [name, amount],
          ['count/pods', amount],
        ]
      : [
          [name, amount],
          [`requests.${name}`, amount],
        ],
  )
  const limits = [...sum(pods.filter(holdsRoom).map(({ spec }) => asksOf(spec, limitsOf)))]
  return less(
    hard,
    new Map([...requests, ...limits.map(([name, amount]): [string, number] => [`limits.${name}`, amount])]),
  )
}

function less(all: PlainMap, taken: Amounts): PlainMap {
  const left = Object.entries(all).map(([name, written]): [string, unknown] => {
    const [amount, asked = 0] = [amountOf(written), taken.get(name)]
    return [name, asked === 0 || amount === undefined ? written : shown(Math.max(0, amount - asked))]
  })
  return Object.fromEntries(left)
}

function askedBy(pods: readonly KubeObject[]): Amounts {
  return sum(pods.filter(holdsRoom).map(({ spec }) => new Map([...asksOf(spec, requestsOf), ['pods', 1]])))
}

/** What a pod has as a whole, as one container would ask for it. */
export function resourcesOf({ spec }: KubeObject): PlainMap {
  const requests = asksOf(spec, requestsOf)
  const limits = asksOf(spec, limitsOf)
  // A container without a limit beside one that has: together they may ask for more than is their limit.
  const capped = [...limits].map(([name, amount]) => [name, Math.max(amount, requests.get(name) ?? 0)] as const)
  return { requests: written(requests), limits: written(new Map(capped)) }
}

function written(amounts: Amounts): PlainMap {
  return Object.fromEntries([...amounts].map(([name, amount]) => [name, shown(amount)]))
}

/** One that has ended holds nothing. */
export function holdsRoom({ status }: KubeObject): boolean {
  return !isMap(status) || !['Succeeded', 'Failed'].includes(String(status['phase']))
}

/**
 * As the scheduler counts (k8s.io/component-helpers, resource.PodRequests): the containers together, or an init container with
 * the sidecars before it if that is more; what the pod asks for as a whole instead; its RuntimeClass' overhead on top.
 */
function asksOf(spec: unknown, amountsIn: (resources: unknown) => Amounts): Amounts {
  if (!isMap(spec)) return new Map()
  const { containers, initContainers, overhead, resources } = spec
  let sidecars: Amounts = new Map()
  let most: Amounts = new Map()
  for (const one of mapsOf(initContainers)) {
    const own = amountsIn(one['resources'])
    if (one['restartPolicy'] === 'Always') sidecars = sum([sidecars, own])
    most = atLeast(most, one['restartPolicy'] === 'Always' ? sidecars : sum([sidecars, own]))
  }
  const together = sum([sidecars, ...mapsOf(containers).map((one) => amountsIn(one['resources']))])
  return sum([new Map([...atLeast(together, most), ...amountsIn(resources)]), amountsOf(overhead)])
}

/** A limit without a request is a request. */
function requestsOf(resources: unknown): Amounts {
  const { limits, requests } = isMap(resources) ? resources : {}
  return new Map([...amountsOf(limits), ...amountsOf(requests)])
}

function limitsOf(resources: unknown): Amounts {
  return amountsOf(isMap(resources) ? resources['limits'] : undefined)
}

function amountsOf(map: unknown): Amounts {
  return new Map(Object.entries(isMap(map) ? map : {}).map(([name, amount]) => [name, amountOf(amount) ?? 0]))
}

function sum(all: readonly Amounts[]): Map<string, number> {
  const total = new Map<string, number>()
  for (const amounts of all) for (const [name, amount] of amounts) total.set(name, (total.get(name) ?? 0) + amount)
  return total
}

function atLeast(one: Amounts, other: Amounts): Map<string, number> {
  return new Map([
    ...one,
    ...[...other].map(([name, amount]): [string, number] => [name, Math.max(amount, one.get(name) ?? 0)]),
  ])
}

function amountOf(text: unknown): number | undefined {
  return typeof text === 'string' || typeof text === 'number' ? parseQuantity(text) : undefined
}

/** As a quantity: whole units, or thousandths, rounded down. */
function shown(amount: number): string {
  const thousandths = Math.floor(amount * 1000 + 1e-6)
  return thousandths % 1000 === 0 ? String(thousandths / 1000) : `${thousandths}m`
}
