import { isAutoscaled } from '../access/capacity.ts'
import type { KubeObject } from '../kube.ts'
import { nodeName, parseReference } from './reference.ts'

/** The part of a pod's spec that says where it may run. */
export interface Placement {
  readonly nodeName?: string
  readonly nodeSelector?: Readonly<Record<string, string>>
  readonly affinity?: {
    readonly nodeAffinity?: {
      readonly requiredDuringSchedulingIgnoredDuringExecution?: { readonly nodeSelectorTerms?: readonly Term[] }
    }
  }
  readonly tolerations?: readonly Toleration[]
}

interface Term {
  readonly matchExpressions?: readonly Expression[]
  readonly matchFields?: readonly Expression[]
}

interface Expression {
  readonly key: string
  readonly operator: string
  readonly values?: readonly string[]
}

interface Toleration {
  readonly key?: string
  readonly operator?: string
  readonly value?: string
  readonly effect?: string
}

interface NodeStatus {
  readonly images?: readonly { readonly names?: readonly string[] | null }[]
  readonly nodeInfo?: { readonly operatingSystem?: string; readonly architecture?: string }
}

/** Nodes that the selector and the affinity of a pod allow, whatever their taints. */
export function allowedNodes(placement: Placement, nodes: readonly KubeObject[]): KubeObject[] {
  const terms = placement.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms
  return nodes.filter(({ metadata: { name, labels = {} } }) => {
    if (placement.nodeName !== undefined) return name === placement.nodeName
    const isSelected = Object.entries(placement.nodeSelector ?? {}).every(([key, value]) => labels[key] === value)
    return isSelected && (terms === undefined || terms.some((term) => meets(term, labels, name)))
  })
}

function meets({ matchExpressions = [], matchFields = [] }: Term, labels: Labels, name: string): boolean {
  return (
    matchExpressions.every((one) => holds(one, labels[one.key])) &&
    matchFields.every((one) => one.key !== 'metadata.name' || holds(one, name))
  )
}

type Labels = Readonly<Record<string, string>>

function holds({ operator, values = [] }: Expression, value: string | undefined): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value)
    case 'NotIn':
      return value === undefined || !values.includes(value)
    case 'Exists':
      return value !== undefined
    case 'DoesNotExist':
      return value === undefined
    case 'Gt':
      return Number(value) > Number(values[0])
    case 'Lt':
      return Number(value) < Number(values[0])
    default:
      return true
  }
}

/** A taint keeps the pod away that nothing tolerates (an admission plugin may still add a toleration). */
export function takesPod({ spec }: KubeObject, { tolerations = [] }: Placement): boolean {
  const { taints = [] } = (spec ?? {}) as {
    readonly taints?: readonly { readonly key: string; readonly value?: string; readonly effect: string }[]
  }
  return taints.every(
    ({ key, value = '', effect }) =>
      effect === 'PreferNoSchedule' ||
      tolerations.some(
        (one) =>
          (one.effect === undefined || one.effect === '' || one.effect === effect) &&
          (one.operator === 'Exists'
            ? one.key === undefined || one.key === '' || one.key === key
            : one.key === key && (one.value ?? '') === value),
      ),
  )
}

/** `linux/amd64`; undefined: it does not say so. */
export function platformOfNode({ status }: KubeObject): string | undefined {
  const { nodeInfo } = (status ?? {}) as NodeStatus
  const { operatingSystem = '', architecture = '' } = nodeInfo ?? {}
  return operatingSystem === '' || architecture === '' ? undefined : `${operatingSystem}/${architecture}`
}

/**
 * Whether a node says that it has an image; `unknown` where people put images by hand. It tells of the 50 largest alone
 * (--node-status-max-images), which is not counted: what was never run there and is in no registry is a mistake more often than not.
 */
export function hasImage(node: KubeObject, image: string): 'yes' | 'no' | 'unknown' {
  const parsed = parseReference(image)
  const { images = [] } = (node['status'] ?? {}) as NodeStatus
  const wanted = 'problem' in parsed ? image : nodeName(parsed)
  if (images.some(({ names }) => names?.includes(wanted) === true)) return 'yes'
  return isHandFed(node) ? 'unknown' : 'no'
}

/** kind, k3d and minikube, where `load` puts images a moment before a deploy; kubelet tells of them seconds later. */
function isHandFed({ metadata: { labels = {} }, spec }: KubeObject): boolean {
  const { providerID = '' } = (spec ?? {}) as { readonly providerID?: string }
  return /^(?:kind|k3s):/u.test(providerID) || labels['minikube.k8s.io/name'] !== undefined
}

/** Which of the platforms of an image a node runs: its own, and those of its older kin (containerd, platforms.Only). */
export function runsOn(platforms: readonly string[], node: string): boolean {
  const kin: Readonly<Record<string, string>> = { 'linux/arm64': 'linux/arm', 'linux/amd64': 'linux/386' }
  return platforms.some((one) => one === node || one === kin[node])
}

/** Others may come, of which nobody knows the platform yet. */
export function mayGrow(nodes: readonly KubeObject[]): boolean {
  return nodes.some(isAutoscaled)
}
