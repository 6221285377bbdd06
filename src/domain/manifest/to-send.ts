import { keyOf, type KindRef, type KubeObject } from '../kube.ts'
import { isEqual } from '../canonical.ts'
import { isBundledDefinition, readManifest, sourceOf, type Rendered } from './parse.ts'
import { writeYaml } from './write-yaml.ts'
import { splitDocuments } from './yaml.ts'

/** helm 4 tells a post-renderer by this annotation which template an object is of, and takes it off again. */
const FILENAME = 'postrenderer.helm.sh/postrender-filename'

/** What helm shall write of a release. */
export interface ToSend {
  readonly rendered: readonly Rendered[]
  /** The text that it was read in. */
  readonly manifest: string
  /** Objects by key that are written in place of what was rendered. */
  readonly objects: ReadonlyMap<string, KubeObject>
  readonly namespace: string
  readonly isNamespaced: (kind: KindRef) => boolean
}

/**
 * A manifest in the form that helm takes from a post-renderer. helm 4 wants hooks too, and writes all of it anew; helm 3
 * never sends hooks through one, so that they must not be in it, and takes the rest letter by letter: what is not changed
 * stays as the chart renders it.
 */
export function manifestToSend(send: ToSend, major: number): string {
  const { rendered, objects } = send
  const finals = rendered.map((one) => ({ ...one, object: objects.get(keyOf(one.object)) ?? one.object }))
  if (major < 4) {
    const final = new Map(finals.map(({ object }) => [keyOf(object), object]))
    let source = ''
    const sent = splitDocuments(send.manifest).map((document) => {
      source = sourceOf(document, source)
      // helm makes those of crds/ by itself.
      return isBundledDefinition({ template: source }) ? '' : changedDocument(document, final, send)
    })
    return sent.join('')
  }
  return finals
    .filter((one) => !isBundledDefinition(one))
    .map(({ object, template }) => written(annotated(object, template), template, send))
    .join('')
}

/** Those that helm renders itself, behind `manifestToSend`: with helm 3 all of them. */
export function hooksBeside({ rendered, namespace }: Pick<ToSend, 'rendered' | 'namespace'>, major: number): string {
  const hooks = major < 4 ? rendered.filter(({ hook }) => hook !== undefined) : []
  return hooks.map(({ object, template }) => written(object, template, { namespace })).join('')
}

function changedDocument(document: string, final: ReadonlyMap<string, KubeObject>, send: ToSend): string {
  const { rendered } = readManifest(document, send.namespace, send.isNamespaced)
  if (rendered.some((one) => one.hook !== undefined)) return ''
  const stays = rendered.every(({ object }) => isEqual(object, final.get(keyOf(object))))
  if (stays) return `---${document}`
  return rendered.map(({ object, template }) => written(final.get(keyOf(object)) ?? object, template, send)).join('')
}

function written(object: KubeObject, template: string, { namespace }: Pick<ToSend, 'namespace'>): string {
  return `---\n# Source: ${template}\n${writeYaml(withoutNamespace(object, namespace))}`
}

/** helm puts it there itself when it writes; a manifest reads as the chart's own then. */
function withoutNamespace({ metadata, ...fields }: KubeObject, namespace: string): KubeObject {
  const { namespace: own, ...rest } = metadata
  const { apiVersion, kind, ...others } = fields
  return { apiVersion, kind, metadata: own === namespace ? rest : metadata, ...others }
}

function annotated(object: KubeObject, template: string): KubeObject {
  const { metadata } = object
  return { ...object, metadata: { ...metadata, annotations: { ...metadata.annotations, [FILENAME]: template } } }
}
