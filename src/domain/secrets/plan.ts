import { isMap, type PlainMap } from '../config/path.ts'
import type { KubeObject } from '../kube.ts'
import type { KeyChange, ResolvedSecret, SecretPlan } from './model.ts'
import { textOf } from '../values/text-of.ts'
import { parseJson } from '../json.ts'
import { bytesOfBase64 } from '../base64.ts'

/** Number of the revision that the Secret holds now. */
export const REVISION = 'forge.api-forge.io/revision'
/** JSON: key → revision in which it last changed. */
export const KEY_REVISIONS = 'forge.api-forge.io/key-revisions'
export const PROJECT_LABEL = 'forge.api-forge.io/project'

export interface SecretContext {
  readonly project: string
  readonly namespace: string
  /** The highest number that the secret ever had, from forge's own state: numbers are never reused. */
  readonly lastRevision?: number
}

type Desired = Pick<ResolvedSecret, 'spec' | 'keys'>

/**
 * What has to be written so that the live Secret holds what is wanted. Assumes that `obstacles` found none. Nothing is
 * ever taken away: server-side apply drops a field that its manager stops sending, so live keys that forge owns are sent
 * again even when forge.yaml no longer names them.
 */
export function planSecret(desired: Desired, live: KubeObject | undefined, context: SecretContext): SecretPlan {
  const before = live === undefined ? undefined : revisionOf(live)
  const liveData = live === undefined ? {} : dataOf(live)
  const wanted = wantedData(desired)
  const keys = changesOf(desired, wanted, liveData)
  const changedKeys = keys.filter(({ change }) => change === 'added' || change === 'changed').map(({ key }) => key)
  const isNew = live === undefined
  const writes = isNew ? wanted.size > 0 : changedKeys.length > 0
  const last = Math.max(before ?? 0, context.lastRevision ?? 0)
  const revision = writes ? last + 1 : (before ?? last)
  const known = live === undefined ? {} : keyRevisionsOf(live)
  const keyRevisions = Object.fromEntries(
    keys.map(({ key }) => [key, changedKeys.includes(key) ? revision : (known[key] ?? before ?? revision)]),
  )
  return {
    name: desired.spec.name,
    action: writes ? (isNew ? 'create' : 'change') : wanted.size === 0 ? 'keep' : 'unchanged',
    revision,
    revisionBefore: before,
    keyRevisions,
    changedKeys,
    keys,
    object: writes
      ? manifest(
          desired,
          { ...sentAgain(desired, live), ...Object.fromEntries(wanted) },
          revision,
          keyRevisions,
          context,
        )
      : undefined,
  }
}

/** A Secret that is left as it is: what the journal and the pods have to know of it. */
export function standingPlan(live: KubeObject): SecretPlan {
  const revision = revisionOf(live)
  const keyRevisions = keyRevisionsOf(live)
  const keys = Object.keys(keyRevisions).map((key): KeyChange => ({ key, change: 'same' }))
  const { name } = live.metadata
  return {
    name,
    action: 'unchanged',
    revision,
    revisionBefore: revision,
    keyRevisions,
    changedKeys: [],
    keys,
    object: undefined,
  }
}

/** A Secret that forge did not write yet counts as revision 1 of all its keys. */
export function revisionOf(live: KubeObject): number {
  const number = Number(live.metadata.annotations?.[REVISION])
  return Number.isInteger(number) && number > 0 ? number : 1
}

export function keyRevisionsOf(live: KubeObject): Readonly<Record<string, number>> {
  const revision = revisionOf(live)
  const noted = parseMap(live.metadata.annotations?.[KEY_REVISIONS])
  return Object.fromEntries(
    Object.keys(dataOf(live)).map((key) => {
      const number = noted[key]
      return [key, typeof number === 'number' && Number.isInteger(number) && number > 0 ? number : revision]
    }),
  )
}

/** Key → base64, as the API server has it. */
export function dataOf(live: KubeObject): Readonly<Record<string, string>> {
  const { data } = live
  if (!isMap(data)) return {}
  return Object.fromEntries(
    Object.entries(data).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )
}

/** What a manifest says as text, as the API server keeps it: a field of null is an empty text there. */
export function encodedTexts({ stringData }: KubeObject): Record<string, string> {
  if (!isMap(stringData)) return {}
  const encode = (text: unknown): string => toBase64(new TextEncoder().encode(text === null ? '' : textOf(text)))
  return Object.fromEntries(Object.entries(stringData).map(([key, text]) => [key, encode(text)]))
}

function wantedData({ keys }: Desired): Map<string, string> {
  const wanted = new Map<string, string>()
  for (const [key, content] of keys) {
    if ('bytes' in content) wanted.set(key, toBase64(content.bytes))
  }
  return wanted
}

function changesOf(
  desired: Desired,
  wanted: ReadonlyMap<string, string>,
  live: Readonly<Record<string, string>>,
): KeyChange[] {
  const named = [...desired.keys].flatMap(([key]): KeyChange[] => {
    const value = wanted.get(key)
    // An optional key that neither side has is none.
    if (value === undefined) return Object.hasOwn(live, key) ? [{ key, change: 'kept' }] : []
    if (!Object.hasOwn(live, key)) return [{ key, change: 'added' }]
    return [{ key, change: live[key] === value ? 'same' : 'changed' }]
  })
  const others = Object.keys(live).filter((key) => !desired.keys.has(key))
  return [...named, ...others.map((key): KeyChange => ({ key, change: 'unmanaged' }))]
}

/** Live keys that this apply must repeat, or the API server would remove them as given up by forge. */
function sentAgain(desired: Desired, live: KubeObject | undefined): Record<string, string> {
  if (live === undefined) return {}
  const owned = keysOwnedByForge(live)
  return Object.fromEntries(
    Object.entries(dataOf(live)).filter(([key]) => desired.keys.has(key) || owned === undefined || owned.has(key)),
  )
}

/** Undefined where the object came without managedFields: then every key may be forge's. */
export function keysOwnedByForge(live: KubeObject): ReadonlySet<string> | undefined {
  const { managedFields } = live.metadata
  if (managedFields === undefined) return undefined
  const own = managedFields.filter(({ manager, operation }) => manager === 'forge' && operation === 'Apply')
  const names = own.flatMap(({ fieldsV1 }) => {
    const data = isMap(fieldsV1) ? fieldsV1['f:data'] : undefined
    return isMap(data) ? Object.keys(data).filter((field) => field.startsWith('f:')) : []
  })
  return new Set(names.map((field) => field.slice(2)))
}

function manifest(
  { spec }: Desired,
  data: Readonly<Record<string, string>>,
  revision: number,
  keyRevisions: Readonly<Record<string, number>>,
  { project, namespace }: SecretContext,
): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: spec.name,
      namespace,
      labels: { [PROJECT_LABEL]: project },
      annotations: { [REVISION]: String(revision), [KEY_REVISIONS]: JSON.stringify(keyRevisions) },
    },
    type: spec.type,
    data,
  }
}

function parseMap(text: string | undefined): PlainMap {
  const value = parseJson(text ?? '{}')
  return isMap(value) ? value : {}
}

export function toBase64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))
}

export function fromBase64(text: string): Uint8Array {
  return bytesOfBase64(text) ?? new Uint8Array()
}
