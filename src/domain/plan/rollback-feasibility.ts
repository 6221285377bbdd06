import type { JournalEntry } from '../journal/model.ts'
import { nameOf, type ObjectRef } from '../kube.ts'
import { STORAGE } from './claims.ts'
import type { ObjectPlan } from './model.ts'

export interface RollbackFeasibilityInput {
  readonly releases: readonly {
    readonly name: string
    /** False: it was never deployed. */
    readonly deployed: boolean
    readonly schema: { readonly version: number; readonly oldestReader: number } | undefined
  }[]
  /** The deploy that runs, as the journal keeps it. */
  readonly live: JournalEntry | undefined
  readonly plans: readonly ObjectPlan[]
  /** Changing keys of secrets that may not go back: `app-secrets oidc_google`. */
  readonly refusing: readonly string[]
  /** Data that the deploy deletes. */
  readonly lost?: readonly string[]
  /** What else would keep the present state from coming back, each in one clause. */
  readonly obstacles?: readonly string[]
  /** What could not be looked at, each in one clause. */
  readonly unknown?: readonly string[]
}

/** Whether a rollback can bring the present state back: proven before anything is written. */
export interface RollbackFeasibility {
  /** `until-schema`: until the schema Job runs. */
  readonly possible: 'yes' | 'no' | 'unknown' | 'until-schema' | 'first-install'
  readonly rows: readonly string[]
  readonly code?: 'E_SCHEMA_GATE'
}

export function rollbackFeasibility(input: RollbackFeasibilityInput): RollbackFeasibility {
  const { releases, live, plans, unknown = [], lost = [] } = input
  const refused = refusalOf(input)
  if (refused !== undefined) return refused
  const notes = [...replacedNote(plans), ...jobsNote(plans), ...claimsNote(plans), ...lostNote(lost)]
  for (const { name, schema } of releases) {
    const before = live?.configuration.releases.find((one) => one.name === name)?.schema
    if (schema === undefined || before === undefined || before.version >= schema.oldestReader) continue
    const number = live === undefined ? 'what runs' : `#${live.number}`
    const rows = ['until the schema Job runs: yes', `after it: NO, ${number} cannot read schema ${schema.version}`]
    return { possible: 'until-schema', rows: [...rows, ...notes], code: 'E_SCHEMA_GATE' }
  }
  if (unknown.length > 0) return { possible: 'unknown', rows: [...labelled('unknown', unknown), ...notes] }
  return { possible: 'yes', rows: ['yes', ...notes] }
}

function refusalOf({ releases, refusing, obstacles = [] }: RollbackFeasibilityInput): RollbackFeasibility | undefined {
  const fresh = releases.filter(({ deployed }) => !deployed).map(({ name }) => name)
  if (fresh.length === releases.length)
    return {
      possible: 'first-install',
      rows: ['no: nothing was deployed before; what a failed first install made stays'],
    }
  if (fresh.length > 0)
    return { possible: 'no', rows: [`no: ${fresh.join(', ')} ${fresh.length === 1 ? 'is' : 'are'} new and would stay`] }
  if (refusing.length > 0)
    return { possible: 'no', rows: [`no: ${refusing.join(', ')} may not go back (rollback: refuse)`] }
  return obstacles.length > 0 ? { possible: 'no', rows: labelled('no', obstacles) } : undefined
}

function labelled(label: string, [first = '', ...others]: readonly string[]): string[] {
  return [`${label}: ${first}`, ...others]
}

function replacedNote(plans: readonly ObjectPlan[]): string[] {
  const names = namesOf(plans, ({ action, ref }) => action === 'replace' && ref.kind !== 'Job')
  return names === undefined ? [] : [`${names} would be replaced once more`]
}

/** Its Jobs come back too, and run: they must be idempotent (docs/design.md, facts). */
function jobsNote(plans: readonly ObjectPlan[]): string[] {
  const names = namesOf(plans, ({ action, ref }) => ref.kind === 'Job' && (action === 'delete' || action === 'replace'))
  return names === undefined ? [] : [`${names} would run again`]
}

function claimsNote(plans: readonly ObjectPlan[]): string[] {
  const names = namesOf(
    plans,
    ({ action, ref, changes }) =>
      ref.kind === 'PersistentVolumeClaim' && action === 'change' && changes.some(({ path }) => path === STORAGE),
  )
  return names === undefined ? [] : [`${names} keeps its new size`]
}

function lostNote(lost: readonly string[]): string[] {
  return lost.length === 0 ? [] : [`the data of ${lost.join(', ')} does not come back`]
}

function namesOf(plans: readonly ObjectPlan[], wanted: (plan: ObjectPlan) => boolean): string | undefined {
  const found: ObjectRef[] = plans.filter(wanted).map(({ ref }) => ref)
  return found.length === 0 ? undefined : found.map(nameOf).join(', ')
}
