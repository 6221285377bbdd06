import { keyOf, nameOf, type KubeObject } from '../../domain/kube.ts'
import type { ObjectPlan } from '../../domain/plan/model.ts'
import { ForgeError } from '../../errors.ts'
import { forge } from '../../hint.ts'
import type { Timed } from '../../time-limit.ts'
import type { Planned, ReleasePlan } from '../phases/planned.ts'
import { GONE_WITHIN_MS, requireGone } from '../observe/until-gone.ts'
import type { Watched } from '../prove/watching.ts'

/**
 * Takes away what cannot be changed in place, one object at a time, so that helm makes it anew: only the very object that
 * the plan saw (by UID). The pods and claims of a StatefulSet stay; the new one takes them over. A Job's log is in the
 * evidence of the run that failed.
 */
export async function replaceObjects(
  { plans }: ReleasePlan,
  context: Planned,
  timed: Timed,
  confirm: () => Promise<void>,
): Promise<void> {
  for (const plan of plans) {
    if (plan.action !== 'replace') continue
    const live = context.live.get(keyOf(plan.ref))
    if (live === undefined) continue
    await confirm()
    await takeAway(plan, live, context, timed)
  }
}

/** Before a rollback: what was made anew would stand in the way of the old one for the same reason. */
export async function removeReplacements({ plans }: ReleasePlan, context: Planned, timed: Timed): Promise<void> {
  for (const plan of plans) {
    if (plan.action !== 'replace') continue
    const now = await context.cluster.get(plan.ref, timed.signal)
    const before = context.live.get(keyOf(plan.ref))
    if (now !== undefined && now.metadata.uid !== before?.metadata.uid) await takeAway(plan, now, context, timed)
  }
}

/** Objects were taken away for this release: they must come back even if helm wrote no revision. */
export function hasReplaced({ plans }: ReleasePlan): boolean {
  return plans.some(({ action }) => action === 'replace')
}

/** Keys of what is taken away to be made anew. */
export function remadeKeys(works: readonly Pick<ReleasePlan, 'plans'>[]): Set<string> {
  return new Set(
    works.flatMap(({ plans }) => plans).flatMap(({ action, ref }) => (action === 'replace' ? keyOf(ref) : [])),
  )
}

/** Deletes this very object and waits until it is gone. Throws E_NOT_GONE. */
export async function takeAway(
  plan: Pick<ObjectPlan, 'ref'>,
  object: KubeObject,
  { cluster, options }: Watched & Partial<Pick<Planned, 'options'>>,
  timed: Timed,
): Promise<void> {
  const { kind, metadata } = object
  const uid = metadata.uid ?? ''
  const propagation = kind === 'StatefulSet' ? 'Orphan' : 'Background'
  const accepted = await cluster.delete(plan.ref, { uid, propagation }, timed.signal)
  const found = await cluster.get(plan.ref, timed.signal)
  if (found === undefined) return
  if (found.metadata.uid !== uid) {
    if (accepted) return
    throw moved(plan)
  }
  // Orphaning and finalizers take the controllers a moment.
  const limitMs = options?.timeoutMs ?? GONE_WITHIN_MS
  await requireGone({ objects: [found], cluster, limitMs }, timed)
}

function moved({ ref }: Pick<ObjectPlan, 'ref'>): ForgeError {
  return new ForgeError('E_PLAN_STALE', `${nameOf(ref)} was replaced by somebody else at this moment`, {
    hint: forge('deploy'),
    where: nameOf(ref),
    exit: 5,
  })
}
