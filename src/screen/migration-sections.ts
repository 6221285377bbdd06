import type { MigrationRow } from '../domain/migrate/model.ts'
import { nameOf } from '../domain/kube.ts'
import { counted } from './counted.ts'

/** Sections of a plan: what the release takes over, what is made again on the way back, what goes once all is proven, and what is left alone. */
export function migrationSections(rows: readonly MigrationRow[]): readonly (readonly [string, readonly string[]])[] {
  const of = (action: MigrationRow['action']): readonly MigrationRow[] => rows.filter((row) => row.action === action)
  const adopted = of('adopt')
  return [
    ['Adopt', adopted.length === 0 ? [] : [`${counted(adopted.length, 'object')} in place: ${kindsOf(adopted)}`]],
    // Of a release, it is among the objects that change.
    [
      'Again',
      of('create').flatMap((row) => (row.release === undefined ? [`${nameOf(row.ref)}  ${row.because ?? ''}`] : [])),
    ],
    ['Retire', of('retire').map(({ ref }) => `${nameOf(ref)}  once all is proven`)],
    ['Leave', of('leave').map(({ ref, because = '' }) => `${nameOf(ref)}  ${because}`)],
  ]
}

/** `3 Deployment, 2 Service` */
function kindsOf(rows: readonly MigrationRow[]): string {
  const kinds = Map.groupBy(rows, ({ ref }) => ref.kind)
  return [...kinds].map(([kind, some]) => `${some.length} ${kind}`).join(', ')
}
