import { keyOf, placedName, type KubeObject, type ObjectRef } from '../kube.ts'

/**
 * What becomes of one object. `adopt`: the release takes it over as it is. `replace`: it cannot be changed in place, and is made
 * anew. `retire`: the old stack alone has it; deleted once all is proven. `leave`: not this stack's, or of its data.
 */
export type MigrationAction = 'adopt' | 'replace' | 'create' | 'retire' | 'leave'

export interface MigrationRow {
  readonly ref: ObjectRef
  readonly action: MigrationAction
  /** Of `adopt`, `replace` and `create`; not of what a way back makes again. */
  readonly release?: string
  /** Why it is replaced, or left, and whose it is. */
  readonly because?: string
  /** Fields that the first revision changes. */
  readonly changes?: number
}

export interface Migration {
  readonly rows: readonly MigrationRow[]
  /** As they are before anything is written: what is taken over, and what is retired. */
  readonly adopted: readonly KubeObject[]
  readonly retired: readonly KubeObject[]
  /** What helm takes away to run a hook of that name. */
  readonly hooked: readonly KubeObject[]
  /** Numbers of earlier ones that stand, and were cut off before their end. */
  readonly unfinished: readonly number[]
}

/** All that a saved plan of a migration is held to: `retire ConfigMap/shop/old (uid, generation)`. What is left alone may change. */
export function boundRows({ rows, adopted, retired }: Migration): string[] {
  const known = new Map([...adopted, ...retired].map((object) => [keyOf(object), object.metadata]))
  return rows.flatMap(({ ref, action }) => {
    if (action === 'leave') return []
    const { uid = '', generation = 0 } = known.get(keyOf(ref)) ?? {}
    const state = action === 'retire' ? ` (${uid}, ${generation})` : uid === '' ? '' : ` (${uid})`
    return [`${action} ${placedName(ref, '')}${state}`]
  })
}

/** What is kept in the cluster until the migration cannot be undone any more: how the old stack was. */
export interface LegacyState {
  readonly version: 1
  readonly releases: readonly { readonly name: string; readonly namespace: string }[]
  readonly adopted: readonly KubeObject[]
  readonly retired: readonly KubeObject[]
  readonly hooked: readonly KubeObject[]
  /** Reclaim policies of the volumes, by name. */
  readonly volumes: Readonly<Record<string, string>>
}
