import type { RollbackRule } from '../config/model.ts'
import type { KubeObject } from '../kube.ts'
import type { KeyChange, SecretPlan } from './model.ts'
import { dataOf, KEY_REVISIONS, keyRevisionsOf, keysOwnedByForge, REVISION, revisionOf } from './plan.ts'

export interface Restore {
  readonly name: string
  /** The Secret as it was, forge's own keys only. */
  readonly wanted: KubeObject
  /** The number that its content has. */
  readonly revision: number
  readonly live: KubeObject | undefined
  /** Keys that are not simply restored. */
  readonly rules: Readonly<Record<string, Exclude<RollbackRule, 'restore'>>>
  /** The highest number that the secret ever had. */
  readonly lastRevision: number
}

export interface RestorePlan {
  readonly plan: SecretPlan
  /** Keys that would change, and may not (`rollback: refuse`). */
  readonly refused: readonly string[]
}

/**
 * What has to be written so that a Secret holds again what it held under a number. Keys with the rule `keep` stay as they
 * are now; the mixture that this makes is a content of its own, with a number of its own (numbers are never reused).
 */
export function planRestore({ name, wanted, revision, live, rules, lastRevision }: Restore): RestorePlan {
  const now = live === undefined ? {} : dataOf(live)
  const then = dataOf(wanted)
  const kept = Object.keys(rules).filter((key) => rules[key] === 'keep' && Object.hasOwn(now, key))
  const data = { ...then, ...Object.fromEntries(kept.map((key) => [key, now[key] ?? ''])) }
  const owned = live === undefined ? new Set<string>() : (keysOwnedByForge(live) ?? new Set(Object.keys(now)))
  const keys = [...new Set([...Object.keys(data), ...owned])].sort().map((key): KeyChange => {
    if (!Object.hasOwn(now, key)) return { key, change: 'added' }
    return { key, change: data[key] === now[key] ? (kept.includes(key) ? 'kept' : 'same') : 'changed' }
  })
  const changedKeys = keys.filter(({ change }) => change === 'added' || change === 'changed').map(({ key }) => key)
  const before = live === undefined ? undefined : revisionOf(live)
  const base = { name, keys, changedKeys, revisionBefore: before }
  const refused = changedKeys.filter((key) => rules[key] === 'refuse')
  if (changedKeys.length === 0 && live !== undefined) {
    const plan = { action: 'unchanged', revision: revisionOf(live), keyRevisions: keyRevisionsOf(live) } as const
    return { plan: { ...base, ...plan, object: undefined }, refused }
  }
  const exact = Object.keys(data).every((key) => data[key] === then[key])
  const number = exact ? revision : Math.max(lastRevision, revision, before ?? 0) + 1
  const object = exact ? wanted : numbered({ ...wanted, ['data']: data }, number)
  const plan = { action: live === undefined ? 'create' : 'change', revision: number, object } as const
  return { plan: { ...base, ...plan, keyRevisions: keyRevisionsOf(object) }, refused }
}

/** Keys keep the revisions that the pods of that deploy were told: they restart with the rollback anyway. */
function numbered(object: KubeObject, number: number): KubeObject {
  const { annotations = {} } = object.metadata
  const known = JSON.stringify(keyRevisionsOf(object))
  const noted = { ...annotations, [REVISION]: String(number), [KEY_REVISIONS]: known }
  return { ...object, metadata: { ...object.metadata, annotations: noted } }
}
