import { ForgeError } from '../../errors.ts'
import { forge } from '../../hint.ts'
import { isMap } from '../config/path.ts'
import type { KindRef, KubeObject } from '../kube.ts'
import { itemsOf } from './list.ts'
import { withoutNullFields } from './null-fields.ts'
import { loadHelmYaml, splitDocuments } from './yaml.ts'
import { Unreadable, whyUnreadable } from './unreadable.ts'

export interface Hook {
  /** `post-install`, `pre-upgrade`, `test`, … */
  readonly events: readonly string[]
  readonly deletePolicy: readonly string[]
  readonly weight: number
}

/** One object of a rendered chart. */
export interface Rendered {
  readonly object: KubeObject
  /** The template it came from, as helm prints it: `api-forge/templates/app/deployment.yaml`. */
  readonly template: string
  readonly hook?: Hook
}

/** One document that is no Kubernetes object, and why. */
export interface Unread {
  readonly template: string
  readonly reason: string
}

type IsNamespaced = (kind: KindRef) => boolean

/** From the chart's folder crds/, or that of a chart within: helm makes it in a first install if it is not there, and never touches it again. */
export function isBundledDefinition({ template }: Pick<Rendered, 'template'>): boolean {
  return /^[^/]+\/(?:charts\/[^/]+\/)*crds\//u.test(template)
}

/**
 * The objects of a manifest as helm prints it. Namespaced objects without a namespace get the release's, as helm does
 * when it applies them. Throws E_CHART_RENDER when a template renders something that is not an object.
 */
export function parseManifest(text: string, namespace: string, isNamespaced: IsNamespaced): Rendered[] {
  const { rendered, unread } = readManifest(text, namespace, isNamespaced)
  const [first] = unread
  if (first === undefined) return rendered
  const template = first.template || 'a template'
  throw new ForgeError('E_CHART_RENDER', `${template} renders no Kubernetes object: ${first.reason}`, {
    hint: forge('render'),
    where: first.template || 'chart',
  })
}

/** The same, with what cannot be read beside the rest: a record that was written long ago cannot be mended by its chart. */
export function readManifest(
  text: string,
  namespace: string,
  isNamespaced: IsNamespaced,
): { readonly rendered: Rendered[]; readonly unread: Unread[] } {
  const rendered: Rendered[] = []
  const unread: Unread[] = []
  let template = ''
  for (const document of splitDocuments(text)) {
    template = sourceOf(document, template)
    const { objects, hook: stated, reason } = readDocument(document)
    const hook = isBundledDefinition({ template }) ? undefined : stated
    if (reason !== undefined) unread.push({ template, reason })
    for (const object of objects) {
      const placed = place(object, namespace, isNamespaced)
      rendered.push(hook === undefined ? { object: placed, template } : { object: placed, template, hook })
    }
  }
  return { rendered, unread }
}

/**
 * A file of crds/ is printed as it is, under one such line: that is all that its further documents have. One of its own is a
 * comment.
 */
export function sourceOf(document: string, before: string): string {
  const own = templateOf(document)
  const [chart = ''] = before.split('/')
  return isBundledDefinition({ template: before }) && !own.startsWith(`${chart}/`) ? before : own
}

/** What helm prints above each document. */
export function templateOf(document: string): string {
  return /^# Source: (.+)$/mu.exec(document)?.[1] ?? ''
}

interface Read {
  readonly objects: readonly KubeObject[]
  /** helm goes by the head of the document: items of a list are no hooks of their own. */
  readonly hook?: Hook | undefined
  readonly reason?: string | undefined
}

/** What is read is never changed, so those who read the same share it. */
const KNOWN = new Map<string, Read>()

/** A render, helm's record of it and the ones before have most documents in common; each is read once. */
function readDocument(document: string): Read {
  const known = KNOWN.get(document)
  if (known !== undefined) return known
  const read = readAnew(document)
  KNOWN.set(document, read)
  return read
}

function readAnew(document: string): Read {
  const { value = null, reason } = loadHelmYaml(document)
  if (reason !== undefined || value === null) return { objects: [], reason }
  const hook = hookOf(value)
  // helm prints a line break behind each document; of a hook it is none that it applies.
  const own = hook !== undefined && document.endsWith('\n\n') ? loadHelmYaml(document.slice(0, -1)).value : value
  try {
    return { objects: objectsOf(own), hook }
  } catch (error) {
    return { objects: [], reason: whyUnreadable(error) }
  }
}

function objectsOf(value: unknown): KubeObject[] {
  const found = itemsOf(value) ?? [value]
  return found.map((one) => {
    if (!isObject(one)) throw new Unreadable('it has no apiVersion, kind or metadata.name')
    return one
  })
}

export function isObject(value: unknown): value is KubeObject {
  const { apiVersion, kind, metadata } = (value ?? {}) as Partial<KubeObject>
  return typeof apiVersion === 'string' && typeof kind === 'string' && typeof metadata?.name === 'string'
}

/** By what was read, and where it is put: an object that two manifests state alike is one. */
const PLACED = new WeakMap<KubeObject, Map<string | undefined, KubeObject>>()

function place(object: KubeObject, namespace: string, isNamespaced: IsNamespaced): KubeObject {
  const home = isNamespaced(object) ? namespace : undefined
  const places = PLACED.get(object) ?? new Map<string | undefined, KubeObject>()
  const placed = places.get(home) ?? placeAnew(object, home)
  PLACED.set(object, places.set(home, placed))
  return placed
}

function placeAnew(object: KubeObject, home: string | undefined): KubeObject {
  const { namespace: own, labels, annotations, ...rest } = withoutNulls(object.metadata)
  const metadata = { ...rest, ...named({ labels }), ...named({ annotations }) }
  const placed = home === undefined ? metadata : { ...metadata, namespace: own ?? home }
  return { ...withoutNullFields(object), metadata: placed }
}

/** An empty map says nothing, and helm 4 leaves it out where it has taken its own annotation off again. */
function named(maps: Readonly<Record<string, Readonly<Record<string, string>> | undefined>>): object {
  const stated = Object.entries(maps).map(([field, map]) => [field, withoutNulls(map ?? {})] as const)
  return Object.fromEntries(stated.filter(([, map]) => Object.keys(map).length > 0))
}

/** A field of null is one that is not there. */
function withoutNulls<T extends object>(fields: T): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null)) as T
}

/** helm takes lower case for what it is, and a weight that is no number for 0 (manifest_sorter.go). */
function hookOf(value: unknown): Hook | undefined {
  const metadata = isMap(value) ? value['metadata'] : undefined
  const annotations = isMap(metadata) ? metadata['annotations'] : undefined
  if (!isMap(annotations)) return undefined
  const read = (name: string): string | undefined => textOf(annotations[`helm.sh/${name}`])
  const events = read('hook')
  if (events === undefined) return undefined
  const weight = read('hook-weight') ?? ''
  return {
    events: listOf(events),
    deletePolicy: listOf(read('hook-delete-policy') ?? 'before-hook-creation'),
    weight: /^[-+]?\d+$/u.test(weight) ? Number(weight) : 0,
  }
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  return typeof value === 'string' ? value : undefined
}

function listOf(text: string): string[] {
  return text.split(',').map((part) => part.trim().toLowerCase())
}
