/** What the kinds of Kubernetes' own that keep pods have in common, and where they differ. */
interface WorkloadKind {
  readonly apiVersion: string
  /** A controller that people deploy, and that replaces pods when their template changes. */
  readonly isRolledOut: boolean
  /** `spec.replicas` says how many pods it keeps. */
  readonly isScaled: boolean
  /** Pods of an older template may stay: it replaces them late, one by one, or never. */
  readonly keepsOldPods: boolean
}

/** Adding a kind is its line here; how its readiness is judged is in domain/readiness/workloads. */
export const WORKLOAD_KINDS = {
  Deployment: { apiVersion: 'apps/v1', isRolledOut: true, isScaled: true, keepsOldPods: false },
  StatefulSet: { apiVersion: 'apps/v1', isRolledOut: true, isScaled: true, keepsOldPods: true },
  DaemonSet: { apiVersion: 'apps/v1', isRolledOut: true, isScaled: false, keepsOldPods: true },
  ReplicaSet: { apiVersion: 'apps/v1', isRolledOut: false, isScaled: true, keepsOldPods: true },
  ReplicationController: { apiVersion: 'v1', isRolledOut: false, isScaled: true, keepsOldPods: true },
} as const satisfies Record<string, WorkloadKind>

const ALL: readonly (readonly [string, WorkloadKind])[] = Object.entries(WORKLOAD_KINDS)

type Trait = 'isRolledOut' | 'isScaled' | 'keepsOldPods'

/** Whether objects of this kind are such; false for all kinds that are not listed. */
export function workloadIs(kind: string, trait: Trait): boolean {
  return ALL.some(([name, one]) => name === kind && one[trait])
}

/** Whether its pods come from `spec.template`, and stay. */
export function hasPodTemplate(kind: string): boolean {
  return Object.hasOwn(WORKLOAD_KINDS, kind)
}

/** As an API server is asked for them. */
export const ROLLED_OUT = ALL.filter(([, { isRolledOut }]) => isRolledOut).map(([kind, { apiVersion }]) => ({
  apiVersion,
  kind,
}))
