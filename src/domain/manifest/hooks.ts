import type { KubeObject } from '../kube.ts'
import type { Hook, Rendered } from './parse.ts'

export type HookPhase = 'before' | 'after'

/** What helm is about to do; it names the hooks that run (`pre-rollback`). */
export type HelmOperation = 'install' | 'upgrade' | 'rollback'

/** A hook that helm runs in this deploy; helm waits for its Jobs and Pods, everything else of it is only made. */
export interface ComingHook extends Rendered {
  readonly hook: Hook
  readonly phase: HookPhase
}

/**
 * The hooks that helm is about to run, in its order: those before the objects of the release, then those after, each by
 * weight (https://helm.sh/docs/topics/charts_hooks/). One that belongs to both events comes twice.
 */
export function comingHooks(rendered: readonly Rendered[], operation: HelmOperation): ComingHook[] {
  const of = (event: string, phase: HookPhase): ComingHook[] =>
    rendered
      .flatMap(({ hook, ...one }) => (hook?.events.includes(event) === true ? [{ ...one, hook, phase }] : []))
      .sort((a, b) => a.hook.weight - b.hook.weight || Number(isAwaited(a)) - Number(isAwaited(b)))
  return [...of(`pre-${operation}`, 'before'), ...of(`post-${operation}`, 'after')]
}

/**
 * What a release owns. Hooks are run for it and are no part of it: no rollback removes or restores them
 * (https://helm.sh/docs/topics/charts_hooks/#hook-resources-are-not-managed-with-corresponding-releases).
 */
export function ownObjects(rendered: readonly Rendered[]): KubeObject[] {
  return rendered.filter(({ hook }) => hook === undefined).map(({ object }) => object)
}

/** Helm goes on only when these have ended well. */
export function isAwaited({ object }: Pick<Rendered, 'object'>): boolean {
  return object.kind === 'Job' || object.kind === 'Pod'
}

/**
 * Once helm has ended well, one that is gone is done: helm has waited for its end, or its chart deletes it after success. A Job
 * may also go by its `ttlSecondsAfterFinished`.
 */
export function vanishes({ object, hook }: Pick<ComingHook, 'object' | 'hook'>): boolean {
  return isAwaited({ object }) || hook.deletePolicy.includes('hook-succeeded')
}
