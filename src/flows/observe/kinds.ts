import { kindKey } from '../../domain/kube.ts'
import type { ApiResource, KindRef } from '../../domain/kube.ts'

/** Kinds that discovery does not know (a CRD of the same chart) are taken as namespaced, as most are. */
export function isNamespaced(resources: readonly ApiResource[]): (kind: KindRef) => boolean {
  const scopes = new Map(resources.map((one) => [kindKey(one), one.namespaced]))
  return (kind) => scopes.get(kindKey(kind)) ?? true
}
