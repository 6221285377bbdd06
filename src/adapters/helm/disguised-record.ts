import { isMap } from '../../domain/config/path.ts'
import type { KubeObject } from '../../domain/kube.ts'
import { RECORD_TYPE, type Disguise } from '../../domain/rehearsal/disguise.ts'
import { fittedManifest } from '../../domain/rehearsal/fittings.ts'
import type { JsonMap } from '../../domain/values/model.ts'
import { bareMetadata } from './bare-chart.ts'
import { packRecord, readRecord, type RecordContent } from './record-content.ts'

export interface DisguisedScene {
  readonly objects: readonly KubeObject[]
  /** Sentences: which records of helm are not among them, and why. */
  readonly left: readonly string[]
}

/** Copies without a secret of theirs: all are looked at before the first is copied, for one may tell what is secret in another. */
export function disguisedScene(objects: readonly KubeObject[], disguise: Disguise): DisguisedScene {
  for (const object of objects) {
    if (isHelmRecord(object)) learnRecord(object, disguise)
    else disguise.learn(object)
  }
  const copies = objects.map((object): Copy => {
    return isHelmRecord(object) ? disguisedRecord(object, disguise) : { object: disguise.object(object) }
  })
  return {
    objects: copies.flatMap((copy) => ('object' in copy ? [copy.object] : [])),
    left: copies.flatMap((copy) => ('fault' in copy ? [copy.fault] : [])),
  }
}

export function isHelmRecord(object: KubeObject): boolean {
  return object.kind === 'Secret' && object['type'] === RECORD_TYPE
}

/** A copy of an object, or in a sentence why there is none. */
type Copy = { readonly object: KubeObject } | { readonly fault: string }

function learnRecord(secret: KubeObject, disguise: Disguise): void {
  const { fault, manifest, hooks, config } = readRecord(packedIn(secret))
  if (fault !== undefined) return
  disguise.learnValues(mapOf(config))
  for (const text of [manifest, ...(hooks ?? []).map((hook) => hook.manifest)]) disguise.learnManifest(text ?? '')
}

/**
 * The Secret of helm's record with made-up values wherever its manifests, hooks and values have secrets; helm reads it like any
 * other. Its notes and the chart that it keeps (templates, default values, files) may hold secrets that nobody knows: they go.
 */
export function disguisedRecord(secret: KubeObject, disguise: Disguise): Copy {
  const content = readRecord(packedIn(secret))
  const { labels = {}, name } = secret.metadata
  if (content.fault !== undefined) {
    const revision = `revision ${labels['version'] ?? '?'} of release ${labels['name'] ?? name}`
    return { fault: `${revision} is not copied, helm's record cannot be read: ${content.fault}` }
  }
  learnRecord(secret, disguise)
  const release = packRecord(disguised(content, disguise))
  const { data: _, stringData: __, ...rest } = secret
  return { object: { ...disguise.known(rest), data: { release } } }
}

function disguised(content: RecordContent, disguise: Disguise): RecordContent {
  const { info, chart, config, manifest, hooks } = content
  return {
    ...content,
    ...(info === undefined ? {} : { info: withoutNotes(disguise.known(info)) }),
    ...(chart === undefined ? {} : { chart: named(chart) }),
    ...(isMap(config) ? { config: disguise.given(mapOf(config)) } : {}),
    ...(typeof manifest === 'string' ? { manifest: asThere(manifest, disguise) } : {}),
    ...(isList(hooks) ? { hooks: hooks.map((hook) => withManifest(hook, disguise)) } : {}),
  }
}

/** Go writes null for a list that was never made. */
function isList<T>(list: readonly T[] | undefined): list is readonly T[] {
  return Array.isArray(list)
}

type Hook = NonNullable<RecordContent['hooks']>[number]

function withManifest(hook: Hook, disguise: Disguise): Hook {
  return hook.manifest === undefined ? hook : { ...hook, manifest: asThere(hook.manifest, disguise) }
}

/** As the copies of its objects are. */
function asThere(manifest: string, disguise: Disguise): string {
  return fittedManifest(disguise.manifest(manifest))
}

function withoutNotes(info: NonNullable<RecordContent['info']>): NonNullable<RecordContent['info']> {
  const { notes: _, ...rest } = info as typeof info & { readonly notes?: unknown }
  return rest
}

/** Of a chart helm goes by its name alone when a revision is followed by another, or comes back. */
function named(chart: object): object {
  const { metadata } = chart as Readonly<Record<string, unknown>>
  return { metadata: isMap(metadata) ? bareMetadata(metadata) : metadata }
}

function packedIn(secret: KubeObject): string {
  const { data } = secret as { readonly data?: Readonly<Record<string, string>> }
  return data?.['release'] ?? ''
}

function mapOf(config: unknown): JsonMap {
  return (isMap(config) ? config : {}) as JsonMap
}
