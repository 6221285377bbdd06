import { keyOf } from '../kube.ts'
import { keepValues } from './keep-values.ts'
import type { Rendered } from './parse.ts'

/** A manifest without these objects, by key. */
export function withoutObjects(manifest: string, keys: Iterable<string>, namespace: string): string {
  return keepValues(manifest, { namespace, objects: {}, without: [...keys] })
}

/** A manifest with these objects in it, as they are stated here. */
export function withObjects(manifest: string, objects: readonly Rendered[], namespace: string): string {
  if (objects.length === 0) return manifest
  const others = withoutObjects(
    manifest,
    objects.map(({ object }) => keyOf(object)),
    namespace,
  )
  const added = objects.map(({ object, template }) => `---\n# Source: ${template}\n${JSON.stringify(object)}\n`)
  return `${others.trimEnd()}\n${added.join('')}`
}
