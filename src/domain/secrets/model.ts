import type { Problem } from '../config/position.ts'
import type { CodedProblem } from '../config/problems.ts'
import type { GitopsOwner } from '../gitops.ts'
import type { KubeObject } from '../kube.ts'
import type { SecretSpec } from '../config/model.ts'

/** A value that was read, or word that the source is not here and the cluster's value is to stay. */
export type KeyContent =
  | { readonly bytes: Uint8Array }
  /** `optional`: where the cluster has none either, the key is left out. */
  | { readonly keep: true; readonly missing: string; readonly optional?: boolean }

export interface ResolvedSecret {
  readonly spec: SecretSpec
  /** Keys whose source is optional and missing are left out. */
  readonly keys: ReadonlyMap<string, KeyContent>
  readonly problems: readonly CodedProblem[]
  /** What is not wrong yet: certificates that expire soon, odd values. */
  readonly warnings: readonly Problem[]
}

export interface ResolvedSecrets {
  readonly secrets: readonly ResolvedSecret[]
}

export interface SecretsPlan {
  readonly plans: readonly SecretPlan[]
  readonly warnings: readonly Problem[]
  /** Names of secrets that are not as they should be, and that nothing uses: they were left out. */
  readonly unused: readonly string[]
}

/** What a key of the plan does, by name only: values never leave the bytes. */
export interface KeyChange {
  readonly key: string
  /** `kept`: no source here, the cluster's value stays. `unmanaged`: live, but not in forge.yaml; it stays too. */
  readonly change: 'added' | 'changed' | 'same' | 'kept' | 'unmanaged'
}

export interface SecretPlan {
  readonly name: string
  /** `keep`: nothing is known here, all of it stays as the cluster has it. */
  readonly action: 'create' | 'change' | 'unchanged' | 'keep'
  /** The number after the plan is carried out. Equal content: the live one. */
  readonly revision: number
  /** The live number; undefined when there is no such Secret. */
  readonly revisionBefore: number | undefined
  /** Revision in which each key last changed. */
  readonly keyRevisions: Readonly<Record<string, number>>
  readonly changedKeys: readonly string[]
  readonly keys: readonly KeyChange[]
  /** The full manifest for server-side apply as manager `forge`; undefined when nothing is to be written. */
  readonly object: KubeObject | undefined
  /** Flux or Argo CD, where one of them owns the live Secret that is to be written. */
  readonly owner?: GitopsOwner
}
