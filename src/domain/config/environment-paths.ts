import { isSourceMap } from '../sources/sources.ts'
import { isMap, matches, setOwn, type Path, type PlainMap } from './path.ts'
import type { Sections } from './schema.ts'
import { FILE_PLACES, SOURCE_PLACES } from './source-places.ts'

/** Where a text is the path of a file or folder, beside those of sources. */
const PATHS: readonly Path[] = [
  ...FILE_PLACES,
  ['releases', '*', 'chart'],
  ['releases', '*', 'values', '*'],
  ['releases', '*', 'manifests'],
  ['releases', '*', 'manifests', '*'],
  ['releases', '*', 'kustomization'],
  ['releases', '*', 'configMaps', '*', 'dotenv'],
  ['releases', '*', 'configMaps', '*', 'files', '*', 'transform', 'module'],
  ['releases', '*', 'configMaps', '*', 'files', '*', 'transform', '*', 'module'],
  ['secrets', '*', 'generate', 'ca'],
  ['vault', 'ca'],
  ...['context', 'dockerfile', 'compose'].map((key) => ['images', '*', 'build', key]),
]

/** What of a source is a path. */
const OF_SOURCES = ['file', 'yaml', 'dotenv', 'sops']

const IN_MAPS: readonly Path[] = [
  ...SOURCE_PLACES,
  ['releases', '*', 'values', '*'],
  ['notify', '*', 'webhook'],
  ['vault', 'auth', 'jwt'],
]

/** `{env}` in a path is the name of the environment; anywhere else it is what is written. */
export function withEnvironmentInPaths(sections: Sections, environment: string): Sections {
  const fill = (text: string): string => text.replaceAll('{env}', environment)
  const visit = (value: unknown, path: Path): unknown => {
    if (typeof value === 'string') return PATHS.some((pattern) => matches(path, pattern)) ? fill(value) : value
    if (Array.isArray(value)) return value.map((inner, index) => visit(inner, [...path, index]))
    if (!isMap(value)) return value
    const isSource = isSourceMap(value) && IN_MAPS.some((pattern) => matches(path, pattern))
    const result: PlainMap = {}
    for (const [key, inner] of Object.entries(value)) {
      const isPath = isSource && OF_SOURCES.includes(key) && typeof inner === 'string'
      setOwn(result, key, isPath ? fill(inner) : visit(inner, [...path, key]))
    }
    return result
  }
  return visit(sections, []) as Sections
}
