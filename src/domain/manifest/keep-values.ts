import { keyOf, type KubeObject } from '../kube.ts'
import { withValues, type KeptValue } from '../plan/preserved.ts'
import { parseManifest } from './parse.ts'

/** Values that a manifest gets in place of its own, by the object's key. */
export interface KeptValues {
  readonly namespace: string
  readonly objects: Readonly<Record<string, readonly KeptValue[]>>
}

/**
 * A manifest with these values in it; every other document stays as it is, letter by letter. What is not namespaced is
 * found too: its key has no namespace.
 */
export function keepValues(manifest: string, { namespace, objects }: KeptValues): string {
  return manifest
    .split(/^---\s*$/mu)
    .map((document) => keepIn(document, namespace, objects))
    .join('---')
}

function keepIn(document: string, namespace: string, objects: KeptValues['objects']): string {
  if (document.trim() === '') return document
  const [rendered] = parseManifest(document, '', () => true)
  if (rendered === undefined) return document
  const { object, template } = rendered
  const { namespace: own, ...metadata } = object.metadata
  // helm puts the release's namespace where the chart states none.
  const stated: KubeObject = own === '' ? { ...object, metadata } : object
  const placed: KubeObject = own === '' ? { ...object, metadata: { ...metadata, namespace } } : object
  const values = objects[keyOf(placed)] ?? objects[keyOf({ ...object, metadata })]
  if (values === undefined) return document
  return `\n${template === '' ? '' : `# Source: ${template}\n`}${JSON.stringify(withValues(stated, values), null, 2)}\n`
}
