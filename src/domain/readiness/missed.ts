import type { Hint } from '../../hint.ts'
import { placedIn } from '../kube.ts'
import { hasEnded } from '../pod-phase.ts'
import { isOver } from './absent.ts'
import { isTrue } from './conditions.ts'
import type { Failure, Target, ObjectCache } from './model.ts'
import { specOf, statusOf } from './shapes.ts'

/**
 * A hook that has ended well and is gone, while none is left that helm could still be waiting for. helm begins to look when it has
 * made a hook (pkg/kube, WatchUntilReady): one that is gone by then is waited for until helm's time is up.
 */
export function missedHook<T extends Target>(
  targets: readonly T[],
  cache: Pick<ObjectCache, 'get' | 'lastSeen'>,
  namespace: string,
): T | undefined {
  const seen = targets.map((target) => {
    const ref = placedIn(target, namespace)
    return { target, living: cache.get(ref), last: cache.lastSeen(ref) }
  })
  if (seen.some(({ living }) => living !== undefined && !isOver(living) && !hasEnded(living))) return undefined
  return seen.find(
    ({ living, last }) => living === undefined && last !== undefined && isTrue(statusOf(last).conditions, 'Complete'),
  )?.target
}

/** The verdict on it: `hint` deploys once more. */
export function missedFailure(
  { kind, name, ...target }: Target,
  cache: Pick<ObjectCache, 'lastSeen'>,
  namespace: string,
  hint: Hint,
): Failure {
  const last = cache.lastSeen(placedIn({ kind, name, ...target }, namespace))
  const { ttlSecondsAfterFinished: ttl } = last === undefined ? {} : specOf(last)
  const by = ttl === undefined ? 'deleted' : `deleted by its ttlSecondsAfterFinished: ${ttl}`
  return {
    state: 'failed',
    code: 'E_HOOK_MISSED',
    message: `helm waits for hook ${name} in vain: it has ended well, and was ${by} before helm looked`,
    brief: 'gone before helm looked',
    chain: [`${kind}/${name}`],
    hint,
    healing: false,
  }
}
