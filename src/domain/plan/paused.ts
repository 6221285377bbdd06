import type { RestartInput } from './restarts.ts'
import { groupOf, keyOf, nameOf, type KubeObject } from '../kube.ts'
import { holdOn, RECONCILIATION, type Hold } from '../operators/hold.ts'
import { specOf } from '../readiness/shapes.ts'
import { isPausedMidway } from '../readiness/workloads/deployment.ts'
import { isWithin, valueAfter, valueAt, type Planned } from './field-path.ts'
import type { ObjectPlan } from './model.ts'

/** A workload that somebody holds: what a deploy makes of it would never become pods, and its stage would wait in vain. */
export interface Held {
  readonly plan: ObjectPlan
  /** One sentence without a full stop. */
  readonly message: string
  /** What kubectl is told to let it go; undefined: the chart itself holds it. */
  readonly release: readonly string[] | undefined
}

export function heldWorkloads({ plans, rendered, live }: Pick<RestartInput, 'plans' | 'rendered' | 'live'>): Held[] {
  return plans.flatMap((plan) => {
    if (plan.action === 'delete' || plan.action === 'keep' || plan.action === 'unknown') return []
    const key = keyOf(plan.ref)
    // What is made anew is what the chart says.
    const isMade = plan.action === 'create' || plan.action === 'replace'
    const planned: Planned = {
      rendered: rendered.get(key),
      live: isMade ? undefined : live.get(key),
      changes: plan.changes,
    }
    const found = heldBy(plan, planned)
    return found === undefined ? [] : [{ plan, ...found }]
  })
}

function heldBy(plan: ObjectPlan, planned: Planned): Omit<Held, 'plan'> | undefined {
  if (plan.ref.kind === 'Deployment') return pausedDeployment(plan, planned)
  const hold = heldAfter(planned)
  // Of what nothing changes, only a database is waited for without being named.
  if (hold === undefined || (plan.action === 'unchanged' && !isDatabase(plan.ref))) return undefined
  const stated = valueAt(planned.rendered, hold.path) !== undefined
  // What a chart itself suspends, or puts to sleep, is meant so; an operator that leaves it alone would not even make it.
  if (stated && !hold.path.includes(RECONCILIATION)) return undefined
  return {
    message: `${nameOf(plan.ref)} is ${hold.reason}, so nothing of this deploy would reach it`,
    release: stated ? undefined : hold.release,
  }
}

function isDatabase({ apiVersion, kind }: ObjectPlan['ref']): boolean {
  return groupOf(apiVersion) === 'postgresql.cnpg.io' && kind === 'Cluster'
}

/** Who holds it now, or by the chart, and still does afterwards. */
function heldAfter(planned: Planned): Hold | undefined {
  const { live, rendered } = planned
  const found = [live, rendered].flatMap((object) => {
    const hold = object === undefined ? undefined : holdOn(object)
    return hold === undefined || object === undefined ? [] : [{ hold, value: valueAt(object, hold.path) }]
  })
  return found.find(({ hold, value }) => valueAfter(hold.path, planned) === value)?.hold
}

/** Scaling works while a Deployment is paused; a new template, and a rollout that stopped half-way, do not. */
function pausedDeployment({ ref, changes, drift }: ObjectPlan, planned: Planned): Omit<Held, 'plan'> | undefined {
  const { live, rendered } = planned
  // A pause that somebody asked to preserve stays, whatever the chart says.
  const isKept = drift.some(({ path, end, live: value }) => path === 'spec.paused' && end === 'kept' && value === true)
  if (!isKept && valueAfter('spec.paused', planned) !== true) return undefined
  if (valueAfter('spec.replicas', planned) === 0) return undefined
  const isChanged = changes.some(({ path }) => isWithin(path, 'spec.template'))
  const why = live === undefined ? 'no pod of it would ever be made' : whyHeld(live, isChanged)
  if (why === undefined) return undefined
  const stated = rendered !== undefined && specOf(rendered).paused === true
  return {
    message: `${nameOf(ref)} is ${stated ? 'rendered with spec.paused: true' : 'paused (spec.paused)'}, so ${why}`,
    release: stated ? undefined : ['rollout', 'resume', `deployment/${ref.name}`],
  }
}

function whyHeld(live: KubeObject, isChanged: boolean): string | undefined {
  if (isChanged) return 'the change of its pods would never roll out'
  return isPausedMidway(live) ? 'the rollout that it is in the middle of never ends' : undefined
}
