import type { Unfinished } from './failure.ts'
import type { Target, Verdict } from './model.ts'
import { podSymptoms } from './pod-symptoms.ts'
import { deepest, type RuleContext, type Symptom } from './symptom.ts'
import { reasonOf } from './workload-standing.ts'
import type { Assessment } from './workloads/assessment.ts'
import type { ObservedObject } from './object-cache.ts'
import { workloadIs } from '../workload-kinds.ts'

/** What was found out about a target, kept until something below it changes or its deadline passes. */
export interface Judgement {
  readonly verdict: Verdict
  readonly assessment: Assessment | undefined
  readonly top: ObservedObject | undefined
  /** All that looks wrong, counted or not. */
  readonly symptoms: readonly Symptom[]
  /** When time alone changes the verdict. */
  readonly dueAt: number
}

/** What is known of a target when its stage's time is up; nothing where it is ready. */
export function unfinishedOf(
  target: Target,
  { verdict, top, symptoms, assessment }: Judgement,
  context: RuleContext,
): readonly Unfinished[] {
  if (verdict.state === 'ready') return []
  // It may wait for ever for a broken pod of the revision that it leaves, or that only people replace.
  const old = workloadIs(target.kind, 'keepsOldPods') ? (assessment?.old ?? []) : []
  const symptom = deepest([...symptoms, ...old.flatMap((pod) => podSymptoms(pod, true, context))])
  return [
    {
      target,
      top,
      symptom,
      failure: verdict.state === 'failed' ? verdict : undefined,
      reason: reasonOf(verdict),
      hint: verdict.state === 'paused' ? verdict.hint : undefined,
    },
  ]
}
