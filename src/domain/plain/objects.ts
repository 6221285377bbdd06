import { isMap, type PlainMap } from '../config/path.ts'
import { keyOf, nameOf, type KubeObject } from '../kube.ts'
import { itemsOf } from '../manifest/list.ts'
import { isObject } from '../manifest/parse.ts'
import { whyUnreadable } from '../manifest/unreadable.ts'
import { loadHelmYaml } from '../manifest/yaml.ts'
import { documentsOf, type ManifestFile, type SourcePlace, type UnreadSource } from '../migrate/source.ts'

/** One object of a release without a chart, as it is written. */
export interface PlainObject {
  readonly object: KubeObject
  readonly at: SourcePlace
}

/**
 * The objects of manifests, lists taken apart, field by field as they are written; and what is no object, with the reason. What
 * readManifests gives is for comparing: a field of null is not in it.
 */
export function plainObjects(files: readonly ManifestFile[]): {
  readonly objects: readonly PlainObject[]
  readonly unread: readonly UnreadSource[]
} {
  const objects: PlainObject[] = []
  const unread: UnreadSource[] = []
  for (const { file, text } of files)
    for (const { document, line } of documentsOf(text)) {
      const at = { file, line }
      const found = read(document)
      if (typeof found === 'string') unread.push({ at, reason: found })
      else objects.push(...found.map((object) => ({ object, at })))
    }
  return { objects, unread }
}

/** Else the reason why it is none. */
function read(document: string): readonly KubeObject[] | string {
  const { value = null, reason } = loadHelmYaml(document)
  if (reason !== undefined) return reason
  if (value === null) return []
  try {
    const found = itemsOf(value) ?? [value]
    for (const one of found) {
      const fault = faultOf(one)
      if (fault !== undefined) return fault
    }
    return found as readonly KubeObject[]
  } catch (error) {
    return whyUnreadable(error)
  }
}

function faultOf(value: unknown): string | undefined {
  if (!isMap(value)) return 'it is no map'
  if (!isObject(value)) return `it has no ${lacking(value).join(', no ')}`
  if (value.metadata.name === '') return 'it has no metadata.name'
  const lossy = isDefinition(value) ? undefined : lossyNumber(value, '')
  return lossy === undefined ? undefined : `${lossy} is a whole number of more than 53 bits, which cannot be kept`
}

function lacking({ apiVersion, kind, metadata }: PlainMap): string[] {
  const name = isMap(metadata) ? metadata['name'] : undefined
  const needed: readonly (readonly [string, unknown])[] = [
    ['apiVersion', apiVersion],
    ['kind', kind],
    ['metadata.name', name],
  ]
  return needed.flatMap(([field, value]) => (typeof value === 'string' ? [] : [field]))
}

/** A number that reading has changed; those of a definition are limits, which are floats for the API server as well. */
function lossyNumber(value: unknown, path: string): string | undefined {
  if (typeof value === 'number') return Number.isInteger(value) && !Number.isSafeInteger(value) ? path : undefined
  const inner = Array.isArray(value)
    ? (value as unknown[]).map((one, at): [string, unknown] => [`${path}[${at}]`, one])
    : isMap(value)
      ? Object.entries(value).map(([key, one]): [string, unknown] => [path === '' ? key : `${path}.${key}`, one])
      : []
  for (const [at, one] of inner) {
    const found = lossyNumber(one, at)
    if (found !== undefined) return found
  }
  return undefined
}

export function isDefinition({ apiVersion, kind }: Pick<KubeObject, 'apiVersion' | 'kind'>): boolean {
  return kind === 'CustomResourceDefinition' && apiVersion.startsWith('apiextensions.k8s.io/')
}

/** Every object that stands a second time, after the first; one without a namespace is in that of the release. */
export function repeated(
  objects: readonly PlainObject[],
  namespace: string,
): readonly (readonly [PlainObject, PlainObject])[] {
  const known = new Map<string, PlainObject>()
  return objects.flatMap((one) => {
    const { metadata } = one.object
    const key = keyOf({ ...one.object, metadata: { ...metadata, namespace: metadata.namespace ?? namespace } })
    const before = known.get(key)
    if (before === undefined) known.set(key, one)
    return before === undefined ? [] : [[before, one] as const]
  })
}

/** The namespace that the release itself is in: it is there before the release, and helm takes over no namespace that is. */
export function isOwnNamespace({ object }: PlainObject, namespace: string): boolean {
  return object.apiVersion === 'v1' && object.kind === 'Namespace' && object.metadata.name === namespace
}

export const plainName = ({ object }: PlainObject): string => nameOf(object)
