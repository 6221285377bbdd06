import type { KubeObject } from '../kube.ts'
import { holds, selects, shownSelector, type Expression, type Labels, type Selector } from '../selector.ts'

/** The part of a pod's spec that says where it may run. */
export interface Placement {
  readonly nodeName?: string
  readonly nodeSelector?: Labels
  readonly affinity?: {
    readonly nodeAffinity?: {
      readonly requiredDuringSchedulingIgnoredDuringExecution?: { readonly nodeSelectorTerms?: readonly Term[] }
    }
    readonly podAntiAffinity?: { readonly requiredDuringSchedulingIgnoredDuringExecution?: readonly ApartTerm[] }
  }
  readonly tolerations?: readonly Toleration[]
  readonly topologySpreadConstraints?: readonly {
    readonly topologyKey?: string
    readonly whenUnsatisfiable?: string
  }[]
}

interface Term {
  readonly matchExpressions?: readonly Expression[]
  readonly matchFields?: readonly Expression[]
}

interface ApartTerm {
  readonly labelSelector?: Selector
  readonly topologyKey?: string
  readonly namespaces?: readonly string[]
  readonly namespaceSelector?: unknown
  readonly matchLabelKeys?: readonly string[]
  readonly mismatchLabelKeys?: readonly string[]
}

interface Toleration {
  readonly key?: string
  readonly operator?: string
  readonly value?: string
  readonly effect?: string
}

interface Taint {
  readonly key: string
  readonly value?: string
  readonly effect: string
}

/** Nodes that the selector and the affinity of a pod allow, whatever their taints. */
export function allowedNodes(placement: Placement, nodes: readonly KubeObject[]): KubeObject[] {
  const terms = termsOf(placement)
  return nodes.filter(({ metadata: { name, labels = {} } }) => {
    if (placement.nodeName !== undefined) return name === placement.nodeName
    const isSelected = selects({ matchLabels: placement.nodeSelector ?? {} }, labels)
    return isSelected && (terms === undefined || terms.some((term) => meets(term, labels, name)))
  })
}

function termsOf({ affinity }: Placement): readonly Term[] | undefined {
  return affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms
}

/** A term that says nothing matches no node (Kubernetes API, NodeSelectorTerm). */
function meets({ matchExpressions = [], matchFields = [] }: Term, labels: Labels, name: string): boolean {
  return (
    matchExpressions.length + matchFields.length > 0 &&
    matchExpressions.every((one) => holds(one, labels[one.key])) &&
    matchFields.every((one) => one.key !== 'metadata.name' || holds(one, name))
  )
}

/** A taint keeps the pod away that nothing tolerates (an admission plugin may still add a toleration). */
export function takesPod(node: KubeObject, placement: Placement): boolean {
  return untolerated(node, placement).length === 0
}

function untolerated(node: KubeObject, { tolerations = [] }: Placement): readonly Taint[] {
  return taintsOf(node).filter(
    (taint) => taint.effect !== 'PreferNoSchedule' && !tolerations.some((one) => tolerates(one, taint)),
  )
}

function taintsOf({ spec }: KubeObject): readonly Taint[] {
  return (spec as { readonly taints?: readonly Taint[] } | undefined)?.taints ?? []
}

function tolerates(one: Toleration, { key, value = '', effect }: Taint): boolean {
  if (one.effect !== undefined && one.effect !== '' && one.effect !== effect) return false
  if (one.operator === 'Exists') return one.key === undefined || one.key === '' || one.key === key
  // What a later Kubernetes compares otherwise (Gt, Lt) is not judged.
  const isEqual = one.operator === undefined || one.operator === '' || one.operator === 'Equal'
  return one.key === key && (!isEqual || (one.value ?? '') === value)
}

/** Taints of a node that starts, is ill or goes: they come and go by themselves. */
const PASSING =
  /^(?:node\.(?:cloudprovider\.)?kubernetes\.io\/|karpenter\.sh\/|ToBeDeleted|DeletionCandidate)|\/(?:agent-)?not-?(?:ready|scheduled)$|startup|uninitialized/iu

/** It takes no new pods for now: somebody has cordoned it, or it starts, is ill, or goes. */
export function isResting(node: KubeObject): boolean {
  const { unschedulable } = (node['spec'] ?? {}) as { readonly unschedulable?: boolean }
  return (
    unschedulable === true ||
    taintsOf(node).some(({ key, effect }) => effect !== 'PreferNoSchedule' && PASSING.test(key))
  )
}

/** Why a node does not take a pod, as the scheduler has it. */
export interface PassedOver {
  readonly why: string
  /** A webhook or an admission plugin may add a toleration: then it takes it after all. */
  readonly isTaint: boolean
}

/** By its labels and lasting taints; undefined: it takes it, if there is room. Taints last: they count where nothing else does. */
export function passedOver(node: KubeObject, placement: Placement): PassedOver | undefined {
  const labels = node.metadata.labels ?? {}
  const lacking = Object.entries(placement.nodeSelector ?? {}).filter(([key, value]) => labels[key] !== value)
  if (lacking.length > 0) return label(`not labelled ${shownSelector({ matchLabels: Object.fromEntries(lacking) })}`)
  if (allowedNodes(placement, [node]).length === 0) return label(`outside its node affinity (${shownTerms(placement)})`)
  const spread = (placement.topologySpreadConstraints ?? []).find(
    ({ topologyKey = '', whenUnsatisfiable }) =>
      whenUnsatisfiable === 'DoNotSchedule' && labels[topologyKey] === undefined,
  )
  if (spread !== undefined) return label(`without the label ${spread.topologyKey ?? ''} to spread over`)
  const [taint] = untolerated(node, placement).filter(({ key }) => !PASSING.test(key))
  if (taint === undefined) return undefined
  const { key, value = '', effect } = taint
  return { why: `tainted ${key}${value === '' ? '' : `=${value}`}:${effect}`, isTaint: true }
}

function label(why: string): PassedOver {
  return { why, isTaint: false }
}

function shownTerms(placement: Placement): string {
  const shown = (termsOf(placement) ?? []).map(({ matchExpressions = [], matchFields = [] }) =>
    shownSelector({ matchExpressions: [...matchExpressions, ...matchFields] }),
  )
  return shown.map((one) => (one === '' ? 'an empty term' : one)).join(', or ')
}

export interface Apart {
  readonly count: number
  /** The label that tells the places apart. */
  readonly key: string
  /** Pods of an older revision are no hindrance. */
  readonly isPerRevision: boolean
}

/**
 * How many pods with these labels the nodes take at the same time because each must be in a place of its own. A node without the
 * label of the place sets no bound: undefined.
 */
export function placesApart({ affinity }: Placement, labels: Labels, nodes: readonly KubeObject[]): Apart | undefined {
  const terms = affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []
  const bounds = terms.flatMap(({ labelSelector, topologyKey: key = '', matchLabelKeys = [], ...more }): Apart[] => {
    const isOwn = labelSelector !== undefined && selects(labelSelector, labels)
    const isElsewhere = more.namespaceSelector !== undefined || (more.namespaces ?? []).length > 0
    if (!isOwn || isElsewhere || (more.mismatchLabelKeys ?? []).length > 0) return []
    const places = nodes.map(({ metadata }) => metadata.labels?.[key])
    if (places.includes(undefined)) return []
    return [{ count: new Set(places).size, key, isPerRevision: matchLabelKeys.includes('pod-template-hash') }]
  })
  return bounds.toSorted((one, other) => one.count - other.count)[0]
}
