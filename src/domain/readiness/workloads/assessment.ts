import type { Hint } from '../../../hint.ts'
import type { Counts, Paused, Progressing, Ready } from '../model.ts'
import { isPodReady, isTerminating } from '../shapes.ts'
import type { RuleContext, Symptom } from '../symptom.ts'
import type { ObservedObject } from '../object-cache.ts'

/** What the status of every kind that keeps pods says of its rollout. */
export interface RolloutFacts {
  readonly generation: number
  readonly observedGeneration: number
  /** Pods that are wanted. */
  readonly desired: number
}

/** What a kind's own status says of its rollout; pods and time come on top of it. */
export type Progress = Ready | Progressing | Paused

export interface Assessment {
  readonly progress: Progress
  readonly counts: Counts
  /** Pods of the wanted revision: their failures count, and they must settle. */
  readonly current: readonly ObservedObject[]
  /** Pods that the rollout replaces: whatever happens to them is not this deploy's doing. */
  readonly old: readonly ObservedObject[]
  /** Wrong about the workload itself (a deadline, a Job that failed, pods that cannot be created). */
  readonly symptoms: readonly Symptom[]
  /** Counts container crashes; a Job counts them itself. */
  readonly countsCrashes: boolean
  /** Ready pods that must have been seen, too: one watch may be ahead of another. 0 for kinds that own no pods. */
  readonly expectedPods: number
  /** `spec.minReadySeconds` is served by the controller: then forge lets nothing settle on its own. */
  readonly settles: boolean
  /** Its controller has said nothing of this spec (yet). */
  readonly isUnanswered?: boolean
  /** Its controller ends pods itself, and its own words tell why better than theirs, as long as nothing has failed. */
  readonly isTelling?: boolean
  /** When time alone changes the progress. */
  readonly until?: number
}

export type Assess = (entry: ObservedObject, context: RuleContext) => Assessment

export function progressing(reason: string, counts?: Counts): Progressing {
  return counts === undefined ? { state: 'progressing', reason } : { state: 'progressing', reason, counts }
}

export function ready(detail: string, remark?: string, hint?: Hint): Ready {
  if (remark === undefined) return { state: 'ready', detail }
  return hint === undefined ? { state: 'ready', detail, remark } : { state: 'ready', detail, remark, hint }
}

export function paused(reason: string, hint?: Hint): Paused {
  return hint === undefined ? { state: 'paused', reason } : { state: 'paused', reason, hint }
}

/** A status that describes an older spec proves nothing, and nothing that it says may be blamed on the new one. */
export const UNOBSERVED = 'spec not observed yet'

export function isObserved({ object: { metadata } }: ObservedObject, observedGeneration: number | undefined): boolean {
  return (observedGeneration ?? 0) >= (metadata.generation ?? 0)
}

export function readyPods(pods: readonly ObservedObject[]): number {
  return pods.filter(({ object }) => isPodReady(object)).length
}

export function livePods(pods: readonly ObservedObject[]): ObservedObject[] {
  return pods.filter(({ object }) => !isTerminating(object))
}

/** Of what has no pods of its own: a budget, an autoscaler, a schedule. */
export function withoutPods(progress: Assessment['progress'], counts: Assessment['counts']): Assessment {
  return {
    progress,
    counts,
    current: [],
    old: [],
    symptoms: [],
    countsCrashes: false,
    expectedPods: 0,
    settles: false,
  }
}
