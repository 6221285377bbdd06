import { groupOf, type KubeObject } from '../kube.ts'
import { hibernationOf } from '../operators/hold.ts'
import { memoryOf } from '../pause/memory.ts'
import { workloadIs } from '../workload-kinds.ts'

/** Why somebody wants this workload to run no pods; undefined when nobody does. */
export function pausedReason(object: KubeObject): string | undefined {
  const reason = restReason(object)
  const memory = reason === undefined ? undefined : memoryOf(object)
  return memory === undefined ? reason : `${reason}, paused by ${memory.by}`
}

function restReason(object: KubeObject): string | undefined {
  const { apiVersion, kind, spec } = object
  if (groupOf(apiVersion) === 'postgresql.cnpg.io') return hibernationOf(object) === 'off' ? undefined : 'hibernated'
  if (!workloadIs(kind, 'isScaled')) return undefined
  return (spec as { readonly replicas?: number } | undefined)?.replicas === 0 ? 'scaled to 0' : undefined
}
