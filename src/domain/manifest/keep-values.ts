import { keyOf, type KubeObject } from '../kube.ts'
import { withValues, type KeptValue } from '../plan/preserved.ts'
import { parseManifest } from './parse.ts'

/** Values that a manifest gets in place of its own, by the object's key. */
export interface KeptValues {
  readonly namespace: string
  readonly objects: Readonly<Record<string, readonly KeptValue[]>>
  /** Keys of objects that are left out altogether. */
  readonly without?: readonly string[]
}

/**
 * A manifest with these values in it; every other document stays as it is, letter by letter. What is not namespaced is
 * found too: its key has no namespace.
 */
export function keepValues(manifest: string, kept: KeptValues): string {
  return manifest
    .split(/^---\s*$/mu)
    .map((document) => keepIn(document, kept))
    .join('---')
}

function keepIn(document: string, { namespace, objects, without = [] }: KeptValues): string {
  if (document.trim() === '') return document
  const [rendered] = parseManifest(document, '', () => true)
  if (rendered === undefined) return document
  const { object, template } = rendered
  const { namespace: own, ...metadata } = object.metadata
  // helm puts the release's namespace where the chart states none.
  const stated: KubeObject = own === '' ? { ...object, metadata } : object
  const placed: KubeObject = own === '' ? { ...object, metadata: { ...metadata, namespace } } : object
  const keys = [keyOf(placed), keyOf({ ...object, metadata })]
  if (keys.some((key) => without.includes(key))) return '\n'
  const values = keys.map((key) => objects[key]).find((found) => found !== undefined)
  if (values === undefined) return document
  return `\n${template === '' ? '' : `# Source: ${template}\n`}${JSON.stringify(withValues(stated, values), null, 2)}\n`
}
