import { groupOf, type KubeObject, type ObjectRef } from '../kube.ts'
import { specOf } from '../readiness/shapes.ts'
import { workloadIs } from '../workload-kinds.ts'
import { HIBERNATION } from '../operators/hold.ts'

/** How a kind of object is brought to rest. */
export type PauseWay = 'scale' | 'suspend' | 'hibernate'

const CNPG = 'postgresql.cnpg.io'

/** Undefined: forge knows no way that its controller would respect. */
export function wayOf({ apiVersion, kind }: KubeObject | ObjectRef): PauseWay | undefined {
  const group = groupOf(apiVersion)
  if (workloadIs(kind, 'isScaled') && (group === 'apps' || group === '')) return 'scale'
  if (kind === 'CronJob' && group === 'batch') return 'suspend'
  if (isFlux({ apiVersion, kind })) return 'suspend'
  if (group === CNPG && kind === 'Cluster') return 'hibernate'
  return group === CNPG && kind === 'ScheduledBackup' ? 'suspend' : undefined
}

/** What applies a repository or a chart again and again. */
export function isFlux({ apiVersion, kind }: Pick<ObjectRef, 'apiVersion' | 'kind'>): boolean {
  const group = groupOf(apiVersion)
  return (
    (kind === 'HelmRelease' && group === 'helm.toolkit.fluxcd.io') ||
    (kind === 'Kustomization' && group === 'kustomize.toolkit.fluxcd.io')
  )
}

/** Whether it is asked to rest, whoever asked. */
export function rests(object: KubeObject): boolean {
  const { replicas = 1, suspend } = specOf(object) as { readonly replicas?: number; readonly suspend?: boolean }
  switch (wayOf(object)) {
    case 'scale':
      return replicas === 0
    case 'suspend':
      return suspend === true
    case 'hibernate':
      return object.metadata.annotations?.[HIBERNATION] === 'on'
    case undefined:
      return false
  }
}

export function replicasOf(object: KubeObject): number {
  return (specOf(object) as { readonly replicas?: number }).replicas ?? 1
}
