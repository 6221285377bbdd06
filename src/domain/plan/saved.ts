import { isMap, type PlainMap } from '../config/path.ts'
import type { Choice } from '../config/select.ts'
import type { SetTexts } from '../../hint.ts'
import { PLAN_VERSION, type PlanDocument } from './document.ts'
import type { Precondition } from './precondition.ts'

/** What `forge deploy --plan FILE` needs beside the plan itself. No secret value is in it, not even hashed. */
export interface PlanBasis extends SetTexts, Choice {
  /** Of the command line that made the plan, as what sets single values is. */
  readonly values: readonly string[]
  readonly images: Readonly<Record<string, string>>
  /** What becomes of other people's changes: the policy, and the fields that are preserved (`Kind/name:field`). */
  readonly drift: { readonly policy: string; readonly preserve: readonly string[] }
  /** Releases of somebody else are taken over. */
  readonly adopt?: true
  readonly releases: readonly SavedRelease[]
  /** The cluster had no key for hashes of other people's Secrets yet: such hashes are not compared. */
  readonly unkeyed?: true
  readonly secrets: readonly {
    readonly name: string
    readonly action: string
    readonly keys: readonly string[]
    readonly revision: number
  }[]
  /** `state` is a SHA-256 here; of a Secret, its resourceVersion. */
  readonly preconditions: readonly Precondition<string>[]
}

export interface SavedRelease {
  readonly name: string
  /** Revision and status of the newest record; absent: never installed. */
  readonly latest: string | undefined
  readonly way: 'apply' | 'patch'
  /** SHA-256 of each rendered object but Secrets' values, in the order of the render. */
  readonly objects: readonly { readonly object: string; readonly digest: string }[]
  /** The manifest itself, where the chart renders differently each time. */
  readonly frozen: string | undefined
}

export interface SavedPlan extends PlanDocument {
  readonly basis: PlanBasis
}

export type ParsedPlan =
  { readonly plan: SavedPlan } | { readonly fault: 'syntax' | 'version'; readonly message: string }

/** Reads a file that `forge plan --out` wrote. What is inside was written by forge; its version says which. */
export function parseSavedPlan(text: string): ParsedPlan {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { fault: 'syntax', message: 'is no JSON' }
  }
  if (!isMap(value) || value['kind'] !== 'Plan' || !isMap(value['basis']))
    return { fault: 'syntax', message: 'is no plan that forge saved' }
  if (value['version'] !== PLAN_VERSION) {
    return { fault: 'version', message: `has version ${String(value['version'])}; this forge reads ${PLAN_VERSION}` }
  }
  const fault = faultOf(value)
  if (fault !== undefined) return { fault: 'syntax', message: `is no plan that forge saved: ${fault} is not as it was` }
  return { plan: value as unknown as SavedPlan }
}

const isText = (value: unknown): boolean => typeof value === 'string'
const isMaybeText = (value: unknown): boolean => value === undefined || value === null || isText(value)
const isTexts = (value: unknown): boolean => Array.isArray(value) && value.every(isText)
const isListOf = (value: unknown, is: (one: PlainMap) => boolean): boolean =>
  Array.isArray(value) && value.every((one) => isMap(one) && is(one))
const isObject = (one: PlainMap): boolean => isText(one['object']) && isText(one['digest'])
const isRef = (value: unknown): boolean =>
  isMap(value) && ['apiVersion', 'kind', 'name'].every((part) => isText(value[part])) && isMaybeText(value['namespace'])

/** What a deploy reads of it, and whether it is of the kind that `forge plan` writes. */
const PARTS: Readonly<Record<string, (basis: PlainMap) => boolean>> = {
  values: ({ values }) => isTexts(values),
  set: ({ set, setString, setJson, setFile }) =>
    [set, setString, setJson, setFile].every((one) => one === undefined || isTexts(one)),
  images: ({ images }) => isMap(images) && Object.values(images).every(isText),
  drift: ({ drift }) => isMap(drift) && isText(drift['policy']) && isTexts(drift['preserve']),
  releases: ({ releases }) =>
    isListOf(
      releases,
      ({ name, latest, objects, frozen }) =>
        isText(name) && isMaybeText(latest) && isMaybeText(frozen) && isListOf(objects, isObject),
    ),
  secrets: ({ secrets }) => isListOf(secrets, ({ name, keys }) => isText(name) && isTexts(keys)),
  preconditions: ({ preconditions }) => isListOf(preconditions, ({ ref, state }) => isRef(ref) && isText(state)),
}

function faultOf(plan: PlainMap): string | undefined {
  const own = ['project', 'environment', 'namespace', 'createdAt'].find((part) => !isText(plan[part]))
  const basis = plan['basis'] as PlainMap
  return own ?? Object.keys(PARTS).find((part) => PARTS[part]?.(basis) !== true)
}
