import { isMap } from '../config/path.ts'
import { keyOf, type KubeObject } from '../kube.ts'
import { withValues, type KeptValue } from '../plan/preserved.ts'
import { itemsOf } from './list.ts'
import { isObject, templateOf, type Unread } from './parse.ts'
import { loadHelmYaml, mapDocuments } from './yaml.ts'
import { whyUnreadable } from './unreadable.ts'

/** Values that a manifest gets in place of its own, by the object's key. */
export interface KeptValues {
  readonly namespace: string
  readonly objects: Readonly<Record<string, readonly KeptValue[]>>
  /** Keys of objects that are left out altogether. */
  readonly without?: readonly string[]
}

/**
 * A manifest with these values in it; every other document stays as it is, letter by letter. What is not namespaced is
 * found too: its key has no namespace. `unread`: a document that cannot be read stays as it is, once that was told.
 */
export function keepValues(manifest: string, kept: KeptValues, unread?: (one: Unread) => void): string {
  return changeObjects(manifest, (object) => keepIn(object, kept), unread)
}

/** With these objects as well, after all others. `template`: what they come from, as helm notes it. */
export function withObjects(
  manifest: string,
  objects: readonly KubeObject[],
  template: (object: KubeObject) => string,
): string {
  return [manifest, ...objects.map((object) => `---\n# Source: ${template(object)}\n${JSON.stringify(object)}\n`)]
    .filter((part) => part !== '')
    .map((part) => (part.endsWith('\n') ? part : `${part}\n`))
    .join('')
}

/**
 * A manifest with some of its objects changed (`change` gives another one) or left out (null). Documents without such an
 * object stay as they are; a list stays a list.
 */
export function changeObjects(
  manifest: string,
  change: (object: KubeObject) => KubeObject | null,
  unread?: (one: Unread) => void,
): string {
  return mapDocuments(manifest, (document) => {
    const { value, items, reason } = partsOf(document)
    if (reason !== undefined) unread?.({ template: templateOf(document), reason })
    const before = items ?? [value]
    const after = before.map((one) => (isObject(one) ? change(one) : one))
    if (after.every((one, at) => one === before[at])) return document
    const left = after.filter((one) => one !== null)
    if (left.length === 0) return '\n'
    const changed = items !== undefined && isMap(value) ? { ...value, items: left } : left[0]
    const template = templateOf(document)
    return `\n${template === '' ? '' : `# Source: ${template}\n`}${JSON.stringify(changed, null, 2)}\n`
  })
}

interface Parts {
  readonly value?: unknown
  /** Where it is a list. */
  readonly items?: readonly unknown[] | undefined
  readonly reason?: string
}

function partsOf(document: string): Parts {
  const read = loadHelmYaml(document)
  if (read.reason !== undefined) return read
  try {
    return { ...read, items: itemsOf(read.value) }
  } catch (error) {
    return { reason: whyUnreadable(error) }
  }
}

function keepIn(object: KubeObject, { namespace, objects, without = [] }: KeptValues): KubeObject | null {
  const { namespace: own, ...metadata } = object.metadata
  const placed: KubeObject = own === undefined ? { ...object, metadata: { ...metadata, namespace } } : object
  const keys = [keyOf(placed), keyOf({ ...object, metadata })]
  if (keys.some((key) => without.includes(key))) return null
  const values = keys.map((key) => objects[key]).find((found) => found !== undefined)
  return values === undefined ? object : withValues(object, values)
}
