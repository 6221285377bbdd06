import { keyOf, nameOf, type KubeObject, type ObjectRef } from '../kube.ts'
import { podSpecOf, references } from '../manifest/references.ts'
import type { ObjectPlan } from './model.ts'
import { withValues } from './preserved.ts'

export interface StillUsed {
  /** What would be deleted. */
  readonly plan: ObjectPlan
  /** The workload whose next pod could not start without it. */
  readonly by: ObjectRef
}

const PARTS = new Set(['ServiceAccount', 'ConfigMap', 'Secret', 'PersistentVolumeClaim'])

/** Something without which a pod may not start. */
export function mayBeUsed({ kind }: Pick<ObjectRef, 'kind'>): boolean {
  return PARTS.has(kind)
}

/**
 * Objects that go although pods of the same deploy go on using them. A field that a chart gives up may stay live
 * (`serviceAccountName` has a deprecated twin, somebody owns it too), so what counts is the object as it will be stored.
 */
export function stillUsed(
  plans: readonly ObjectPlan[],
  rendered: ReadonlyMap<string, KubeObject>,
  live: ReadonlyMap<string, KubeObject>,
): StillUsed[] {
  const going = plans.filter(({ action, ref }) => action === 'delete' && mayBeUsed(ref))
  if (going.length === 0) return []
  const users = plans.flatMap((plan) => {
    const after = afterwards(plan, rendered.get(keyOf(plan.ref)), live.get(keyOf(plan.ref)))
    return after === undefined ? [] : [{ by: plan.ref, uses: partsOf(after) }]
  })
  return going.flatMap((plan) =>
    users
      .filter(({ by, uses }) => by.namespace === plan.ref.namespace && uses.has(nameOf(plan.ref)))
      .map(({ by }) => ({ plan, by })),
  )
}

/** As the API server will store it; undefined: it goes, or nothing is known of it. */
function afterwards(
  { action, changes }: ObjectPlan,
  wanted: KubeObject | undefined,
  live: KubeObject | undefined,
): KubeObject | undefined {
  if (action === 'create' || action === 'replace') return wanted
  if (live === undefined || (action !== 'change' && action !== 'unchanged')) return undefined
  return withValues(
    live,
    changes.map(({ path, after }) => ({ path, value: after })),
  )
}

interface Pod {
  readonly serviceAccountName?: string
  readonly volumes?: readonly { readonly persistentVolumeClaim?: { readonly claimName?: string } }[]
}

/** `ConfigMap/app-env`: what a pod of it does not start without. */
export function partsOf(object: KubeObject): ReadonlySet<string> {
  const { serviceAccountName = '', volumes = [] } = (podSpecOf(object) ?? {}) as Pod
  const claims = volumes.flatMap(({ persistentVolumeClaim: claim }) => claim?.claimName ?? [])
  return new Set([
    ...references(object).flatMap(({ kind, name, optional }) => (optional ? [] : [`${kind}/${name}`])),
    ...claims.map((name) => `PersistentVolumeClaim/${name}`),
    `ServiceAccount/${serviceAccountName}`,
  ])
}
