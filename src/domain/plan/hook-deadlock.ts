import { keyOf, nameOf, type KubeObject, type ObjectRef } from '../kube.ts'
import { configReferences } from '../manifest/config-references.ts'
import { comingHooks, isAwaited, type ComingHook, type HelmOperation } from '../manifest/hooks.ts'
import type { Rendered } from '../manifest/parse.ts'
import { podSpecOf } from '../manifest/references.ts'
import { secretReferences } from '../manifest/secret-references.ts'

/** A hook on which helm waits, and what it waits for itself: something that helm makes only afterwards. */
export interface HookDeadlock {
  readonly hook: ComingHook
  readonly needs: ObjectRef
  /** `before`: the object belongs to the release; `hook`: to a later hook. */
  readonly comes: 'with the release' | 'with a later hook'
}

/**
 * Hooks that can never end: helm runs them one after the other, and those before the release before any other object of
 * it (https://helm.sh/docs/topics/charts_hooks/). `live`: what exists already, which is there for a hook whoever made it.
 */
export function hookDeadlocks(
  rendered: readonly Rendered[],
  operation: HelmOperation,
  live: ReadonlyMap<string, KubeObject>,
): HookDeadlock[] {
  const hooks = comingHooks(rendered, operation)
  const release = new Set(rendered.filter(({ hook }) => hook === undefined).map(({ object }) => keyOf(object)))
  return hooks.filter(isAwaited).flatMap((hook) => {
    const at = hooks.indexOf(hook)
    const made = new Set(hooks.slice(0, at).map(({ object }) => keyOf(object)))
    const later = new Set(hooks.slice(at + 1).map(({ object }) => keyOf(object)))
    return needed(hook.object).flatMap((needs): HookDeadlock[] => {
      const key = keyOf(needs)
      if (live.has(key) || made.has(key)) return []
      if (release.has(key)) return hook.phase === 'before' ? [{ hook, needs, comes: 'with the release' }] : []
      return later.has(key) ? [{ hook, needs, comes: 'with a later hook' }] : []
    })
  })
}

/** `hook Job/migrate (pre-install) needs ConfigMap/env, which helm makes only after it` */
export function deadlockText({ hook, needs, comes }: HookDeadlock): string {
  const events = hook.hook.events.filter((event) => event.startsWith(hook.phase === 'before' ? 'pre-' : 'post-'))
  return `hook ${nameOf(hook.object)} (${events.join(', ')}) needs ${nameOf(needs)}, which helm makes only after it, ${comes}`
}

interface Named {
  readonly serviceAccountName?: string
  readonly volumes?: readonly { readonly persistentVolumeClaim?: { readonly claimName?: string } }[]
}

/** Without these no pod of the object starts. */
function needed(object: KubeObject): ObjectRef[] {
  const { namespace } = object.metadata
  const ref = (kind: string, name: string): ObjectRef => {
    return { apiVersion: 'v1', kind, name, ...(namespace === undefined ? {} : { namespace }) }
  }
  const { serviceAccountName: account, volumes = [] } = (podSpecOf(object) ?? {}) as Named
  const claims = volumes.flatMap(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName ?? [])
  const maps = configReferences(object).filter(({ optional }) => !optional)
  const all = [
    ...(account === undefined ? [] : [ref('ServiceAccount', account)]),
    ...secretReferences(object).map(({ secret }) => ref('Secret', secret)),
    ...maps.map(({ name }) => ref('ConfigMap', name)),
    ...claims.map((name) => ref('PersistentVolumeClaim', name)),
  ]
  return [...new Map(all.map((one) => [keyOf(one), one])).values()]
}
