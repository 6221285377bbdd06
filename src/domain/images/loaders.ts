import type { ClusterTarget } from '../config/model.ts'
import { nodeName, parseReference } from './reference.ts'

/** Clusters whose nodes take images from this machine: what `environments.E.cluster.load` may say. */
export const LOADERS = ['kind', 'k3d', 'minikube', 'containerd'] as const
export type Loader = (typeof LOADERS)[number]

/** The nodes of one. */
export interface LocalCluster {
  readonly loader: Loader
  /** As the tool knows it; of containerd, which has no clusters, its own name. */
  readonly name: string
}

/** Contexts are named so by the tools that make the clusters. */
const PREFIXES = { kind: 'kind-', k3d: 'k3d-' } as const

/**
 * The cluster of an environment as one that takes images from this machine. `said`: forge.yaml says so, and nothing is pushed for
 * it; else only the name of its context does, and what names no registry is loaded.
 */
export function localCluster(
  cluster: ClusterTarget,
  context: string | undefined,
): (LocalCluster & { readonly said: boolean }) | undefined {
  if (cluster.sandbox) return undefined
  const name = context ?? cluster.context
  if (cluster.load !== undefined) return { loader: cluster.load, name: nameFor(cluster.load, name), said: true }
  const guessed = LOADERS.find((loader) => name !== undefined && isNamedBy(loader, name))
  return guessed === undefined ? undefined : { loader: guessed, name: nameFor(guessed, name), said: false }
}

function isNamedBy(loader: Loader, context: string): boolean {
  switch (loader) {
    case 'kind':
    case 'k3d':
      return context.startsWith(PREFIXES[loader])
    case 'minikube':
      return context === 'minikube'
    case 'containerd':
      return false
  }
}

function nameFor(loader: Loader, context: string | undefined): string {
  switch (loader) {
    case 'kind':
    case 'k3d':
      return context?.startsWith(PREFIXES[loader]) === true
        ? context.slice(PREFIXES[loader].length)
        : (context ?? loader)
    case 'minikube':
      return context ?? 'minikube'
    case 'containerd':
      return 'containerd'
  }
}

/** As nodes list it: `docker.io/library/app:sha-…`. */
export function nameOnNodes(ref: string): string {
  const parsed = parseReference(ref)
  return 'problem' in parsed ? ref : nodeName(parsed)
}
