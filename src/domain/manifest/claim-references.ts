import type { KubeObject } from '../kube.ts'
import { podSpecOf } from './references.ts'

interface Templated {
  readonly volumeClaimTemplates?: readonly { readonly metadata?: { readonly name?: string } }[]
}

/** Whether a claim is used by the pods of this object, or was made for them. Undefined: they use none. */
export function usedClaims(object: KubeObject): ((claim: KubeObject) => boolean) | undefined {
  const mounted = new Set(mountedClaims(object))
  const made = claimPrefixes(object)
  if (mounted.size === 0 && made.length === 0) return undefined
  return ({ metadata: { name, namespace } }) =>
    namespace === object.metadata.namespace &&
    (mounted.has(name) || made.some((prefix) => ordinalAfter(prefix, name) !== undefined))
}

/** The claims that its pods name. */
export function mountedClaims(object: KubeObject): string[] {
  return (podSpecOf(object)?.volumes ?? []).flatMap(({ persistentVolumeClaim: claim }) => claim?.claimName ?? [])
}

/** A StatefulSet's claims are called TEMPLATE-SET-ORDINAL (pkg/controller/statefulset, getPersistentVolumeClaimName). */
export function claimPrefixes({ kind, metadata, spec }: KubeObject): string[] {
  if (kind !== 'StatefulSet') return []
  const { volumeClaimTemplates = [] } = (spec ?? {}) as Templated
  return volumeClaimTemplates.map((template) => `${template.metadata?.name ?? ''}-${metadata.name}-`)
}

/** The number of the pod that a claim of this name is for; undefined: it is none of those. */
export function ordinalAfter(prefix: string, name: string): number | undefined {
  const rest = name.startsWith(prefix) ? name.slice(prefix.length) : ''
  return /^\d+$/u.test(rest) ? Number(rest) : undefined
}
