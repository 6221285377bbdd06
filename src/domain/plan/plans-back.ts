import { keyOf, type KubeObject } from '../kube.ts'
import type { Rendered } from '../manifest/parse.ts'
import { fixedField, mayBeReplaced } from './immutable.ts'
import type { ObjectPlan } from './model.ts'
import { planObjects, type PlanInput } from './objects.ts'

/** A release before it goes back: what comes back, what its newest revision wrote, and what is there. */
export interface ReleaseNow {
  readonly wanted: readonly Rendered[]
  readonly present: readonly Rendered[]
  readonly live: ReadonlyMap<string, KubeObject>
}

/** What going back changes, seen from what is live. */
export function plansBack(
  release: string,
  { wanted, present, live }: ReleaseNow,
  preserved: PlanInput['preserved'] = () => [],
): ObjectPlan[] {
  const unreadable = (): boolean => false
  return planObjects({ release, rendered: wanted, previous: present, live, unreadable, preserved, settled: false })
}

/** What the API server would refuse to change back, and may be made anew. */
export function fixedBack(release: string, now: ReleaseNow, preserved?: PlanInput['preserved']): KubeObject[] {
  return plansBack(release, now, preserved).flatMap(({ ref, action, changes }) => {
    const object = now.live.get(keyOf(ref))
    const isFixed = object !== undefined && mayBeReplaced(object) && fixedField(object, changes) !== undefined
    return action === 'change' && isFixed ? [object] : []
  })
}

/**
 * Objects of a release that its newest revision no longer rendered, and that are there all the same: they were kept, are on
 * their way out, or helm failed (a hook) before it came to delete them.
 */
export function stillThere({ wanted, present, live }: ReleaseNow): Rendered[] {
  const known = new Set(present.map(({ object }) => keyOf(object)))
  return wanted.filter(({ object }) => !known.has(keyOf(object)) && live.has(keyOf(object)))
}
