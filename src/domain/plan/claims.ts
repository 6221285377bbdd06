import { nameOf, type KubeObject } from '../kube.ts'
import { parseQuantity } from '../quantity.ts'

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

/** Claims, and claim templates of StatefulSets, that ask for another size than the live ones. */
export function claimChanges(wanted: KubeObject, live: KubeObject): ClaimChange[] {
  if (wanted.kind === 'PersistentVolumeClaim') return changeOf(nameOf(wanted), wanted, live)
  if (wanted.kind !== 'StatefulSet') return []
  const before = templatesOf(live)
  return templatesOf(wanted).flatMap((template) => {
    const name = template.metadata?.name ?? ''
    const old = before.find(({ metadata }) => metadata?.name === name)
    return old === undefined ? [] : changeOf(`${nameOf(wanted)}, claim ${name}`, template, old)
  })
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
