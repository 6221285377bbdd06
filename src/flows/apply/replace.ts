import { keyOf, nameOf, refOf, type KubeObject } from '../../domain/kube.ts'
import { ForgeError } from '../../errors.ts'
import { forge } from '../../hint.ts'
import type { Timed } from '../../time-limit.ts'
import type { Planned, ReleasePlan } from '../phases/planned.ts'
import { GONE_WITHIN_MS, requireGone } from '../observe/until-gone.ts'

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
  for (const live of toReplace(plans, context.live)) {
    await confirm()
    await takeAway(live, context, timed)
  }
}

/** What is to be made anew, as it is there. */
export function toReplace(plans: ReleasePlan['plans'], live: Planned['live']): KubeObject[] {
  return [...remadeKeys([{ plans }])].flatMap((key) => live.get(key) ?? [])
}

/** Of what is there now: what was made anew. It would stand in the way of the old one for the same reason. */
export function replacements(
  { plans }: ReleasePlan,
  before: Planned['live'],
  now: ReadonlyMap<string, KubeObject>,
): KubeObject[] {
  return toReplace(plans, now).filter((object) => object.metadata.uid !== before.get(keyOf(object))?.metadata.uid)
}

/** Objects were taken away for this release: they must come back even if helm wrote no revision. */
export function hasReplaced({ plans }: ReleasePlan): boolean {
  return plans.some(({ action }) => action === 'replace')
}

/** Keys of what is taken away to be made anew. */
export function remadeKeys(releases: readonly Pick<ReleasePlan, 'plans'>[]): Set<string> {
  return new Set(
    releases.flatMap(({ plans }) => plans).flatMap(({ action, ref }) => (action === 'replace' ? keyOf(ref) : [])),
  )
}

interface Limited {
  readonly cluster: Planned['cluster']
  readonly options?: Pick<Planned['options'], 'timeoutMs'>
}

/** Deletes this very object and waits until it is gone. Throws E_NOT_GONE. */
export async function takeAway(object: KubeObject, { cluster, options }: Limited, timed: Timed): Promise<void> {
  const { kind, metadata } = object
  const ref = refOf(object)
  const uid = metadata.uid ?? ''
  const propagation = kind === 'StatefulSet' ? 'Orphan' : 'Background'
  const accepted = await cluster.delete(ref, { uid, propagation }, timed.signal)
  const found = await cluster.get(ref, timed.signal)
  if (found === undefined) return
  if (found.metadata.uid !== uid) {
    if (accepted) return
    throw moved(object)
  }
  // Orphaning and finalizers take the controllers a moment.
  const limitMs = options?.timeoutMs ?? GONE_WITHIN_MS
  await requireGone({ objects: [found], cluster, limitMs }, timed)
}

function moved(object: KubeObject): ForgeError {
  return new ForgeError('E_PLAN_STALE', `${nameOf(object)} was replaced by somebody else at this moment`, {
    hint: forge('deploy'),
    where: nameOf(object),
    exit: 5,
  })
}
