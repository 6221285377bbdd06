import { nameOf } from '../kube.ts'
import { podSymptoms } from './pod-symptoms.ts'
import { evictionSymptoms } from './rules/eviction.ts'
import { explained } from './rules/waiting.ts'
import { NEVER, deepest, podsIn, type RuleContext, type Symptom, type Standing } from './symptom.ts'
import { assess } from './workloads/assess.ts'
import type { Assessment } from './workloads/assessment.ts'
import type { ObservedObject } from './object-cache.ts'

/** All that looks wrong with a workload and its pods, counted or not. */
export function symptomsOf({ current, countsCrashes, symptoms }: Assessment, context: RuleContext): Symptom[] {
  return [
    ...symptoms.map((symptom) => explained(symptom, context)),
    ...(countsCrashes ? evictionSymptoms(current, context) : []),
    ...current.flatMap((pod) => podSymptoms(pod, countsCrashes, context)),
  ]
}

/**
 * How a workload stands that another one waits for, target or not. `counts`: what is wrong with it is this deploy's;
 * otherwise it explains, but ends nothing.
 */
export function standingOf(
  workload: ObservedObject,
  context: RuleContext,
  fresh: (symptoms: readonly Symptom[]) => readonly Symptom[],
  counts: boolean,
): Standing {
  const assessment = assess(workload, context)
  const { progress } = assessment
  const all = symptomsOf(assessment, context)
  const counted = counts ? deepest(fresh(all)) : undefined
  const found = counted ?? deepest(all)
  const path = found === undefined ? [] : context.cache.pathTo(workload, found.on).slice(1)
  return {
    ready: progress.state === 'ready',
    reason: progress.state === 'ready' ? progress.detail : progress.reason,
    symptom: found === undefined || counted !== undefined ? found : { ...found, dueAt: NEVER },
    chain: found === undefined ? [] : [...path.map(({ object }) => nameOf(object)), ...found.below],
    pods: found === undefined ? [] : [...podsIn(path), ...(found.pods ?? [])],
  }
}
