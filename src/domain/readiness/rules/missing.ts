import type { Hint } from '../../../hint.ts'
import { nameOf, resourceName, type ObjectRef } from '../../kube.ts'
import { cannotStart, describePod, words, type RuleContext, type Symptom } from '../symptom.ts'
import type { ObservedObject } from '../object-cache.ts'

/** What a container needs and does not find. */
export interface Missing {
  readonly kind: string
  /** Undefined: kubelet names the kind alone. */
  readonly name: string | undefined
  readonly what: string
  /** The object itself is missing, not a key of it. */
  readonly isWhole: boolean
}

/** `secret "x" not found`, `couldn't find key K in ConfigMap ns/x`, `references non-existent config key: K` (of `source`). */
export function missingObject(text: string, source?: Pick<Missing, 'kind' | 'name'>): Missing | undefined {
  const whole = /\b(secret|configmap)s? "(?:[^"/]+\/)?([^"]+)" not found/iu.exec(text)
  if (whole !== null) {
    const found = { kind: kindOf(whole[1]), name: whole[2] ?? '' }
    return { ...found, what: `${called(found)} does not exist`, isWhole: true }
  }
  const key = /couldn't find key (\S+) in (Secret|ConfigMap) (?:[^/\s]+\/)?([^\s,;]+)/iu.exec(text)
  if (key !== null) {
    const found = { kind: kindOf(key[2]), name: key[3] ?? '' }
    return { ...found, what: `${called(found)} has no key ${key[1] ?? ''}`, isWhole: false }
  }
  const item = /references non-existent (config|secret) key: ([^\s,;]+)/iu.exec(text)
  if (item === null) return undefined
  const kind = item[1]?.toLowerCase() === 'secret' ? 'Secret' : 'ConfigMap'
  const what = source === undefined ? `a ${kind}` : called(source)
  return { ...(source ?? { kind, name: undefined }), what: `${what} has no key ${item[2] ?? ''}`, isWhole: false }
}

/** `Secret/app-secrets` */
function called({ kind, name }: Pick<Missing, 'kind' | 'name'>): string {
  return name === undefined ? kind : `${kind}/${name}`
}

function kindOf(word: string | undefined): 'Secret' | 'ConfigMap' {
  return word?.toLowerCase() === 'secret' ? 'Secret' : 'ConfigMap'
}

/**
 * What a symptom says of an object that is missing. Where something else makes it, that is to blame: how it stands by now is
 * the reason.
 */
export function missingParts(
  missing: Missing,
  { pod, began, place }: { readonly pod: ObservedObject; readonly began: number; readonly place: string },
  context: RuleContext,
): Pick<Symptom, 'message' | 'why' | 'brief' | 'below' | 'missing' | 'hint' | 'dueAt'> {
  const key = `${pod.object.metadata.namespace ?? ''}/${called(missing)}`
  const { kind, name } = missing
  const about = name === undefined ? {} : { missing: { kind, name } }
  const makers = context.options.makers.get(key) ?? []
  const [first] = makers
  if (first === undefined) {
    // Missing for good where forge or the release should have written it; anything else may still be made by a controller.
    const isOwn = context.options.ownObjects?.has(key) ?? true
    return {
      ...cannotStart(missing.what),
      brief: missing.what,
      below: [place, called(missing)],
      ...about,
      hint: hintFor(missing, pod, context),
      dueAt: isOwn ? began : began + context.options.missingGraceMs,
    }
  }
  const names = makers.map(nameOf).join(' or ')
  return {
    ...cannotStart(`${missing.what}: ${names} should have made it${conditionOf(first, context)}`),
    brief: `${missing.what} yet: ${names} makes it`,
    below: [place, called(missing), nameOf(first)],
    ...about,
    hint: context.kubectl(['describe', resourceName(first), first.name]),
    dueAt: began + context.options.missingGraceMs,
  }
}

/** How the maker stands, in its own words. */
function conditionOf(maker: ObjectRef, context: RuleContext): string {
  const entry = context.cache.entry(maker) ?? context.cache.goneJob(maker)
  if (entry === undefined) return ''
  const standing = context.standingOf(entry)
  if (standing === undefined) return ''
  if (standing.symptom !== undefined) return `, but it ${words(standing.symptom.message)}`
  return standing.ready ? `, and is done with its work (${standing.reason})` : `, and is not ready: ${standing.reason}`
}

/** A key is missing: `describe` names those that are there, never a value. The whole object is: all of its kind, for a typing error. */
export function hintFor(missing: Missing, pod: ObservedObject, context: RuleContext): Hint {
  const { kind, name } = missing
  if (name === undefined) return describePod(pod, context)
  const word = kind.toLowerCase()
  return context.kubectl(missing.isWhole ? ['get', `${word}s`] : ['describe', word, name])
}
