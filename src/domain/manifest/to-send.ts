import { keyOf, type KubeObject } from '../kube.ts'
import { isBundledDefinition, type Rendered } from './parse.ts'

/** helm 4 tells a post-renderer by this annotation which template an object is of, and takes it off again. */
const FILENAME = 'postrenderer.helm.sh/postrender-filename'

/**
 * A manifest in the form that helm takes from a post-renderer: `objects` (by key) in place of what was rendered. helm 4
 * wants hooks too; helm 3 never sends them through a post-renderer, so there they must not be in it. JSON is YAML, and no
 * reader of YAML 1.1 takes a text in it for a number or a boolean.
 */
export function manifestToSend(
  rendered: readonly Rendered[],
  objects: ReadonlyMap<string, KubeObject>,
  helm: { readonly major: number; readonly namespace: string },
): string {
  const own = rendered.filter((one) => !isBundledDefinition(one))
  const sent = helm.major >= 4 ? own : own.filter(({ hook }) => hook === undefined)
  return sent
    .map(({ object, template }) => {
      const one = withoutNamespace(objects.get(keyOf(object)) ?? object, helm.namespace)
      const text = JSON.stringify(helm.major >= 4 ? annotated(one, template) : one, null, 2)
      return `---\n# Source: ${template}\n${text}\n`
    })
    .join('')
}

/** helm puts it there itself when it writes; a manifest reads as the chart's own then. */
function withoutNamespace({ metadata, ...fields }: KubeObject, namespace: string): KubeObject {
  const { namespace: own, ...rest } = metadata
  return { ...fields, metadata: own === namespace ? rest : metadata }
}

function annotated(object: KubeObject, template: string): KubeObject {
  const { metadata } = object
  return { ...object, metadata: { ...metadata, annotations: { ...metadata.annotations, [FILENAME]: template } } }
}
