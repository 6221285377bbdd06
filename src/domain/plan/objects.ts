import type { CrdPolicy } from '../config/model.ts'
import { keyOf, refOf, type KubeObject } from '../kube.ts'
import { definitionDifferences } from '../definitions/definition.ts'
import { isLeaving, leavingText } from '../leaving.ts'
import { isBundledDefinition, type Rendered } from '../manifest/parse.ts'
import { statedDifferences, withdrawnFields } from './diff.ts'
import { driftOf } from './drift.ts'
import { isWithin } from './field-path.ts'
import type { ObjectPlan } from './model.ts'
import { isEqual } from '../canonical.ts'
import type { Preserved } from './preserved.ts'

export interface PlanInput {
  readonly release: string
  readonly rendered: readonly Rendered[]
  /** What the last deployed revision applied; empty for a first install. */
  readonly previous: readonly Rendered[]
  /** Live objects by `keyOf`. */
  readonly live: ReadonlyMap<string, KubeObject>
  /** Kinds that may not be read: whether such an object exists is not known. */
  readonly unreadable: (object: KubeObject) => boolean
  readonly preserved: (object: KubeObject) => readonly Preserved[]
  /** The last deployed revision is the newest one: nothing is left of an upgrade that failed. */
  readonly settled: boolean
  /** What becomes of the definitions in crds/. */
  readonly crds?: CrdPolicy
}

/** What `helm upgrade` will do to each object of a release (hooks excepted), in the order of the render, deletions last. */
export function planObjects(input: PlanInput): ObjectPlan[] {
  const wanted = input.rendered.filter(({ hook }) => hook === undefined)
  const previous = previousObjects(input)
  const kept = new Set(wanted.map(({ object }) => keyOf(object)))
  const gone = input.previous.filter(({ hook, object }) => hook === undefined && !kept.has(keyOf(object)))
  return [
    ...wanted.map((one) => planWanted(one, previous.get(keyOf(one.object)), input)),
    ...gone.flatMap((one) => planGone(one, input)),
  ]
}

/** What the last deployed revision applied, by key, without hooks. */
export function previousObjects({ previous }: Pick<PlanInput, 'previous'>): Map<string, KubeObject> {
  return new Map(previous.filter(({ hook }) => hook === undefined).map(({ object }) => [keyOf(object), object]))
}

const NOTHING = { changes: [], drift: [], conflicts: [] }

function planWanted(rendered: Rendered, previous: KubeObject | undefined, input: PlanInput): ObjectPlan {
  const { object, template } = rendered
  const base = { ref: refOf(object), release: input.release, template, ...NOTHING }
  const live = input.live.get(keyOf(object))
  if (live === undefined && input.unreadable(object)) {
    const same = previous !== undefined && isEqual(previous, object)
    return { ...base, action: same ? 'unchanged' : 'unknown', notChecked: `${object.kind} may not be read` }
  }
  if (live === undefined)
    return {
      ...base,
      action: 'create',
      ...(previous !== undefined && input.settled ? { because: 'is gone, although the last deploy made it' } : {}),
    }
  if (isLeaving(live)) return { ...base, action: 'create', because: `${leavingText(live)}: made again once it is gone` }
  if (isBundledDefinition(rendered)) {
    const changes = input.crds === 'update' ? definitionDifferences(object, live) : []
    return { ...base, action: changes.length > 0 ? 'change' : 'unchanged', changes }
  }
  const preserved = input.preserved(object)
  const stated = statedDifferences(object, live)
  const all = [...stated, ...(previous === undefined ? [] : withdrawnFields(previous, object, live))]
  const changes = all.filter(({ path }) => !preserved.some((one) => isWithin(path, one.path)))
  const drift = driftOf({ wanted: object, previous, live, stated, touched: all, preserved, settled: input.settled })
  return { ...base, action: changes.length > 0 ? 'change' : 'unchanged', changes, drift }
}

function planGone({ object, template }: Rendered, input: PlanInput): ObjectPlan[] {
  const base = { ref: refOf(object), release: input.release, template, ...NOTHING }
  const live = input.live.get(keyOf(object))
  if (live === undefined)
    return input.unreadable(object)
      ? [{ ...base, action: 'unknown', notChecked: `${object.kind} may not be read` }]
      : []
  // helm asks the live object, not the manifest (pkg/kube, Client.Update).
  const keep = live.metadata.annotations?.['helm.sh/resource-policy'] === 'keep'
  return [{ ...base, action: keep ? 'keep' : 'delete' }]
}

/** Objects that a deploy would touch. */
export function touched(plans: readonly ObjectPlan[]): ObjectPlan[] {
  return plans.filter(({ action }) => action !== 'unchanged' && action !== 'keep')
}
