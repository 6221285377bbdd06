import { endedSymptom } from '../rules/ended.ts'
import { isPodReady, podStatusOf } from '../shapes.ts'
import { progressing, ready, type Assess } from './assessment.ts'

/** A pod that no controller makes (a chart's bare Pod, a hook): it is ready, or it has ended well. */
export const assessPod: Assess = (entry, context) => {
  const isDone = podStatusOf(entry.object).phase === 'Succeeded'
  const isReady = isPodReady(entry.object)
  return {
    progress: isDone
      ? ready('done')
      : isReady
        ? ready('1/1')
        : progressing(podStatusOf(entry.object).phase ?? 'pending'),
    counts: { ready: isDone || isReady ? 1 : 0, wanted: 1 },
    current: [entry],
    old: [],
    symptoms: endedSymptom(entry, context),
    countsCrashes: true,
    expectedPods: isDone ? 0 : 1,
    settles: !isDone,
  }
}
