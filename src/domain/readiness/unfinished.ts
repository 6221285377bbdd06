import type { Unfinished } from './failure.ts'
import type { Target, Verdict } from './model.ts'
import { podSignals } from './pod-signals.ts'
import { deepest, type Scene, type Signal } from './signal.ts'
import { reasonOf } from './summary.ts'
import type { Assessment } from './workloads/assessment.ts'
import type { Entry } from './world.ts'
import { workloadIs } from '../workload-kinds.ts'

/** What was found out about a target, kept until something below it changes or its deadline passes. */
export interface Judgement {
  readonly verdict: Verdict
  readonly assessment: Assessment | undefined
  readonly top: Entry | undefined
  /** All that looks wrong, counted or not. */
  readonly signals: readonly Signal[]
  /** When time alone changes the verdict. */
  readonly dueAt: number
}

/** What is known of a target when its stage's time is up; nothing where it is ready. */
export function unfinishedOf(
  target: Target,
  { verdict, top, signals, assessment }: Judgement,
  scene: Scene,
): readonly Unfinished[] {
  if (verdict.state === 'ready') return []
  // It may wait for ever for a broken pod of the revision that it leaves, or that only people replace.
  const old = workloadIs(target.kind, 'keepsOldPods') ? (assessment?.old ?? []) : []
  const signal = deepest([...signals, ...old.flatMap((pod) => podSignals(pod, true, scene))])
  return [
    {
      target,
      top,
      signal,
      failure: verdict.state === 'failed' ? verdict : undefined,
      reason: reasonOf(verdict),
      hint: verdict.state === 'paused' ? verdict.hint : undefined,
    },
  ]
}
