import { isMap, type PlainMap } from '../config/path.ts'
import { loadHelmYaml } from '../manifest/yaml.ts'

/** The files of a chart that is a folder: Chart.yaml, values.yaml and templates of it and of the charts within, by their paths. */
export interface ChartFiles {
  readonly texts: ReadonlyMap<string, string>
  /** Paths of charts within that are packed, or links: what is in them is not known. */
  readonly packed: readonly string[]
}

/** A chart, or one within it. */
export interface ChartPart {
  /** Where its values stand among those of the whole chart; several where it is used under several names. */
  readonly places: readonly (readonly string[])[]
  readonly templates: readonly string[]
  /** values.yaml; read when it is asked for. */
  readonly defaults: () => PlainMap
}

export interface ChartParts {
  readonly parts: readonly ChartPart[]
  /** First parts of value paths that lead into charts which nobody can look into. */
  readonly closed: readonly string[]
}

const TEMPLATE = /^templates\/(?!.*NOTES\.txt$)/u

export function partsOf({ texts, packed }: ChartFiles): ChartParts {
  const parts = partsBelow('', [[]], texts)
  const names = aliasesOf(texts.get('Chart.yaml'))
  const closed = packed.flatMap((path) => {
    const name = /([^/]+?)(?:-\d[^/]*\.tgz)?$/u.exec(path)?.[1] ?? ''
    // A packed chart below another one is reached by the outer one's name.
    const outer = /^charts\/([^/]+)\//u.exec(path)?.[1] ?? name
    return names.get(outer) ?? [outer]
  })
  return { parts, closed: closed.length === 0 ? [] : [...closed, 'global'] }
}

function partsBelow(folder: string, places: ChartPart['places'], texts: ChartFiles['texts']): ChartPart[] {
  const own = [...texts].filter(([path]) => path.startsWith(folder) && TEMPLATE.test(path.slice(folder.length)))
  const part = {
    places,
    templates: own.map(([, text]) => text),
    defaults: () => mapOf(texts.get(`${folder}values.yaml`)),
  }
  const names = aliasesOf(texts.get(`${folder}Chart.yaml`))
  const inner = [...texts.keys()].flatMap((path) => {
    const match = path.startsWith(folder) ? /^charts\/([^/]+)\/Chart\.yaml$/u.exec(path.slice(folder.length)) : null
    return match?.[1] === undefined ? [] : [match[1]]
  })
  return [
    part,
    ...inner.flatMap((directory) => {
      const below = `${folder}charts/${directory}/`
      const chart = mapOf(texts.get(`${below}Chart.yaml`))
      const name = typeof chart['name'] === 'string' ? chart['name'] : directory
      // A library has no values of its own: its templates are run with those of whoever includes them.
      const theirs = chart['type'] === 'library' ? places : placesOf(places, names.get(name) ?? [name])
      return partsBelow(below, theirs, texts)
    }),
  ]
}

function placesOf(places: ChartPart['places'], names: readonly string[]): ChartPart['places'] {
  return places.flatMap((place) => names.map((name) => [...place, name]))
}

/** Name of a chart within → under which names its values stand. */
function aliasesOf(chart: string | undefined): Map<string, string[]> {
  const { dependencies } = mapOf(chart)
  const found = new Map<string, string[]>()
  for (const one of Array.isArray(dependencies) ? (dependencies as unknown[]) : []) {
    if (!isMap(one) || typeof one['name'] !== 'string') continue
    const alias = typeof one['alias'] === 'string' ? one['alias'] : one['name']
    found.set(one['name'], [...(found.get(one['name']) ?? []), alias])
  }
  return found
}

function mapOf(text: string | undefined): PlainMap {
  const { value } = loadHelmYaml(text ?? '')
  return isMap(value) ? value : {}
}
