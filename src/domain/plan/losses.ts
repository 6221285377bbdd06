import { keyOf, nameOf, type KubeObject } from '../kube.ts'
import type { ObjectPlan } from './model.ts'

/** Data that a deploy would delete. */
export interface Loss {
  /** Of the object that goes, as `--confirm` takes it: `redis-data`. */
  readonly name: string
  /** `PersistentVolumeClaim/redis-data`, `the claims of StatefulSet/db` */
  readonly what: string
}

const HOLDS_DATA = new Set(['PersistentVolumeClaim', 'PersistentVolume', 'Namespace', 'CustomResourceDefinition'])

interface Fields {
  readonly spec?: { readonly persistentVolumeClaimRetentionPolicy?: { readonly whenDeleted?: string } }
  readonly status?: { readonly phase?: string }
}

/** What goes with the objects that the chart no longer renders. A claim that was never bound holds nothing. */
export function lossesOf(plans: readonly ObjectPlan[], live: ReadonlyMap<string, KubeObject>): Loss[] {
  return plans.flatMap(({ ref, action }): Loss[] => {
    if (action !== 'delete') return []
    const { spec, status } = (live.get(keyOf(ref)) ?? {}) as Fields
    if (HOLDS_DATA.has(ref.kind)) {
      const empty = ref.kind === 'PersistentVolumeClaim' && status?.phase === 'Pending'
      return empty ? [] : [{ name: ref.name, what: nameOf(ref) }]
    }
    // Kubernetes deletes the claims of such a StatefulSet with it (API reference, StatefulSetSpec).
    const takesClaims = spec?.persistentVolumeClaimRetentionPolicy?.whenDeleted === 'Delete'
    return ref.kind === 'StatefulSet' && takesClaims ? [{ name: ref.name, what: `the claims of ${nameOf(ref)}` }] : []
  })
}
