import { keyOf, type KubeObject } from '../kube.ts'
import { isAwaited, type ComingHook } from '../manifest/hooks.ts'
import { statedDifferences } from './diff.ts'

/** A hook that an earlier deploy has left, and that helm does not take away before it makes it again. */
export interface LeftHook {
  readonly hook: ComingHook
  /** `refused`: helm would fail. `skipped`: it would take the old one's end for that of the new one, which never runs. */
  readonly end: 'refused' | 'skipped'
}

/**
 * Only `before-hook-creation` removes what is there (https://helm.sh/docs/topics/charts_hooks/#hook-deletion-policies). helm 3,
 * and helm 4 for its releases, then find that it exists already; server-side apply finds its template immutable, or, where
 * nothing has changed, nothing to do. Other kinds than Jobs and Pods it simply updates.
 */
export function leftHooks(
  hooks: readonly ComingHook[],
  live: ReadonlyMap<string, KubeObject>,
  way: 'apply' | 'patch',
): LeftHook[] {
  const known = new Map(hooks.map((hook) => [keyOf(hook.object), hook]))
  return [...known].flatMap(([key, hook]): LeftHook[] => {
    const left = live.get(key)
    const isRemoved = hook.hook.deletePolicy.includes('before-hook-creation')
    if (left === undefined || isRemoved || (way === 'apply' && !isAwaited(hook))) return []
    const isSame = way === 'apply' && statedDifferences(hook.object, left).length === 0
    return [{ hook, end: isSame ? 'skipped' : 'refused' }]
  })
}
