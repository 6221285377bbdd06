import { keyOf, type KubeObject } from '../kube.ts'
import { hasCompleted } from '../plan/jobs.ts'
import type { StageTargets } from './stages.ts'

/** Where helm is not run: a Job that had ended well is done, also when its TTL takes it away meanwhile. */
export function withEndedJobs(
  stages: readonly StageTargets[],
  live: ReadonlyMap<string, KubeObject>,
): readonly StageTargets[] {
  const isEnded = (key: string): boolean => {
    const object = live.get(key)
    return object?.kind === 'Job' && hasCompleted(object)
  }
  return stages.map((stage) => ({
    ...stage,
    targets: stage.targets.map((target) => (isEnded(keyOf(target)) ? { ...target, vanishes: true } : target)),
  }))
}
