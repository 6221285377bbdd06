import type { KubeObject } from './kube.ts'

/** Somebody has deleted it; it goes as soon as its finalizers are done, and nothing takes that back. */
export function isLeaving({ metadata }: KubeObject): boolean {
  return metadata.deletionTimestamp !== undefined
}

/** `is being deleted (finalizer service.kubernetes.io/load-balancer-cleanup)` */
export function leavingText(object: KubeObject): string {
  const held = holders(object)
  return `is being deleted${held === undefined ? '' : ` (${held})`}`
}

/** What keeps an object that was deleted. Undefined: nothing that it says itself. */
export function holders({ metadata: { finalizers = [] } }: KubeObject): string | undefined {
  if (finalizers.length === 0) return undefined
  return `finalizer${finalizers.length === 1 ? '' : 's'} ${finalizers.join(', ')}`
}
