import type { KubeObject } from '../kube.ts'
import { isPodReady, isTerminating } from '../readiness/shapes.ts'

/** Those that serve, the youngest first: it is what was deployed last. */
export function readyPods(pods: readonly KubeObject[]): KubeObject[] {
  const made = ({ metadata }: KubeObject): string => `${metadata.creationTimestamp ?? ''} ${metadata.name}`
  return pods.filter((pod) => isPodReady(pod) && !isTerminating(pod)).toSorted((a, b) => made(b).localeCompare(made(a)))
}
