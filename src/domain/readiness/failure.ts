import type { Hint } from '../../hint.ts'
import { nameOf } from '../kube.ts'
import type { Failure, Target } from './model.ts'
import { podsIn, rankOf, type RuleContext, type Symptom } from './symptom.ts'
import type { ObservedObject } from './object-cache.ts'

/** One symptom as the verdict on its target: who, what, and the way from the workload down to the cause. */
export function failureOf(top: ObservedObject, symptom: Symptom, { cache }: Pick<RuleContext, 'cache'>): Failure {
  const { code, message, brief, pod, hint, below, on, root, image, missing } = symptom
  const { namespace } = top.object.metadata
  const path = cache.pathTo(top, on)
  const pods = [...podsIn(path), ...(symptom.pods ?? [])]
  return {
    state: 'failed',
    code,
    message: `${top.object.metadata.name} ${message}`,
    brief,
    chain: [...path.map(({ object }) => nameOf(object)), ...below],
    ...(pod === undefined ? {} : { pod: namespace === undefined ? pod : { ...pod, namespace } }),
    hint,
    healing: false,
    ...(root === undefined ? {} : { root }),
    ...(image === undefined ? {} : { image }),
    ...(missing === undefined ? {} : { missing }),
    ...(pods.length === 0 ? {} : { pods }),
  }
}

/** Of several that failed, the one that explains the others: whoever only waits for another is left out, then the deepest. */
export function rootFailure<T extends { readonly key: string; readonly failure: Failure }>(
  failed: readonly T[],
): T | undefined {
  const keys = new Set(failed.map(({ key }) => key))
  const roots = failed.filter(({ failure: { root } }) => root === undefined || !keys.has(root))
  const [first] = [...(roots.length === 0 ? failed : roots)].sort(
    (one, other) => rankOf(one.failure) - rankOf(other.failure),
  )
  return first
}

/** What is known of one target when its stage's time is up. */
export interface Unfinished {
  readonly target: Target
  readonly top: ObservedObject | undefined
  readonly symptom: Symptom | undefined
  readonly failure: Failure | undefined
  readonly reason: string
  /** The command that goes on, where it is paused. */
  readonly hint: Hint | undefined
}

/**
 * One cause for a stage that ran out of time: a failure that is one anyhow, else the deepest thing that looked wrong under
 * its own code, else E_STAGE_TIMEOUT for the first target that is not ready.
 */
export function timeoutFailure(
  stage: { readonly name: string; readonly timeoutMs: number },
  unfinished: readonly Unfinished[],
  context: RuleContext,
): Failure {
  const failed = rootFailure(
    unfinished.flatMap(({ top, failure }) =>
      top === undefined || failure === undefined ? [] : [{ key: top.key, failure }],
    ),
  )
  if (failed !== undefined) return failed.failure
  const limit = `stage ${stage.name} waited ${duration(stage.timeoutMs)}`
  const suspects = unfinished.flatMap(({ top, symptom }) =>
    top === undefined || symptom === undefined ? [] : [{ key: top.key, failure: failureOf(top, symptom, context) }],
  )
  const worst = rootFailure(suspects)?.failure
  if (worst !== undefined) return { ...worst, message: `${worst.message} (${limit})` }
  const [first] = unfinished
  const name = first === undefined ? stage.name : `${first.target.kind}/${first.target.name}`
  return {
    state: 'failed',
    code: 'E_STAGE_TIMEOUT',
    message: `${first?.target.label ?? first?.target.name ?? stage.name} is not ready: ${first?.reason ?? 'nothing is known'} (${limit})`,
    brief: `not ready within ${duration(stage.timeoutMs)}`,
    chain: [name],
    hint:
      first === undefined
        ? context.kubectl(['get', 'pods'])
        : (first.hint ?? context.kubectl(['describe', first.target.kind.toLowerCase(), first.target.name])),
    healing: false,
  }
}

/** `3m`, `90s`, `1m 30s`: as forge.yaml writes timeouts. */
export function duration(ms: number): string {
  const seconds = Math.round(ms / 1_000)
  const minutes = Math.floor(seconds / 60)
  if (minutes === 0) return `${seconds}s`
  return seconds % 60 === 0 ? `${minutes}m` : `${minutes}m ${seconds % 60}s`
}
