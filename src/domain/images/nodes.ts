import { isAutoscaled } from '../access/capacity.ts'
import type { KubeObject } from '../kube.ts'
import { nodeName, parseReference } from './reference.ts'

interface NodeStatus {
  readonly images?: readonly { readonly names?: readonly string[] | null }[]
  readonly nodeInfo?: { readonly operatingSystem?: string; readonly architecture?: string }
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
