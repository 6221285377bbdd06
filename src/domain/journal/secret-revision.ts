import type { KubeObject, ObjectMeta } from '../kube.ts'
import { dataOf, REVISION } from '../secrets/plan.ts'
import { LABELS, labelValue, SECRET_KIND } from './labels.ts'
import type { NewerEntry } from './newer.ts'
import { parseJson } from '../json.ts'
import type { StateScope } from '../state-scope.ts'

export const REVISION_TYPE = 'forge.api-forge.io/secret-revision'

/** On a kept revision: the Secret's full name, type, and what else forge writes on it. */
const SECRET_NAME = 'forge.api-forge.io/secret-name'
const SECRET_TYPE = 'forge.api-forge.io/secret-type'
const SECRET_META = 'forge.api-forge.io/secret-metadata'
const MANAGED_KEYS = 'forge.api-forge.io/managed-keys'

/**
 * The format of what is kept, and the oldest forge that reads it; without a mark it is the first. What all formats have in common:
 * the labels and the name, so that a number is never given twice.
 */
const FORMAT = 'forge.api-forge.io/format'
const NEEDS = 'forge.api-forge.io/needs'
const NEWEST_FORMAT = 1

type Data = Readonly<Record<string, string>>

/** The content of a Secret under one number. Data is base64, as the API has it. */
export interface SecretContent {
  readonly secret: string
  readonly revision: number
  readonly type: string
  readonly data: Data
  /** The keys that are forge's to write; others on the live Secret are somebody else's. */
  readonly managed: readonly string[]
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
}

/** What forge is about to write. */
export function newContent(secret: string, revision: number, object: KubeObject): SecretContent {
  const data = dataOf(object)
  const { labels = {}, annotations = {} } = object.metadata
  return { secret, revision, type: typeOf(object), data, managed: Object.keys(data), labels, annotations }
}

/**
 * What is there now, before `next` replaces it. `next` names all that is forge's to write (planSecret), so of the present
 * keys, labels and annotations those are forge's that `next` has too.
 */
export function presentContent(secret: string, revision: number, live: KubeObject, next: KubeObject): SecretContent {
  const data = dataOf(live)
  const wanted = dataOf(next)
  return {
    secret,
    revision,
    type: typeOf(live),
    data,
    managed: Object.keys(data).filter((key) => Object.hasOwn(wanted, key)),
    labels: sharedWith(next.metadata.labels, live.metadata.labels),
    annotations: sharedWith(next.metadata.annotations, live.metadata.annotations),
  }
}

/** `variant` above 0: another content under the same number (somebody edited the Secret by hand). */
export function revisionObject({ project, namespace }: StateScope, content: SecretContent, variant = 0): KubeObject {
  const { secret, revision, type, data, managed, labels, annotations } = content
  return {
    ...SECRET_KIND,
    metadata: {
      name: revisionName(secret, revision, variant),
      namespace,
      labels: { [LABELS.project]: project, [LABELS.secret]: labelValue(secret), [LABELS.revision]: String(revision) },
      annotations: {
        [SECRET_NAME]: secret,
        [SECRET_TYPE]: type,
        [SECRET_META]: JSON.stringify({ labels, annotations }),
        [MANAGED_KEYS]: managed.join(','),
        [FORMAT]: String(NEWEST_FORMAT),
      },
    },
    type: REVISION_TYPE,
    immutable: true,
    data,
  }
}

export function revisionName(secret: string, revision: number, variant = 0): string {
  return `forge-${secret}-r${revision}${variant === 0 ? '' : `.${variant}`}`
}

/** All kept revisions of a project, or those of one number of one secret. */
export function revisionSelector({ project }: StateScope, one?: { secret: string; revision: number }): string {
  const all = `${LABELS.project}=${project},${LABELS.secret}`
  return one === undefined ? all : `${all}=${labelValue(one.secret)},${LABELS.revision}=${one.revision}`
}

/** Which revision an object keeps, by its metadata alone; undefined when it is none. */
export function keptRevision({
  metadata,
}: KubeObject): { secret: string; revision: number; variant: number } | undefined {
  const revision = metadata.labels?.[LABELS.revision] ?? ''
  const secret = metadata.annotations?.[SECRET_NAME] ?? metadata.labels?.[LABELS.secret]
  if (secret === undefined || !/^\d{1,15}$/u.test(revision)) return undefined
  const variant = new RegExp(`-r${revision}\\.(\\d{1,6})$`, 'u').exec(metadata.name)?.[1]
  return { secret, revision: Number(revision), variant: Number(variant ?? 0) }
}

/** Of a revision whose format this forge does not know: nothing may be concluded from what it holds. */
export function newerRevision({ metadata }: KubeObject): Pick<NewerEntry, 'format' | 'needs'> | undefined {
  const format = Number(metadata.annotations?.[FORMAT] ?? 1)
  return format >= 1 && format <= NEWEST_FORMAT ? undefined : { format, needs: metadata.annotations?.[NEEDS] ?? null }
}

export function contentOf(object: KubeObject): SecretContent | undefined {
  const kept = keptRevision(object)
  if (kept === undefined || newerRevision(object) !== undefined) return undefined
  const { annotations } = object.metadata
  const data = dataOf(object)
  const managed = annotations?.[MANAGED_KEYS]?.split(',').filter((key) => Object.hasOwn(data, key))
  const meta = metaOf(annotations?.[SECRET_META])
  return { ...kept, type: annotations?.[SECRET_TYPE] ?? 'Opaque', data, managed: managed ?? Object.keys(data), ...meta }
}

/** The Secret as it was, for server-side apply: forge's own keys only, so that it never takes over somebody else's. */
export function restoredSecret({ namespace }: StateScope, content: SecretContent): KubeObject {
  const { secret, type, data, managed, labels, annotations } = content
  return {
    ...SECRET_KIND,
    metadata: { name: secret, namespace, labels, annotations },
    type,
    data: Object.fromEntries(managed.map((key) => [key, data[key] ?? ''])),
  }
}

export function sameContent(a: SecretContent, b: SecretContent): boolean {
  const [left, right] = [Object.entries(a.data), Object.keys(b.data)]
  return a.type === b.type && left.length === right.length && left.every(([key, value]) => b.data[key] === value)
}

/** The number on the live Secret; undefined when forge never wrote it. */
export function liveRevision(live: KubeObject | undefined): number | undefined {
  const text = live?.metadata.annotations?.[REVISION]
  return text !== undefined && /^\d{1,15}$/u.test(text) ? Number(text) : undefined
}

function metaOf(text: string | undefined): Required<Pick<ObjectMeta, 'labels' | 'annotations'>> {
  const raw = parseMap(text)
  return { labels: stringsOf(raw?.['labels']), annotations: stringsOf(raw?.['annotations']) }
}

function parseMap(text: string | undefined): Readonly<Record<string, unknown>> | undefined {
  const value = parseJson(text ?? '')
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
}

function stringsOf(value: unknown): Record<string, string> {
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : []
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'))
}

function sharedWith(wanted: Data | undefined, have: Data | undefined): Record<string, string> {
  return Object.fromEntries(Object.entries(have ?? {}).filter(([name]) => Object.hasOwn(wanted ?? {}, name)))
}

function typeOf(object: KubeObject): string {
  const { type } = object as { type?: string }
  return type ?? 'Opaque'
}
