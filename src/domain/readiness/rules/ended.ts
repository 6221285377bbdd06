import { containerStatusesOf, lastEnd, podStatusOf } from '../shapes.ts'
import { ALWAYS_FRESH, logsOf, words, type RuleContext, type Symptom } from '../symptom.ts'
import type { ObservedObject } from '../object-cache.ts'
import { howItEnds } from './crash.ts'

/**
 * A bare pod that is waited for by its own name (a chart's hook) and has failed: no controller makes another one
 * (https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-phase).
 */
export function endedSymptom(entry: ObservedObject, context: RuleContext): Symptom[] {
  const { phase, reason, message } = podStatusOf(entry.object)
  if (phase !== 'Failed') return []
  const { name } = entry.object.metadata
  const failed = containerStatusesOf(entry.object).flatMap((status) => {
    const end = lastEnd(status)
    return end !== undefined && end.exitCode !== 0 ? [{ container: status.name, end }] : []
  })
  const [first] = failed
  const pod = first === undefined ? undefined : { name, container: first.container, previous: false }
  return [
    {
      code: 'E_JOB_FAILED',
      message:
        first === undefined
          ? `failed: ${words(message ?? reason ?? 'nobody said why')}`
          : `failed: it ${howItEnds(first.end)}`,
      brief: 'failed',
      on: entry,
      below: first === undefined ? [] : [first.container],
      ...(pod === undefined ? {} : { pod }),
      hint: pod === undefined ? context.kubectl(['describe', 'pod', name]) : logsOf(pod, context),
      dueAt: 0,
      seq: ALWAYS_FRESH,
    },
  ]
}
