import { nameOf } from '../domain/kube.ts'
import type { ObjectPlan, Restart } from '../domain/plan/model.ts'
import { BEFORE_HELM } from '../domain/migrate/undo.ts'
import { counted } from './counted.ts'
import type { SecretPlan } from '../domain/secrets/model.ts'

export interface Changes {
  /** Nothing was deployed before. */
  readonly first: boolean
  /** `--release`: the releases that it deployed. */
  readonly only?: readonly string[]
  /** `forge rollback`: the deploy that it goes back to. */
  readonly target: number | undefined
  /** `forge migrate-to-helm`: how many objects it took over. */
  readonly adopted?: number
  readonly plans: readonly ObjectPlan[]
  readonly restarts: readonly Restart[]
  readonly secrets: readonly Pick<SecretPlan, 'name' | 'changedKeys'>[]
}

/** Parts that are named; the rest is counted. */
const NAMED = 6

/** What a deploy changed, in one line for people: why pods restarted, then whatever else. Names only, no values. */
export function changesLine({ only = [], ...changes }: Changes): string {
  const line = whatChanged(changes)
  if (only.length === 0) return line
  return [`only ${only.join(', ')}`, ...(line === '' ? [] : [line])].join(': ')
}

function whatChanged({ first, target, adopted = 0, plans, restarts, secrets }: Changes): string {
  const touched = plans.filter(({ action }) => !['unchanged', 'keep', 'unknown'].includes(action))
  if (first) return `first install of ${counted(touched.length, 'object')}`
  const reasons = restarts.flatMap(({ because }) => because)
  const told = new Set(restarts.map(({ ref }) => nameOf(ref)))
  const consumed = new Set(restarts.flatMap((restart) => restart.consumed ?? []))
  const rest = touched
    .filter(({ ref }) => !told.has(nameOf(ref)) && !consumed.has(ref.name))
    .map(({ ref, action }) => `${MARKS[action] ?? ''}${nameOf(ref)}`)
  const keys = secrets
    .filter(({ name, changedKeys }) => changedKeys.length > 0 && !consumed.has(name))
    .map(({ name, changedKeys }) => `${name} ${changedKeys.join(' ')}`)
  const all = [...new Set([...reasons, ...keys, ...rest])]
  const more = all.length > NAMED ? [`and ${all.length - NAMED} more`] : []
  const line = [...all.slice(0, NAMED), ...more].join(', ')
  const head = [...headOf(target), ...(adopted === 0 ? [] : [`${counted(adopted, 'object')} taken over`])]
  return [...head, ...(line === '' ? [] : [line])].join(': ')
}

function headOf(target: number | undefined): string[] {
  if (target === undefined) return []
  return [target === BEFORE_HELM ? 'back to what ran before Helm' : `back to #${target}`]
}

const MARKS: Partial<Record<ObjectPlan['action'], string>> = { create: '+', delete: '-', replace: '±' }
