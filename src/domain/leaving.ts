import { keyOf, nameOf, type KubeObject } from './kube.ts'

/** Somebody has deleted it; it goes as soon as its finalizers are done, and nothing takes that back. */
export function isLeaving({ metadata }: KubeObject): boolean {
  return metadata.deletionTimestamp !== undefined
}

/**
 * Of what was to go and is there: the very objects that were, and those that somebody has made anew meanwhile, with who it was. A
 * controller that applies what it owns makes it again (an aggregated ClusterRole, of which a part goes a moment earlier).
 */
export function stillThere(
  now: readonly KubeObject[],
  before: ReadonlyMap<string, KubeObject>,
): { readonly left: readonly KubeObject[]; readonly again: readonly { object: KubeObject; by: string | undefined }[] } {
  const isAnother = (object: KubeObject): boolean => {
    const uid = before.get(keyOf(object))?.metadata.uid
    return uid !== undefined && uid !== object.metadata.uid
  }
  return {
    left: now.filter((object) => !isAnother(object)),
    again: now.filter(isAnother).map((object) => ({ object, by: object.metadata.managedFields?.[0]?.manager })),
  }
}

/** `is being deleted (finalizer service.kubernetes.io/load-balancer-cleanup)` */
export function leavingText(object: KubeObject): string {
  const held = holders(object)
  return `is being deleted${held === undefined ? '' : ` (${held})`}`
}

/** `Service/public is being deleted (finalizer …)` */
export function toldLeaving(object: KubeObject): string {
  return `${nameOf(object)} ${leavingText(object)}`
}

/** What keeps an object that was deleted. Undefined: nothing that it says itself. */
export function holders({ metadata: { finalizers = [] } }: KubeObject): string | undefined {
  if (finalizers.length === 0) return undefined
  return `finalizer${finalizers.length === 1 ? '' : 's'} ${finalizers.join(', ')}`
}
