import { isMap, matches, ownValue, pathKey, setOwn, type Path, type PlainMap } from './path.ts'
import { SOURCE_PLACES } from './source-places.ts'
import { SOURCE_DETAILS, SOURCE_KINDS } from '../sources/sources.ts'

export interface Overlaid {
  readonly value: PlainMap
  /** Path in the result → path in the file, for what the overlay brought. */
  readonly moved: ReadonlyMap<string, Path>
}

/**
 * An environment's sections over the project's: maps are merged, lists and everything else replaced, null removes.
 * Things that exclude each other (two kinds of source, `build` and `ref`) replace one another instead of piling up.
 */
export function overlay(base: PlainMap, over: PlainMap, overPath: Path): Overlaid {
  const moved = new Map<string, Path>()

  const merge = (below: unknown, above: unknown, path: Path): unknown => {
    if (isMap(below) && isMap(above)) return mergeMaps(below, above, path)
    if (isMap(above)) {
      moved.set(pathKey(path), [...overPath, ...path])
      return mergeMaps({}, above, path)
    }
    if (Array.isArray(below) && Array.isArray(above) && matches(path, VALUES)) {
      above.forEach((_, index) => moved.set(pathKey([...path, below.length + index]), [...overPath, ...path, index]))
      return [...(below as unknown[]), ...(above as unknown[])]
    }
    moved.set(pathKey(path), [...overPath, ...path])
    return above
  }

  const mergeMaps = (lower: PlainMap, above: PlainMap, path: Path): PlainMap => {
    const below = matches(path, TRANSFORM) ? {} : lower
    const result: PlainMap = {}
    const replaced = excluded(above, path)
    for (const [key, value] of Object.entries(below)) {
      if (!replaced.includes(key)) setOwn(result, key, value)
    }
    for (const [key, value] of Object.entries(above)) {
      const inner = [...path, key]
      if (value === null && !isValue(inner)) Reflect.deleteProperty(result, key)
      else setOwn(result, key, merge(ownValue(result, key), value, inner))
    }
    return result
  }

  return { value: mergeMaps(base, over, []), moved }
}

/** The one list that is added to: an environment's values files are a layer over the release's own (docs/design.md, Rules). */
const VALUES: Path = ['releases', '*', 'values']

/** A null in `releases.R.set` is the value null, which helm is told; it does not take the entry away. */
function isValue(path: Path): boolean {
  return matches(path, ['releases', '*', 'set', '*'])
}

/** One thing that is done: another one takes its place. */
const TRANSFORM: Path = ['releases', '*', 'configMaps', '*', 'files', '*', 'transform']

const ALTERNATIVES: readonly { readonly at: Path; readonly groups: readonly (readonly string[])[] }[] = [
  { at: ['images', '*'], groups: [['build'], ['ref']] },
  {
    at: ['images', '*', 'build'],
    groups: [
      ['context', 'dockerfile', 'target', 'args', 'secrets', 'platforms', 'ssh', 'cacheFrom', 'cacheTo'],
      ['compose', 'service'],
    ],
  },
  { at: ['releases', '*'], groups: [['chart', 'repository', 'version']] },
]

/** The keys of the lower map that must go because the upper one chose something else. */
function excluded(above: PlainMap, path: Path): readonly string[] {
  const has = (key: string): boolean => Object.hasOwn(above, key)
  if (SOURCE_PLACES.some((pattern) => matches(path, pattern))) {
    return SOURCE_KINDS.some(has) ? [...SOURCE_KINDS, ...SOURCE_DETAILS] : []
  }
  const found = ALTERNATIVES.find(({ at }) => matches(path, at))
  if (found === undefined) return []
  // A chart is one thing of three keys; giving `chart` anew forgets where the old one came from.
  if (found.at.length === 2 && found.at[0] === 'releases') return has('chart') ? ['repository', 'version'] : []
  const chosen = found.groups.find((group) => group.some(has))
  const others = chosen === undefined ? [] : found.groups.filter((group) => group !== chosen).flat()
  // Only what is built is pushed somewhere besides.
  return others.includes('build') ? [...others, 'also'] : others
}
