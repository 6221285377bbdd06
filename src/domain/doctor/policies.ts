import type { KubeObject } from '../kube.ts'
import { selects, type Labels, type Selector } from '../selector.ts'
import type { PodMaker } from './pods.ts'

interface Peer {
  readonly podSelector?: Selector
  readonly namespaceSelector?: Selector
  readonly ipBlock?: unknown
}

interface RulePort {
  readonly protocol?: string
  readonly port?: number | string
  readonly endPort?: number
}

interface Rule {
  readonly from?: readonly Peer[]
  readonly to?: readonly Peer[]
  readonly ports?: readonly RulePort[]
}

interface PolicySpec {
  readonly podSelector?: Selector
  readonly policyTypes?: readonly string[]
  readonly ingress?: readonly Rule[]
  readonly egress?: readonly Rule[]
}

/** Pods at one end of a connection. */
export interface End {
  readonly maker: PodMaker
  /** Labels of its namespace; undefined: they are not known. */
  readonly namespaceLabels: Labels | undefined
}

/** Where a connection goes: the port of the pod, by which policies go, with its name, and that of the Service. */
export interface Goal {
  readonly protocol: string
  readonly port: number
  readonly portName: string | undefined
  readonly servicePort: number
}

export type Direction = 'Ingress' | 'Egress'

/** Policies that hold for these pods: they are let do what some of them allows, and no more. Empty: all. */
export function wallsOf(
  { namespace, labels }: PodMaker,
  direction: Direction,
  policies: readonly KubeObject[],
  home: string,
): KubeObject[] {
  return policies.filter((policy) => {
    const { podSelector = {}, policyTypes, egress } = specOf(policy)
    const types = policyTypes ?? ['Ingress', ...(egress === undefined ? [] : ['Egress'])]
    const isHere = (policy.metadata.namespace ?? home) === namespace
    return isHere && types.includes(direction) && selects(podSelector, labels)
  })
}

function specOf({ spec }: KubeObject): PolicySpec {
  return spec ?? {}
}

/** Whether some rule lets it through. What cannot be known (addresses, labels of an unknown namespace) does. */
export function letsThrough(
  policies: readonly KubeObject[],
  direction: Direction,
  { own, other, goal }: { readonly own: End; readonly other: End; readonly goal: Goal },
): boolean {
  return rulesOf(policies, direction).some(({ peers, ports }) => {
    const isPort = ports.length === 0 || ports.some((one) => isFor(one, goal, direction))
    return isPort && (peers.length === 0 || peers.some((peer) => meets(peer, own, other)))
  })
}

/** Whether anything at all may go through to this port number, whoever is there. */
export function letsSome(policies: readonly KubeObject[], direction: Direction, goal: Goal): boolean {
  return rulesOf(policies, direction).some(
    ({ ports }) => ports.length === 0 || ports.some((one) => isFor(one, goal, direction)),
  )
}

function rulesOf(policies: readonly KubeObject[], direction: Direction) {
  return policies.flatMap((policy) => {
    const { ingress, egress } = specOf(policy)
    const rules = (direction === 'Ingress' ? ingress : egress) ?? []
    return rules.map(({ from, to, ports }) => ({
      peers: (direction === 'Ingress' ? from : to) ?? [],
      ports: ports ?? [],
    }))
  })
}

function isFor({ protocol = 'TCP', port, endPort }: RulePort, goal: Goal, direction: Direction): boolean {
  if (protocol !== goal.protocol) return false
  if (port === undefined) return true
  // Some networks look at what leaves a pod before the Service's address is replaced.
  const known = direction === 'Egress' ? [goal.port, goal.servicePort] : [goal.port]
  if (typeof port === 'string' && !/^\d+$/u.test(port)) return goal.portName === undefined || port === goal.portName
  return known.some((one) => one >= Number(port) && one <= (endPort ?? Number(port)))
}

function meets({ podSelector, namespaceSelector, ipBlock }: Peer, own: End, other: End): boolean {
  // Whether pods are among these addresses is the network's affair.
  if (ipBlock !== undefined) return true
  const isNamespace =
    namespaceSelector === undefined
      ? own.maker.namespace === other.maker.namespace
      : meetsNamespace(namespaceSelector, other)
  return isNamespace && (podSelector === undefined || selects(podSelector, other.maker.labels))
}

const NAME = 'kubernetes.io/metadata.name'

function meetsNamespace(selector: Selector, { maker, namespaceLabels }: End): boolean {
  const name = { [NAME]: maker.namespace }
  if (namespaceLabels !== undefined) return selects(selector, { ...namespaceLabels, ...name })
  const { matchLabels = {}, matchExpressions = [] } = selector
  // Of a namespace that may not be read its name alone is known.
  return selects(
    {
      matchLabels: Object.fromEntries(Object.entries(matchLabels).filter(([key]) => key === NAME)),
      matchExpressions: matchExpressions.filter(({ key }) => key === NAME),
    },
    name,
  )
}
