import { nameOf, type KubeObject } from '../kube.ts'
import { parseQuantity } from '../quantity.ts'
import { valueAt } from './field-path.ts'
import type { KeptValue } from './preserved.ts'

/** The size that a claim asks for. */
export const STORAGE = 'spec.resources.requests.storage'

/** A volume claim whose size the deploy would change. */
export interface ClaimChange {
  /** `PersistentVolumeClaim/redis-data`, `StatefulSet/db, claim data` */
  readonly name: string
  readonly from: string
  readonly to: string
  readonly grows: boolean
  /** Undefined: the default class. */
  readonly storageClass: string | undefined
}

interface Claim {
  readonly metadata?: { readonly name?: string }
  readonly spec?: {
    readonly storageClassName?: string
    readonly resources?: { readonly requests?: { readonly storage?: string | number } }
  }
}

/**
 * Claims, and claim templates of StatefulSets, that ask for another size than the live ones. The claims that a template
 * made keep their size whatever becomes of it: `templateClaims` tells which of those must grow.
 */
export function claimChanges(wanted: KubeObject, live: KubeObject): ClaimChange[] {
  if (wanted.kind === 'PersistentVolumeClaim') return changeOf(nameOf(wanted), wanted, live)
  return templateChanges(wanted, live).map(({ change }) => change)
}

function templateChanges(
  wanted: KubeObject,
  live: KubeObject,
): { readonly template: string; readonly change: ClaimChange }[] {
  if (wanted.kind !== 'StatefulSet') return []
  const before = templatesOf(live)
  return templatesOf(wanted).flatMap((one) => {
    const template = one.metadata?.name ?? ''
    const old = before.find(({ metadata }) => metadata?.name === template)
    const changes = old === undefined ? [] : changeOf(`${nameOf(wanted)}, claim ${template}`, one, old)
    return changes.map((change) => ({ template, change }))
  })
}

/** A claim that a StatefulSet's template made, and that asks for less than the template will. */
export interface GrowingClaim {
  readonly claim: KubeObject
  readonly change: ClaimChange
}

/**
 * The claims of a StatefulSet whose template grows, by the names that its controller gives them (`data-db-0`). Those that
 * are as large already stay: a volume never shrinks.
 */
export function templateClaims(
  wanted: KubeObject,
  live: KubeObject,
  claims: readonly KubeObject[],
): readonly GrowingClaim[] {
  return templateChanges(wanted, live)
    .filter(({ change }) => change.grows)
    .flatMap(({ template, change: { to } }) => {
      const prefix = `${template}-${wanted.metadata.name}-`
      const size: Claim = { spec: { resources: { requests: { storage: to } } } }
      return claims
        .filter(({ metadata: { namespace } }) => namespace === wanted.metadata.namespace)
        .filter(({ metadata: { name } }) => name.startsWith(prefix) && /^\d+$/u.test(name.slice(prefix.length)))
        .sort((one, other) => ordinal(one, prefix) - ordinal(other, prefix))
        .flatMap((claim) => changeOf(nameOf(claim), size, claim).map((change) => ({ claim, change })))
        .filter(({ change }) => change.grows)
    })
}

/** The size of a claim that is larger than its manifest says: a volume never shrinks. */
export function grownSize(claim: KubeObject, live: KubeObject | undefined): KeptValue[] {
  if (claim.kind !== 'PersistentVolumeClaim' || live === undefined) return []
  const shrinks = claimChanges(claim, live).some(({ grows }) => !grows)
  return shrinks ? [{ path: STORAGE, value: valueAt(live, STORAGE) }] : []
}

function ordinal({ metadata }: KubeObject, prefix: string): number {
  return Number(metadata.name.slice(prefix.length))
}

function changeOf(name: string, wanted: Claim, live: Claim): ClaimChange[] {
  const [from, to] = [sizeOf(live), sizeOf(wanted)]
  if (from === undefined || to === undefined) return []
  const [before, after] = [parseQuantity(from), parseQuantity(to)]
  if (before === undefined || after === undefined || before === after) return []
  return [
    { name, from: String(from), to: String(to), grows: after > before, storageClass: live.spec?.storageClassName },
  ]
}

function sizeOf({ spec }: Claim): string | number | undefined {
  return spec?.resources?.requests?.storage
}

function templatesOf(object: KubeObject): readonly Claim[] {
  return (object['spec'] as { volumeClaimTemplates?: readonly Claim[] } | undefined)?.volumeClaimTemplates ?? []
}

/** Whether a class lets its claims grow. Undefined: there is no such class, or it may not be read. */
export function allowsGrowth(storageClass: string | undefined, classes: readonly KubeObject[]): boolean | undefined {
  const found =
    storageClass === undefined
      ? classes.find(({ metadata }) => metadata.annotations?.['storageclass.kubernetes.io/is-default-class'] === 'true')
      : classes.find(({ metadata }) => metadata.name === storageClass)
  return found === undefined ? undefined : found['allowVolumeExpansion'] === true
}
