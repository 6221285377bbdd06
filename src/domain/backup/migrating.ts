import { keyOf } from '../kube.ts'
import type { ObjectPlan } from '../plan/model.ts'
import type { StageTargets } from '../stages/stages.ts'

/** What becomes of a Job that this deploy runs; of `unknown` nobody can say that it does not. */
const RUNS = new Set<ObjectPlan['action']>(['create', 'replace', 'unknown'])

/** The Jobs of a stage that this deploy makes, makes again, or lets helm run as hooks: they may migrate. */
export function jobsThatRun({ targets }: StageTargets, plans: readonly Pick<ObjectPlan, 'ref' | 'action'>[]): string[] {
  const made = new Set(plans.filter(({ action }) => RUNS.has(action)).map(({ ref }) => keyOf(ref)))
  return targets
    .filter((target) => target.kind === 'Job' && (target.hook === true || made.has(keyOf(target))))
    .map(({ name, label }) => label ?? name)
}
