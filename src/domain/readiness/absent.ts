import type { Hint } from '../../hint.ts'
import type { KubeObject } from '../kube.ts'
import type { Baseline } from './baseline.ts'
import type { Failure, Target, Verdict } from './model.ts'
import { isTrue } from './conditions.ts'
import { statusOf } from './shapes.ts'
import { progressing } from './workloads/assessment.ts'
import type { ObservedObject } from './object-cache.ts'

/** https://kubernetes.io/docs/concepts/workloads/controllers/job/#terminal-job-conditions; FailureTarget decides, too. */
export function isOver(job: KubeObject): boolean {
  const { conditions } = statusOf(job)
  return ['Complete', 'Failed', 'FailureTarget'].some((type) => isTrue(conditions, type))
}

export interface Absence {
  readonly target: Target
  readonly key: string
  /** The Job as it was when it was deleted, where there was one; its end was not seen. */
  readonly gone: ObservedObject | undefined
}

/** The verdict on what is not there. */
export function absent(
  { target, key, gone }: Absence,
  baseline: Baseline,
  kubectl: (args: readonly string[]) => Hint,
): Verdict {
  if (!baseline.helmHasEnded && (target.vanishes === true || gone === undefined || !baseline.isNew(gone)))
    return progressing('not created yet')
  // What helm has left was there: the watch has yet to tell of it.
  if (target.vanishes === true && !baseline.expects(key)) return { state: 'ready', detail: 'done' }
  if (gone === undefined) return progressing('does not exist')
  // Nobody makes it again. After a gap in the watch it may have ended well, or not.
  if (gone.object['status'] === undefined) return progressing('is gone, and nobody saw how it ended')
  return deleted(target, kubectl)
}

function deleted({ kind, name }: Target, kubectl: (args: readonly string[]) => Hint): Failure {
  return {
    state: 'failed',
    code: 'E_OBJECT_GONE',
    message: `${name} was deleted before it had ended`,
    brief: 'deleted before it had ended',
    chain: [`${kind}/${name}`],
    hint: kubectl(['get', 'events', '--sort-by=.lastTimestamp']),
    healing: false,
  }
}
