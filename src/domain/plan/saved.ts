import { isMap } from '../config/path.ts'
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
  /** `state` is a SHA-256 here. */
  readonly preconditions: readonly Precondition[]
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
  return { plan: value as unknown as SavedPlan }
}
