import { groupOf, type KubeObject } from '../kube.ts'
import { workloadIs } from '../workload-kinds.ts'

/** https://cloudnative-pg.io/documentation/current/declarative_hibernation/ */
const HIBERNATION = 'cnpg.io/hibernation'

/** Why somebody wants this workload to run no pods; undefined when nobody does. */
export function pausedReason({ apiVersion, kind, metadata, spec }: KubeObject): string | undefined {
  if (groupOf(apiVersion) === 'postgresql.cnpg.io')
    return metadata.annotations?.[HIBERNATION] === 'on' ? 'hibernated' : undefined
  if (!workloadIs(kind, 'isScaled')) return undefined
  return (spec as { readonly replicas?: number } | undefined)?.replicas === 0 ? 'scaled to 0' : undefined
}
