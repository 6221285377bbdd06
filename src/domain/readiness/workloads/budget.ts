import { conditionOf } from '../conditions.ts'
import { statusOf } from '../shapes.ts'
import { words } from '../symptom.ts'
import { UNOBSERVED, isObserved, progressing, ready, type Assess, type Progress, withoutPods } from './assessment.ts'

export interface BudgetFacts {
  readonly observed: boolean
  readonly healthy: number
  readonly wanted: number
  /** Why its controller cannot count; undefined: it can. */
  readonly failed: string | undefined
}

/**
 * A PodDisruptionBudget is kept while as many pods are healthy as it demands; that no pod may go away at the moment is what many
 * are made for (https://kubernetes.io/docs/tasks/run-application/configure-pdb/).
 */
export function judgeBudget({ observed, healthy, wanted, failed }: BudgetFacts): Progress {
  const counts = { ready: healthy, wanted }
  if (!observed) return progressing(UNOBSERVED, counts)
  if (failed !== undefined) return progressing(failed, counts)
  if (healthy < wanted) return progressing(`${healthy} of the ${wanted} pods that it demands are healthy`, counts)
  return ready('kept')
}

export const assessBudget: Assess = (entry) => {
  const { observedGeneration, currentHealthy = 0, desiredHealthy = 0, conditions } = statusOf(entry.object)
  const allowed = conditionOf(conditions, 'DisruptionAllowed')
  const progress = judgeBudget({
    observed: isObserved(entry, observedGeneration),
    healthy: currentHealthy,
    wanted: desiredHealthy,
    failed: allowed?.reason === 'SyncFailed' ? words(allowed.message ?? 'its pods cannot be counted') : undefined,
  })
  return withoutPods(progress, { ready: Math.min(currentHealthy, desiredHealthy), wanted: desiredHealthy })
}
