import { keyOf, nameOf, type KubeObject } from '../kube.ts'
import { claimPrefixes, ordinalAfter } from '../manifest/claim-references.ts'
import type { Rendered } from '../manifest/parse.ts'
import { valueAt } from './field-path.ts'
import type { ObjectPlan } from './model.ts'
import { previousObjects } from './objects.ts'

interface Work {
  readonly plans: readonly ObjectPlan[]
  readonly rendered: readonly Rendered[]
  readonly previous: readonly Rendered[]
}

const POLICY = 'spec.persistentVolumeClaimRetentionPolicy'
/** Where a StatefulSet says what becomes of the claims of pods that it no longer has. */
export const WHEN_SCALED = `${POLICY}.whenScaled`

/** New StatefulSets that going back deletes, together with their claims, also with those that they only took over. */
export function takingSets({ plans, ...manifests }: Work): KubeObject[] {
  const made = new Set(plans.filter(({ action }) => action === 'create').map(({ ref }) => keyOf(ref)))
  return newSets(manifests).filter((set) => made.has(keyOf(set)))
}

/** Those of a manifest that the one before does not have. */
export function newSets({ rendered, previous }: Omit<Work, 'plans'>): KubeObject[] {
  const before = previousObjects({ previous })
  return [...previousObjects({ previous: rendered })]
    .filter(([key, { kind }]) => kind === 'StatefulSet' && !before.has(key))
    .map(([, set]) => set)
    .filter((set) => valueAt(set, `${POLICY}.whenDeleted`) === 'Delete')
}

/** By the names that the controller gives them. */
export function claimsFor(set: KubeObject, claims: readonly KubeObject[]): KubeObject[] {
  const prefixes = claimPrefixes(set)
  return claims.filter(
    ({ metadata: { name, namespace } }) =>
      namespace === set.metadata.namespace && prefixes.some((prefix) => ordinalAfter(prefix, name) !== undefined),
  )
}

/** `going back would delete data-db-1, which was there before (StatefulSet/db, whenDeleted: Delete)` */
export function takingText(set: KubeObject, claims: readonly KubeObject[]): string {
  const names = claims.map(({ metadata }) => metadata.name).join(', ')
  const were = claims.length === 1 ? 'was' : 'were'
  return `going back would delete ${names}, which ${were} there before (${nameOf(set)}, whenDeleted: Delete)`
}

/** StatefulSets of the old manifest that the deploy lets grow: they shrink when it is taken back, and delete claims then. */
export function shrinkingBack({ plans, previous }: Pick<Work, 'plans' | 'previous'>): KubeObject[] {
  const before = previousObjects({ previous })
  return plans.flatMap(({ ref, changes }) => {
    const old = before.get(keyOf(ref))
    const count = changes.find(({ path }) => path === 'spec.replicas')
    if (ref.kind !== 'StatefulSet' || old === undefined || count === undefined) return []
    const grows = Number(count.after ?? 1) > Number(count.before ?? 1)
    return grows && valueAt(old, WHEN_SCALED) === 'Delete' ? [old] : []
  })
}
