import { creationSymptoms } from '../rules/creation.ts'
import { howItEnds } from '../rules/crash.ts'
import { conditionOf, isTrue, type Condition } from '../conditions.ts'
import { containerStatusesOf, lastEnd, podStatusOf, specOf, statusOf, type Terminated } from '../shapes.ts'
import { ALWAYS_FRESH, logsOf, words, type RuleContext, type Symptom } from '../symptom.ts'
import type { ObservedObject } from '../object-cache.ts'
import { countOf } from './deployment.ts'
import { paused, progressing, ready, type Assess, type Progress } from './assessment.ts'

/** https://kubernetes.io/docs/concepts/workloads/controllers/job/#terminal-job-conditions */
export const assessJob: Assess = (entry, context) => {
  const { object } = entry
  const { suspend = false, completions = 1 } = specOf(object)
  const { conditions, succeeded = 0, active = 0, failed = 0 } = statusOf(object)
  const pods = context.cache.ownedBy(entry.uid, 'Pod')
  const isComplete = isTrue(conditions, 'Complete')
  const over = decidedFailure(conditions)
  const lacksPods = !isComplete && !suspend && active + succeeded + failed === 0
  return {
    progress: isComplete ? ready('done') : judgeRunning({ suspend, active, succeeded, failed, completions }),
    counts: { ready: Math.min(succeeded, completions), wanted: completions },
    current: isComplete ? [] : pods,
    old: [],
    symptoms:
      over === undefined ? creationSymptoms(entry, lacksPods, false, context) : [failureOf(entry, over, pods, context)],
    countsCrashes: false,
    expectedPods: 0,
    settles: false,
  }
}

interface Running {
  readonly suspend: boolean
  readonly active: number
  readonly succeeded: number
  readonly failed: number
  readonly completions: number
}

function judgeRunning({ suspend, active, succeeded, failed, completions }: Running): Progress {
  if (suspend) return paused('it is suspended (spec.suspend)')
  const counts = { ready: succeeded, wanted: completions }
  const attempts = failed === 0 ? '' : `, ${countOf(failed, 'attempt')} failed`
  return progressing(active === 0 ? `no pod runs${attempts}` : `running${attempts}`, counts)
}

/** FailureTarget comes first (1.31 and newer): it is decided, and only the pods are still ending. */
function decidedFailure(conditions: readonly Condition[] | undefined): Condition | undefined {
  return [conditionOf(conditions, 'Failed'), conditionOf(conditions, 'FailureTarget')].find(
    (condition) => condition?.status === 'True',
  )
}

function failureOf(
  entry: ObservedObject,
  { reason = 'Failed', message = '' }: Condition,
  pods: readonly ObservedObject[],
  context: RuleContext,
): Symptom {
  // FailureTarget is written before the count has caught up with the pods.
  const seen = pods.filter(({ object }) => podStatusOf(object).phase === 'Failed').length
  const failed = Math.max(statusOf(entry.object).failed ?? 0, seen)
  const attempts = failed === 0 ? '' : `, ${countOf(failed, 'attempt')}`
  const last = lastFailed(pods) ?? lastFailed(context.cache.buriedBy(entry.uid))
  const isLate = reason === 'DeadlineExceeded'
  const ended =
    last === undefined ? `failed: ${words(message === '' ? reason : message)}` : `failed: it ${howItEnds(last.end)}`
  return {
    code: 'E_JOB_FAILED',
    message: `${isLate ? 'ran longer than its activeDeadlineSeconds allow' : ended}${attempts}`,
    brief: isLate ? 'took too long' : `failed${attempts}`,
    ...placeOf(entry, last, pods, context),
    dueAt: 0,
    seq: ALWAYS_FRESH,
  }
}

/** A pod that the Job has deleted is named in the chain, but its log cannot be pointed at. */
function placeOf(
  entry: ObservedObject,
  last: FailedPod | undefined,
  pods: readonly ObservedObject[],
  context: RuleContext,
): Pick<Symptom, 'on' | 'below' | 'pod' | 'pods' | 'hint'> {
  const describe = context.kubectl(['describe', 'job', entry.object.metadata.name])
  if (last === undefined) return { on: entry, below: [], hint: describe }
  const { name } = last.pod.object.metadata
  if (!pods.includes(last.pod))
    return { on: entry, below: [`Pod/${name}`, last.container], pods: [name], hint: describe }
  const pod = { name, container: last.container, previous: false }
  return { on: last.pod, below: [last.container], pod, hint: logsOf(pod, context) }
}

interface FailedPod {
  readonly pod: ObservedObject
  readonly container: string
  readonly end: Terminated
}

function lastFailed(pods: readonly ObservedObject[]): FailedPod | undefined {
  const failures = [...pods]
    .sort((one, other) => other.bornSeq - one.bornSeq)
    .flatMap((pod) =>
      containerStatusesOf(pod.object).flatMap((status) => {
        const end = lastEnd(status)
        return end !== undefined && end.exitCode !== 0 ? [{ pod, container: status.name, end }] : []
      }),
    )
  return failures.find(({ pod }) => podStatusOf(pod.object).phase === 'Failed') ?? failures[0]
}
