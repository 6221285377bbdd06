import { isMap } from '../config/path.ts'
import type { Choice } from '../config/select.ts'
import type { SetTexts } from '../../hint.ts'
import { newerText } from '../journal/newer.ts'
import { PLAN_VERSION, type PlanDocument } from './document.ts'
import * as v1 from './format/v1.ts'
import type { Precondition } from './precondition.ts'

/** What `forge deploy --plan FILE` needs beside the plan itself. No secret value is in it, not even hashed. */
export interface PlanBasis extends SetTexts, Choice {
  /** Of the command line that made the plan, as what sets single values is. */
  readonly values: readonly string[]
  readonly images: Readonly<Record<string, string>>
  /** Images of which a deploy would build other sources than those that run: the plan has no reference for them. */
  readonly unbuilt?: readonly string[]
  /** What becomes of other people's changes: the policy, and the fields that are preserved (`Kind/name:field`). */
  readonly drift: { readonly policy: string; readonly preserve: readonly string[] }
  /** Releases of somebody else are taken over. */
  readonly adopt?: true
  readonly releases: readonly SavedRelease[]
  /** It is one of `forge migrate-to-helm`: what it reads the old stack from, and what becomes of it. */
  readonly migration?: SavedMigration
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

/** As the command line names it; without either only what the charts render counts. */
export interface LegacyChoice {
  readonly from?: string
  readonly 'from-live'?: string
}

export interface SavedMigration extends LegacyChoice {
  /** All that is taken over, replaced, made or retired. */
  readonly objects: readonly string[]
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

/** What a deploy reads of the file; beside it there is all that `forge plan` has shown. */
export interface SavedPlan {
  readonly project: string
  readonly environment: string
  readonly namespace: string
  /** ISO 8601. */
  readonly createdAt: string
  readonly basis: PlanBasis
}

export type ParsedPlan =
  { readonly plan: SavedPlan } | { readonly fault: 'syntax' | 'version'; readonly message: string }

/** Reads a file that `forge plan --out` wrote: its version is that of its format (`format/`). */
export function parseSavedPlan(text: string): ParsedPlan {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { fault: 'syntax', message: 'is no JSON' }
  }
  if (!isMap(value) || value['kind'] !== 'Plan') return { fault: 'syntax', message: 'is not a plan that forge saved' }
  const { version, needs } = value
  if (typeof version === 'number' && version > PLAN_VERSION)
    return {
      fault: 'version',
      message: newerText({ format: version, needs: typeof needs === 'string' ? needs : null }),
    }
  // `forge plan -o json` prints the same without it.
  if (version !== PLAN_VERSION || !isMap(value['basis']))
    return { fault: 'syntax', message: 'is not a plan that forge saved' }
  const read = v1.read(value)
  if ('plan' in read) return read
  return 'unknown' in read
    ? {
        fault: 'version',
        message: `cannot be read by this forge: it holds ${read.unknown}, which only a newer one knows`,
      }
    : { fault: 'syntax', message: `is not a plan that forge saved: ${read.fault} is not as it was` }
}

/** Whether a text begins as one of forge's plans, saved or printed. */
export function isPlan(head: string): boolean {
  return /^\{\s*"apiVersion":\s*"forge\/v\d+",\s*"kind":\s*"Plan"/u.test(head)
}

/** The text of the file. */
export function savedText(plan: PlanDocument, basis: PlanBasis): string {
  return `${JSON.stringify({ ...plan, basis: v1.written(basis) }, null, 1)}\n`
}
