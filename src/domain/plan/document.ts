import type { Checkout } from '../config/checkout.ts'
import type { GitopsTool } from '../gitops.ts'
import type { Room } from '../access/capacity.ts'
import type { DriftPolicy } from '../config/model.ts'
import { nameOf, type ObjectRef } from '../kube.ts'
import type { MigrationRow } from '../migrate/model.ts'
import type { RollbackFeasibility } from './rollback-feasibility.ts'
import type { Loss } from './losses.ts'
import type { DriftedField, FieldChange, ObjectPlan } from './model.ts'
import type { RoomPlan } from './room.ts'

/** What stands for a value that is never shown. */
export const HIDDEN = '•••'

export const PLAN_VERSION = 1

/** What the plan shows of an image of forge.yaml. */
export interface ImageNote {
  readonly name: string
  readonly ref: string | null
  readonly what: string
  /** A deploy would build it, and use another reference than the one shown. */
  readonly builds?: true
}

/** A deploy as data: all that `forge plan` shows. Its fields are public (`-o json`), and it holds no secret value. */
export interface PlanDocument {
  readonly apiVersion: 'forge/v1'
  readonly kind: 'Plan'
  readonly version: typeof PLAN_VERSION
  readonly project: string
  readonly environment: string
  readonly namespace: string
  readonly cluster: string
  /** ISO 8601. */
  readonly createdAt: string
  readonly live: { readonly number: number; readonly state: string; readonly at: string; readonly by: string } | null
  /** Why it is not known what runs, and so neither whether data would be deleted. */
  readonly unknown?: string
  /** It is unknown for want of rights, those that `forge rbac --for plan` prints. */
  readonly lacksRights?: true
  /** The environment's namespace does not exist; a deploy makes it. */
  readonly newNamespace?: true
  /** Who deploys there instead of forge (`managedBy`). Left out where nobody does. */
  readonly managedBy?: GitopsTool
  readonly drift: DriftPolicy['policy']
  /** Flags with which it takes over what is somebody else's; a deploy wants them too. Left out where there are none. */
  readonly taking?: readonly ('--adopt' | '--overwrite-drift')[]
  readonly unchanged: boolean
  readonly releases: readonly PlannedRelease[]
  /** `--release`: releases of forge.yaml that stay as they are. Left out where all are planned. */
  readonly leftOut?: readonly string[]
  /** `forge migrate-to-helm`: what becomes of every object of the old stack, and of those beside it. */
  readonly migration?: readonly MigrationRow[]
  /** Unchanged ones too. */
  readonly objects: readonly PlannedObject[]
  readonly secrets: readonly PlannedSecret[]
  readonly restarts: readonly { readonly workload: string; readonly because: readonly string[] }[]
  /** Pods that a changed template does not reach. */
  readonly left: readonly { readonly workload: string; readonly what: string; readonly because: readonly string[] }[]
  /** Definitions of crds/ that are there otherwise, or not, and that helm leaves so. */
  readonly definitions: readonly PlannedDefinition[]
  /** Pods that wait for what something else makes. */
  readonly waits: readonly PlannedWait[]
  readonly jobs: readonly { readonly name: string; readonly why: string }[]
  readonly images: readonly ImageNote[]
  readonly room: { readonly needs: Room; readonly free: Room | null } | null
  readonly back: RollbackFeasibility
  /** Data that would be deleted; a deploy wants `--confirm NAME` for each. */
  readonly losses: readonly Loss[]
  /** Why it is not known whether more is lost: what may not be read. */
  readonly unknownLosses: readonly string[]
  /** Backups that its Jobs would be preceded by. Left out where there are none. */
  readonly backups?: readonly PlannedBackup[]
  /** Who would be told of what, by where the address is. Left out where nobody is. */
  readonly tells?: readonly { readonly webhook: string; readonly on: readonly string[] }[]
  /** What could not be looked at, and why. */
  readonly notChecked: readonly string[]
  readonly warnings: readonly string[]
}

export interface PlannedRelease {
  readonly name: string
  readonly revision: number | null
  /** How helm will write it: server-side apply, or its three-way patch. */
  readonly way: 'apply' | 'patch'
  readonly recordBytes: number
  /** Objects that the chart renders differently each time. */
  readonly volatile: readonly string[]
  /** The same, with the chart's line; `stays`: what differs is left as it was deployed. Absent in older plans. */
  readonly varies?: readonly { readonly object: string; readonly at: string | null; readonly stays: boolean }[]
  /** Objects that are live as the chart renders them, but that helm's record states otherwise. */
  readonly unrecorded: readonly string[]
  readonly schema: { readonly from: number | null; readonly to: number } | null
  /** Other checkouts that its chart or values are of; left out where there are none. */
  readonly checkouts?: readonly Checkout[]
}

export interface PlannedObject extends Pick<
  ObjectPlan,
  'ref' | 'release' | 'action' | 'changes' | 'drift' | 'conflicts'
> {
  readonly object: string
  readonly notChecked: string | null
  readonly because: string | null
  /** The release that it moves from; left out where it does not. */
  readonly movesFrom?: string
}

export interface PlannedSecret {
  readonly name: string
  readonly action: 'create' | 'change' | 'unchanged' | 'keep'
  readonly keys: readonly string[]
  readonly revisionBefore: number | null
  readonly revision: number
}

export interface PlannedDefinition {
  readonly object: string
  readonly release: string
  readonly missing: boolean
  /** In which it differs. */
  readonly fields: readonly string[]
}

export interface PlannedBackup {
  readonly name: string
  readonly from: string
  /** Stages. */
  readonly before: readonly string[]
  /** The Jobs that it is for. */
  readonly jobs: readonly string[]
  /** `due`: it would be made. `fresh`: there is one that will do; `running`: there will be. `unknown`: it may not be looked at. */
  readonly state: 'due' | 'fresh' | 'running' | 'nothing' | 'skipped' | 'unknown'
  /** The one that there is. */
  readonly object: string | null
  /** When that began, ISO 8601. */
  readonly at: string | null
  readonly why: string | null
}

export interface PlannedWait {
  readonly workloads: readonly string[]
  readonly secret: string
  readonly namespace: string
  /** Null: the whole Secret. */
  readonly key: string | null
  readonly makers: readonly ObjectRef[]
}

export function plannedObject(plan: ObjectPlan): PlannedObject {
  const { ref, release, action, changes, drift, conflicts, notChecked, because, from } = plan
  const secret = ref.kind === 'Secret'
  return {
    object: nameOf(ref),
    ref,
    release,
    action,
    changes: secret ? changes.map(hidden) : changes,
    drift: secret ? drift.map((one) => ({ ...one, deployed: mask(one.deployed), live: mask(one.live) })) : drift,
    conflicts,
    notChecked: notChecked ?? null,
    because: because ?? null,
    ...(from === undefined ? {} : { movesFrom: from }),
  }
}

function hidden(change: FieldChange): FieldChange {
  return /^(?:data|stringData)\b/u.test(change.path)
    ? { ...change, before: mask(change.before), after: mask(change.after) }
    : change
}

function mask(value: unknown): unknown {
  return value === undefined ? undefined : HIDDEN
}

export function plannedRoom({ needs, free }: RoomPlan): PlanDocument['room'] {
  return needs.cpu === 0 && needs.memory === 0 ? null : { needs, free: free ?? null }
}

/** Fields of somebody else that the deploy would take back. */
export function overwrittenDrift<T extends Pick<ObjectPlan, 'drift'>>(
  objects: readonly T[],
): { readonly plan: T; readonly field: DriftedField }[] {
  return objects.flatMap((plan) =>
    plan.drift.filter(({ end }) => end === 'overwritten').map((field) => ({ plan, field })),
  )
}
