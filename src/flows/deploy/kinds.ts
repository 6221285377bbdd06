import type { ApiResource, KindRef } from '../../domain/kube.ts'
import { ForgeError } from '../../errors.ts'

/** Kinds that discovery does not know (a CRD of the same chart) are taken as namespaced, as most are. */
export function isNamespaced(resources: readonly ApiResource[]): (kind: KindRef) => boolean {
  const scopes = new Map(resources.map(({ apiVersion, kind, namespaced }) => [`${apiVersion}/${kind}`, namespaced]))
  return ({ apiVersion, kind }) => scopes.get(`${apiVersion}/${kind}`) ?? true
}

/** A check for which forge lacks the right says nothing, and never fails a deploy (design.md, "Rights"). */
export async function optional<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call
  } catch (error) {
    if (error instanceof ForgeError && error.code === 'E_FORBIDDEN') return undefined
    throw error
  }
}
