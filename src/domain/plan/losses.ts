import { keyOf, nameOf, refOf, type KubeObject, type ObjectRef } from '../kube.ts'
import { claimPrefixes, ordinalAfter } from '../manifest/claim-references.ts'
import { comingHooks, type HelmOperation } from '../manifest/hooks.ts'
import type { Rendered } from '../manifest/parse.ts'
import { valueAt } from './field-path.ts'
import type { ObjectPlan } from './model.ts'

/** What becomes of a claim's disk when the claim goes (PersistentVolume, `persistentVolumeReclaimPolicy`). */
export type Reclaim = 'Delete' | 'Retain' | 'unknown'

/** Data that a deploy would delete. */
export interface Loss {
  /** Of the object that goes, as `--confirm` takes it: `redis-data`. */
  readonly name: string
  /** The same with its kind: `StatefulSet/db`. */
  readonly object: string
  /** `PersistentVolumeClaim/redis-data`, `the claims of StatefulSet/db` */
  readonly what: string
  /** Which claims, or instances: `data-db-0, data-db-1`. Undefined: the object itself is all. */
  readonly which?: string
  readonly reclaim?: Reclaim
}

/** What is read of the cluster where something goes. */
export interface LossFacts {
  /** By `keyOf`. */
  readonly live: ReadonlyMap<string, KubeObject>
  /** By namespace; `''`: of all. Missing: they may not be listed. */
  readonly claims: ReadonlyMap<string, readonly KubeObject[]>
  /** Objects that own claims, directly or not, by uid. */
  readonly owners: ReadonlyMap<string, KubeObject>
  /** By the definition's name: `shop/small` in all namespaces. Missing: they may not be listed. */
  readonly instances: ReadonlyMap<string, readonly string[]>
}

/** A loss with the bound claims that it is made of. */
export interface FoundLoss extends Omit<Loss, 'reclaim'> {
  readonly claims: readonly KubeObject[]
}

export interface LosingWork {
  readonly plans: readonly ObjectPlan[]
  readonly rendered: readonly Rendered[]
  readonly operation: HelmOperation
}

/**
 * All data that goes: with objects that are deleted, with owners of claims that are, with StatefulSets that shrink, and with
 * hooks that helm deletes before it makes them. A claim that was never bound holds nothing.
 */
export function findLosses(releases: readonly LosingWork[], facts: LossFacts): FoundLoss[] {
  const plans = releases.flatMap((work) => work.plans)
  const going = goingUids(plans, facts.live)
  return releases.flatMap((work) => {
    const wanted = new Map(work.rendered.map(({ object }) => [keyOf(object), object]))
    return [
      ...work.plans.flatMap((plan) => lossesWith(plan, wanted.get(keyOf(plan.ref)), going, facts)),
      ...hookLosses(work, facts),
    ]
  })
}

/** What the cluster's own collector takes as owners: a StatefulSet that is made anew leaves all behind. */
function goingUids(plans: readonly ObjectPlan[], live: LossFacts['live']): ReadonlySet<string> {
  return new Set(plans.flatMap((plan) => (goes(plan) ? (live.get(keyOf(plan.ref))?.metadata.uid ?? []) : [])))
}

function goes({ action, ref }: ObjectPlan): boolean {
  return action === 'delete' || (action === 'replace' && ref.kind !== 'StatefulSet')
}

function lossesWith(
  plan: ObjectPlan,
  wanted: KubeObject | undefined,
  going: ReadonlySet<string>,
  facts: LossFacts,
): FoundLoss[] {
  const { ref, action } = plan
  const live = facts.live.get(keyOf(ref))
  if (action === 'delete' && HOLDS_DATA.has(ref.kind)) return live === undefined ? [itself(ref)] : holding(live, facts)
  if (live !== undefined && ref.kind === 'StatefulSet' && (action === 'change' || action === 'replace'))
    return shrinking(plan, live, wanted, facts)
  return goes(plan) ? owned(ref, live, going, facts) : []
}

const HOLDS_DATA = new Set(['PersistentVolumeClaim', 'PersistentVolume', 'Namespace', 'CustomResourceDefinition'])

function itself(ref: ObjectRef): FoundLoss {
  return { name: ref.name, object: nameOf(ref), what: nameOf(ref), claims: [] }
}

/** An object that holds data itself. */
function holding(live: KubeObject, facts: LossFacts): FoundLoss[] {
  const { name } = live.metadata
  const base = itself(refOf(live))
  switch (live.kind) {
    case 'PersistentVolumeClaim':
      return isBound(live) ? [{ ...base, claims: [live] }] : []
    case 'Namespace': {
      const claims = (facts.claims.get(name) ?? []).filter(isBound)
      const which = claims.length === 0 ? 'all that is in it' : `all that is in it, ${namesOf(claims)} too`
      return [{ ...base, which, claims }]
    }
    case 'CustomResourceDefinition': {
      const instances = facts.instances.get(name)
      if (instances?.length === 0) return []
      return [{ ...base, which: instances === undefined ? 'its instances, which may not be listed' : few(instances) }]
    }
    default:
      return [base]
  }
}

/** Whether anything is deleted that may delete data with it: only then is the cluster asked. */
export function mayLose(work: LosingWork): boolean {
  const shrinks = ({ ref, changes }: ObjectPlan): boolean =>
    ref.kind === 'StatefulSet' && changes.some(({ path }) => path === 'spec.replicas')
  return work.plans.some((plan) => goes(plan) || shrinks(plan)) || hooksMadeAnew(work).length > 0
}

/** The claims that go because this object does (https://kubernetes.io/docs/concepts/architecture/garbage-collection/). */
function owned(
  ref: ObjectRef,
  live: KubeObject | undefined,
  going: ReadonlySet<string>,
  facts: LossFacts,
): FoundLoss[] {
  const what = `the claims of ${nameOf(ref)}`
  const base = { ...itself(ref), what }
  // Kubernetes deletes the claims of such a StatefulSet with it (API reference, StatefulSetSpec).
  const takes = valueAt(live ?? {}, 'spec.persistentVolumeClaimRetentionPolicy.whenDeleted') === 'Delete'
  const near = facts.claims.get(ref.namespace ?? '')
  if (near === undefined) return ref.kind === 'StatefulSet' && takes ? [base] : []
  const uid = live?.metadata.uid ?? ''
  const claims = near.filter(
    (claim) => isBound(claim) && (isOwned(claim, uid, going, facts) || (takes && isTemplated(claim, live))),
  )
  return claims.length === 0 ? [] : [{ ...base, which: namesOf(claims), claims }]
}

/** By this object, and by none that stays. */
function isOwned(
  { metadata: { ownerReferences = [] } }: KubeObject,
  by: string,
  going: ReadonlySet<string>,
  { owners }: LossFacts,
): boolean {
  // A pod's own (ephemeral) volume goes with every pod.
  if (ownerReferences.length === 0 || ownerReferences.some(({ kind }) => kind === 'Pod')) return false
  const above = ownerReferences.map(({ uid }) => pathUp(uid, owners))
  return above.every((path) => path.some((uid) => going.has(uid))) && above.some((path) => path.includes(by))
}

/** An owner and the owners above it. */
function pathUp(uid: string, owners: LossFacts['owners'], depth = 0): string[] {
  const above = depth > 10 ? [] : (owners.get(uid)?.metadata.ownerReferences ?? [])
  return [uid, ...above.flatMap((one) => pathUp(one.uid, owners, depth + 1))]
}

/** `persistentVolumeClaimRetentionPolicy.whenScaled: Delete`: the claims of the pods that it has too many. */
function shrinking(plan: ObjectPlan, live: KubeObject, wanted: KubeObject | undefined, facts: LossFacts): FoundLoss[] {
  const change = plan.changes.find(({ path }) => path === 'spec.replicas')
  if (change === undefined) return []
  const [before, after] = [count(change.before), count(change.after)]
  if (before <= after || policyAfter(plan, live, wanted) !== 'Delete') return []
  const base = { ...itself(plan.ref), what: `claims of ${nameOf(plan.ref)}` }
  const scaled = `${before} → ${after}`
  const near = facts.claims.get(plan.ref.namespace ?? '')
  if (near === undefined) return [{ ...base, which: `scaled ${scaled}` }]
  const claims = claimsBetween(live, after, before, near)
  return claims.length === 0 ? [] : [{ ...base, which: `${namesOf(claims)}, scaled ${scaled}`, claims }]
}

/** Bound claims of the pods that go. Those of pods that went before are left alone, whatever the policy says by now. */
function claimsBetween(set: KubeObject, after: number, before: number, claims: readonly KubeObject[]): KubeObject[] {
  const start = count(valueAt(set, 'spec.ordinals.start') ?? 0)
  return claims.filter((claim) => {
    const ordinal = isBound(claim) ? ordinalOf(claim, set) : undefined
    return ordinal !== undefined && ordinal >= start + after && ordinal < start + before
  })
}

function ordinalOf({ metadata: { name, namespace } }: KubeObject, set: KubeObject): number | undefined {
  if (namespace !== set.metadata.namespace) return undefined
  return claimPrefixes(set)
    .map((prefix) => ordinalAfter(prefix, name))
    .find((ordinal) => ordinal !== undefined)
}

function isTemplated(claim: KubeObject, set: KubeObject | undefined): boolean {
  return set !== undefined && ordinalOf(claim, set) !== undefined
}

/** What the chart does not state stays as it is live, but for a StatefulSet that is made anew. */
function policyAfter({ action }: ObjectPlan, live: KubeObject, wanted: KubeObject | undefined): unknown {
  const path = 'spec.persistentVolumeClaimRetentionPolicy.whenScaled'
  return valueAt(wanted ?? {}, path) ?? (action === 'replace' ? undefined : valueAt(live, path))
}

/** What a StatefulSet has whose chart says nothing. */
function count(value: unknown): number {
  return typeof value === 'number' ? value : 1
}

/** helm deletes the hook of the last time before it makes it again (`before-hook-creation`, unless it says otherwise). */
function hookLosses(work: LosingWork, facts: LossFacts): FoundLoss[] {
  return hooksMadeAnew(work)
    .flatMap((key) => facts.live.get(key) ?? [])
    .flatMap((live) => holding(live, facts))
    .map((loss) => ({ ...loss, which: [loss.which, 'a hook that is made anew'].filter(Boolean).join(', ') }))
}

function hooksMadeAnew({ rendered, operation }: LosingWork): string[] {
  const coming = comingHooks(rendered, operation).filter(
    ({ object, hook }) => HOLDS_DATA.has(object.kind) && hook.deletePolicy.includes('before-hook-creation'),
  )
  return [...new Set(coming.map(({ object }) => keyOf(object)))]
}

function isBound(claim: KubeObject): boolean {
  const { phase } = (claim['status'] ?? {}) as { phase?: string }
  return phase !== 'Pending' || volumeOf(claim) !== undefined
}

export function volumeOf({ spec }: KubeObject): string | undefined {
  return (spec as { volumeName?: string } | undefined)?.volumeName
}

/** `volumes`: by name. */
export function withDisks(losses: readonly FoundLoss[], volumes: ReadonlyMap<string, KubeObject>): Loss[] {
  return losses.map(({ claims, ...loss }) => {
    return claims.length === 0 ? loss : { ...loss, reclaim: reclaimOf(claims, volumes) }
  })
}

/** The worst of them counts. */
function reclaimOf(claims: readonly KubeObject[], volumes: ReadonlyMap<string, KubeObject>): Reclaim {
  const policies = claims.map((claim) => {
    return valueAt(volumes.get(volumeOf(claim) ?? '') ?? {}, 'spec.persistentVolumeReclaimPolicy')
  })
  if (policies.includes('Delete')) return 'Delete'
  return policies.every((policy) => policy === 'Retain') ? 'Retain' : 'unknown'
}

function namesOf(objects: readonly KubeObject[]): string {
  return few(objects.map(({ metadata }) => metadata.name).sort())
}

const MOST_NAMED = 5

function few(names: readonly string[]): string {
  const more = names.length > MOST_NAMED ? ` and ${names.length - MOST_NAMED} more` : ''
  return `${names.slice(0, MOST_NAMED).join(', ')}${more}`
}

const DISKS: Record<Reclaim, string> = {
  Delete: 'volume deleted',
  Retain: 'volume retained, without its claim',
  unknown: 'volume unknown',
}

/** `the claims of StatefulSet/db (data-db-0, data-db-1; volume deleted)` */
export function lossText({ what, which, reclaim }: Pick<Loss, 'what' | 'which' | 'reclaim'>): string {
  const parts = [...(which === undefined ? [] : [which]), ...(reclaim === undefined ? [] : [DISKS[reclaim]])]
  return parts.length === 0 ? what : `${what} (${parts.join('; ')})`
}
