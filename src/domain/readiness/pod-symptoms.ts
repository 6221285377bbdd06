import { crashRule } from './rules/crash.ts'
import { imageRule } from './rules/image.ts'
import { probeRule } from './rules/probe.ts'
import { schedulingRule } from './rules/scheduling.ts'
import { startRule } from './rules/start.ts'
import { vaultRule } from './rules/vault.ts'
import { volumeRule } from './rules/volume.ts'
import { explained, waitingRule } from './rules/waiting.ts'
import { isTerminating } from './shapes.ts'
import type { RuleContext, Symptom } from './symptom.ts'
import type { ObservedObject } from './object-cache.ts'
import { hasEnded } from '../pod-phase.ts'

/** Everything that looks wrong with a pod. Pods that are going away, or have ended, hold nothing back. */
export function podSymptoms(pod: ObservedObject, countsCrashes: boolean, context: RuleContext): Symptom[] {
  if (isTerminating(pod.object) || hasEnded(pod.object)) return []
  const rules = countsCrashes
    ? [vaultRule, imageRule, startRule, crashRule, schedulingRule, volumeRule, probeRule, waitingRule]
    : [vaultRule, imageRule, startRule, schedulingRule, volumeRule, waitingRule]
  return rules.flatMap((rule) => rule(pod, context)).map((symptom) => explained(symptom, context))
}
