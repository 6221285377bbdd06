import type { KubeObject } from '../kube.ts'
import { statedDifferences } from './diff.ts'
import { isEmpty, isWithin, locate, valueAt } from './field-path.ts'
import { foreignFields, ownerOf } from './managers.ts'
import type { ObjectPlan } from './model.ts'
import { isEqual } from '../canonical.ts'

/** One object after helm has ended, beside what was planned of it. */
export interface Written {
  readonly plan: ObjectPlan
  /** As helm was given it. Undefined: it is rendered no longer. */
  readonly sent: KubeObject | undefined
  readonly before: KubeObject | undefined
  readonly after: KubeObject | undefined
  /** Fields that somebody else decides all the time. */
  readonly free: readonly string[]
}

/** `asks`: fields that only the API server can tell of, as it may store them in another form than they were sent in. */
export interface Difference {
  readonly odd: readonly string[]
  readonly asks: readonly string[]
}

const NONE: Difference = { odd: [], asks: [] }

/** They may be gone as soon as they have done their work. */
const ENDING = ['Job', 'Pod']

/**
 * What helm has made of an object, compared with what was predicted. What others have written since (an autoscaler, a
 * controller, a person) is not helm's, and no difference; nor is an object on its way out.
 */
export function differenceOf(written: Written): Difference {
  const { plan, sent, before, after } = written
  if (plan.action === 'delete') return isLeft(before, after) ? { odd: ['is still there'], asks: [] } : NONE
  if (sent === undefined || !['create', 'change', 'replace'].includes(plan.action)) return NONE
  if (after === undefined) return ENDING.includes(plan.ref.kind) ? NONE : { odd: ['is not there'], asks: [] }
  if (after.metadata.deletionTimestamp !== undefined) return NONE
  const others = foreignFields(after)
  const isOthers = (path: string): boolean =>
    ownerOf(path, others) !== undefined && !isSame(valueAt(after, path), valueAt(before, path))
  const stated = statedDifferences(sent, after)
    .map(({ path }) => path)
    .filter((path) => !written.free.some((one) => isWithin(path, one)) && !isOthers(path))
  if (plan.action !== 'change' || plan.notChecked !== undefined) return { odd: [], asks: stated }
  return {
    odd: [...stated.filter((path) => !isPredicted(path, plan, before, after)), ...stillThere(written)],
    asks: [],
  }
}

/** The very object that was to go. */
function isLeft(before: KubeObject | undefined, after: KubeObject | undefined): boolean {
  return (
    after !== undefined && after.metadata.deletionTimestamp === undefined && after.metadata.uid === before?.metadata.uid
  )
}

/** The dry run had said that the API server would make this of it (or leave it as it was): a webhook, a normal form. */
function isPredicted(
  path: string,
  { changes }: ObjectPlan,
  before: KubeObject | undefined,
  after: KubeObject,
): boolean {
  const own = changes.filter((one) => isWithin(path, one.path) || isWithin(one.path, path))
  if (own.length === 0) return isSame(valueAt(after, path), valueAt(before, path))
  return own.every((one) => isSame(valueAt(after, one.path), one.after))
}

/** Fields that were to go: helm had stated them before, and the chart does no longer. */
function stillThere({ plan, sent, before, after }: Written): string[] {
  return plan.changes
    .filter((change) => change.after === undefined && locate(sent, change.path) === undefined)
    .map(({ path }) => path)
    .filter((path) => valueAt(after, path) !== undefined && isEqual(valueAt(after, path), valueAt(before, path)))
}

function isSame(one: unknown, other: unknown): boolean {
  return (isEmpty(one) && isEmpty(other)) || isEqual(one, other)
}
