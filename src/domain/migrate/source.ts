import { parseJson } from '../json.ts'
import { groupOf, keyOf, type ApiResource, type KindRef, type KubeObject } from '../kube.ts'
import { readManifest } from '../manifest/parse.ts'
import { placedDocuments } from '../manifest/yaml.ts'

export interface ManifestFile {
  readonly file: string
  readonly text: string
}

export interface SourcePlace {
  readonly file: string
  readonly line?: number
}

/** One object of the old stack as it was applied, its namespace filled in. `at`: none of what only the cluster has. */
export interface SourceObject {
  readonly object: KubeObject
  readonly at?: SourcePlace
}

/** A document that kubectl could not apply, and why. */
export interface UnreadSource {
  readonly at: SourcePlace
  readonly reason: string
}

/** The objects of manifests as kubectl reads them: a file that begins with a brace is JSON, lists are taken apart. */
export function readManifests(
  files: readonly ManifestFile[],
  namespace: string,
  isNamespaced: (kind: KindRef) => boolean,
): { readonly objects: SourceObject[]; readonly unread: UnreadSource[] } {
  const read = files.flatMap(({ file, text }) =>
    documentsOf(text).map(({ document, line }) => {
      const { rendered, unread } = readManifest(document, namespace, isNamespaced)
      const at = { file, line }
      return {
        objects: rendered.map(({ object }) => ({ object, at })),
        unread: unread.map(({ reason }) => ({ at, reason })),
      }
    }),
  )
  return { objects: read.flatMap(({ objects }) => objects), unread: read.flatMap(({ unread }) => unread) }
}

interface PlacedDocument {
  readonly document: string
  readonly line: number
}

/** As kubectl reads them: a file that begins with a brace is JSON. */
export function documentsOf(text: string): PlacedDocument[] {
  return jsonObjects(text) ?? placedDocuments(text)
}

/** JSON objects one after the other, as kubectl takes them; a brace in a string is none. Undefined: there is anything else. */
function jsonObjects(text: string): PlacedDocument[] | undefined {
  const found: PlacedDocument[] = []
  let [depth, from, end] = [0, 0, 0]
  for (const { 0: token, index } of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}]/gsu)) {
    if (token === '{' && depth === 0) from = index
    depth += token === '{' ? 1 : token === '}' ? -1 : 0
    if (token !== '}' || depth !== 0) continue
    const value = parseJson(text.slice(from, index + 1))
    if (value === undefined || text.slice(end, from).trim() !== '') return undefined
    found.push({ document: JSON.stringify(value), line: text.slice(0, from).split('\n').length })
    end = index + 1
  }
  return text.slice(end).trim() === '' ? found : undefined
}

/** The first two that describe one object, whatever the version of its API. */
export function twice(objects: readonly SourceObject[]): readonly [SourceObject, SourceObject] | undefined {
  const known = new Map<string, SourceObject>()
  for (const one of objects) {
    const before = known.get(keyOf(one.object))
    if (before !== undefined) return [before, one]
    known.set(keyOf(one.object), one)
  }
  return undefined
}

export function showPlace({ file, line }: SourcePlace): string {
  return line === undefined ? file : `${file}:${line}`
}

/** What controllers and the API server make, and nobody applies. */
const MADE = new Set([
  '/Endpoints',
  '/Event',
  '/Pod',
  'apps/ControllerRevision',
  'apps/ReplicaSet',
  'coordination.k8s.io/Lease',
  'discovery.k8s.io/EndpointSlice',
  'events.k8s.io/Event',
])

/** Kinds that people apply, each in the version that the cluster prefers. */
export function appliedKinds(resources: readonly ApiResource[]): ApiResource[] {
  const kinds = new Map<string, ApiResource>()
  for (const one of resources) {
    const kind = `${groupOf(one.apiVersion)}/${one.kind}`
    const isApplied = ['list', 'create', 'patch'].every((verb) => one.verbs.includes(verb))
    if (one.namespaced && isApplied && !MADE.has(kind) && !kinds.has(kind)) kinds.set(kind, one)
  }
  return [...kinds.values()]
}

/** Not what a controller keeps, nor the records of helm and forge. */
export function isApplied(object: KubeObject): boolean {
  const { metadata } = object
  const isRecord = object.kind === 'Secret' && /^(?:helm\.sh|forge\.api-forge\.io)\//u.test(String(object['type']))
  return !isRecord && metadata.ownerReferences?.some(({ controller }) => controller === true) !== true
}
