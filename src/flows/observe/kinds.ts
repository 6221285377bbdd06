import type { ApiResource, KindRef } from '../../domain/kube.ts'

/** Kinds that discovery does not know (a CRD of the same chart) are taken as namespaced, as most are. */
export function isNamespaced(resources: readonly ApiResource[]): (kind: KindRef) => boolean {
  const scopes = new Map(resources.map(({ apiVersion, kind, namespaced }) => [`${apiVersion}/${kind}`, namespaced]))
  return ({ apiVersion, kind }) => scopes.get(`${apiVersion}/${kind}`) ?? true
}
