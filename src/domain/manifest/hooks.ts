import type { Hook, Rendered } from './parse.ts'

export type HookPhase = 'before' | 'after'

/** A hook that helm runs in this deploy; helm waits for its Jobs and Pods, everything else of it is only made. */
export interface ComingHook extends Rendered {
  readonly hook: Hook
  readonly phase: HookPhase
}

/**
 * The hooks that helm is about to run, in its order: those before the objects of the release, then those after, each by
 * weight (https://helm.sh/docs/topics/charts_hooks/). One that belongs to both events comes twice.
 */
export function comingHooks(rendered: readonly Rendered[], isUpgrade: boolean): ComingHook[] {
  const kind = isUpgrade ? 'upgrade' : 'install'
  const of = (event: string, phase: HookPhase): ComingHook[] =>
    rendered
      .flatMap(({ hook, ...one }) => (hook?.events.includes(event) === true ? [{ ...one, hook, phase }] : []))
      .sort((a, b) => a.hook.weight - b.hook.weight || Number(isAwaited(a)) - Number(isAwaited(b)))
  return [...of(`pre-${kind}`, 'before'), ...of(`post-${kind}`, 'after')]
}

/** Helm goes on only when these have ended well. */
export function isAwaited({ object }: Pick<Rendered, 'object'>): boolean {
  return object.kind === 'Job' || object.kind === 'Pod'
}

/** Its chart deletes it once it has ended well: that it is gone means that it is done. */
export function vanishes({ deletePolicy }: Hook): boolean {
  return deletePolicy.includes('hook-succeeded')
}
