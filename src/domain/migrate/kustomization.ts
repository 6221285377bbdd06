import { readDocument } from '../config/document.ts'
import { isMap, type Path } from '../config/path.ts'
import type { SourcePlace } from './source.ts'

/** The names that kustomize looks for, in its order. */
export const KUSTOMIZATION_FILES = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'] as const

/** A place in a kustomization that names a file or folder. */
export interface KustomizationPart {
  readonly name: string
  readonly at: SourcePlace
}

/** Under these a text is a file, a folder, or an address; under all others it may say what it likes. */
const NAMES_FILES = new Set([
  'bases',
  'components',
  'configMapGenerator',
  'configurations',
  'crds',
  'generators',
  'openapi',
  'patches',
  'patchesJson6902',
  'patchesStrategicMerge',
  'replacements',
  'resources',
  'secretGenerator',
  'transformers',
  'validators',
])
const NAMES_NONE = new Set(['literals', 'patch', 'target', 'options', 'source', 'targets', 'name', 'namespace'])

/** All files and folders that a kustomization names. What is not YAML has none: kustomize says so itself. */
export function partsOf(text: string, file: string): KustomizationPart[] {
  const { value, places } = readDocument(text, file, 'helm')
  if (!isMap(value)) return []
  const found = Object.entries(value).flatMap(([key, inner]) => (NAMES_FILES.has(key) ? textsIn(inner, [key]) : []))
  return found.map(({ text: name, path }) => ({
    name: name.replace(/^[\w.-]+=/u, ''),
    at: { file, line: places.of(path).line },
  }))
}

interface FoundText {
  readonly text: string
  readonly path: Path
}

/** A text of several lines is a patch or a transformer itself. */
function textsIn(value: unknown, path: Path): FoundText[] {
  if (typeof value === 'string') return value.includes('\n') ? [] : [{ text: value, path }]
  if (Array.isArray(value)) return value.flatMap((one: unknown, at) => textsIn(one, [...path, at]))
  if (!isMap(value)) return []
  return Object.entries(value).flatMap(([key, inner]) => (NAMES_NONE.has(key) ? [] : textsIn(inner, [...path, key])))
}

/** Would kustomize fetch it, if there is no such file here? A URL, what git takes, or `host.name/path`. */
export function isAddress(name: string): boolean {
  return /^(?:[a-z][a-z\d+.-]*:\/\/|git::|[\w.-]+@[\w.-]+:)|[?&](?:ref|version)=|^[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}\/[^/]/iu.test(
    name,
  )
}
