import { podStatusOf } from '../shapes.ts'
import { NEVER, describePod, words, type RuleContext, type Symptom } from '../symptom.ts'
import type { ObservedObject } from '../object-cache.ts'

/** Why nodes throw pods out, or do not let them in (pkg/kubelet/eviction, pkg/kubelet/lifecycle). */
const REASONS = new Set([
  'Evicted',
  'UnexpectedAdmissionError',
  'NodeAffinity',
  'OutOfcpu',
  'OutOfmemory',
  'OutOfpods',
  'Preempting',
])

/**
 * One eviction is bad luck, and its replacement may go elsewhere; many mean that the pods themselves are the reason
 * (https://kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction/). Judged over all pods of a target.
 */
export function evictionSymptoms(pods: readonly ObservedObject[], context: RuleContext): Symptom[] {
  const evicted = pods.filter(
    ({ object }) => podStatusOf(object).phase === 'Failed' && REASONS.has(podStatusOf(object).reason ?? ''),
  )
  const last = evicted.reduce<ObservedObject | undefined>(
    (latest, pod) => (latest === undefined || pod.bornSeq > latest.bornSeq ? pod : latest),
    undefined,
  )
  if (last === undefined) return []
  const { reason, message = '' } = podStatusOf(last.object)
  const allowed = context.options.evictionsAllowed
  const what = reason === 'Evicted' ? 'evicted' : 'refused by a node'
  return [
    {
      code: 'E_EVICTED',
      message: `cannot stay on its nodes: ${evicted.length === 1 ? 'a pod was' : `${evicted.length} pods were`} ${what}: ${words(message)}`,
      brief: `${evicted.length} evictions, ${allowed} allowed`,
      on: last,
      below: [],
      hint: describePod(last, context),
      dueAt: evicted.length > allowed ? 0 : NEVER,
      seq: last.bornSeq,
    },
  ]
}
