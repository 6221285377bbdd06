import { readDocument } from '../config/document.ts'
import { isMap, ownValue, type Path } from '../config/path.ts'
import { loadHelmYaml } from '../manifest/yaml.ts'
import { showValuePath } from '../config/value-path.ts'
import { lookUp, mergeLayers, type TreeLayer } from './layers.ts'
import type { JsonMap, Origins, Provenance } from './model.ts'

/** A file of a chart or of one within it, by its name below the chart's folder. */
export interface ChartText {
  readonly name: string
  /** For people. */
  readonly shown: string
  readonly text: string
}

interface Part {
  /** Where its values stand among those of the whole chart. */
  readonly place: readonly string[]
  readonly folder: string
  readonly values: TreeLayer | undefined
  readonly dependencies: readonly Dependency[]
  readonly inner: readonly Part[]
  readonly entry: Dependency | undefined
}

interface Dependency {
  readonly name: string
  readonly alias: string | undefined
  readonly condition: string | undefined
  readonly tags: readonly string[]
  readonly imports: readonly { readonly child: Path; readonly parent: Path }[]
}

/**
 * What the chart and those within it give where nobody says anything else, and what a template of them gets of `given`, as helm puts
 * it together (pkg/chart/v2/util, ProcessDependencies and CoalesceValues): the values of a chart within below its name,
 * under those that the outer chart has there; those that a condition or a tag switches off left out; what an outer
 * chart imports below its own; the outermost `global` over all others.
 */
export function withChartDefaults(
  files: readonly ChartText[],
  given: { readonly values: JsonMap; readonly origins: Origins },
): { readonly origins: Origins; readonly defaults: Origins } {
  const root = partIn('', [], undefined, files)
  const all = mergeLayers([...layersOf(root), { kind: 'tree', value: given.values, originOf: nowhere }]).values
  const enabled = enabledIn(root, all)
  const defaults = new Map(mergeLayers(layersOf(enabled)).origins)
  for (const part of partsOf(enabled).toReversed()) addImports(part, given.origins, defaults)
  return { origins: withGlobals(enabled, given.origins, defaults), defaults }
}

function partIn(
  folder: string,
  place: readonly string[],
  entry: Dependency | undefined,
  files: readonly ChartText[],
): Part {
  const read = (name: string): unknown => loadHelmYaml(textOf(`${folder}${name}`, files)?.text ?? '').value
  const chart = read('Chart.yaml')
  const listed = dependenciesIn(isMap(chart) ? chart : {}).concat(dependenciesIn(read('requirements.yaml')))
  const inner = foldersBelow(folder, files).flatMap(([name, below]): Part[] => {
    const own = listed.filter((one) => one.name === name)
    const uses = own.length === 0 ? [undefined] : own
    return uses.map((use) => partIn(below, [...place, use?.alias ?? name], use, files))
  })
  return { place, folder, values: layerIn(folder, place, files), dependencies: listed, inner, entry }
}

function layerIn(folder: string, place: readonly string[], files: readonly ChartText[]): TreeLayer | undefined {
  const file = textOf(`${folder}values.yaml`, files)
  if (file === undefined) return undefined
  const { value, places } = readDocument(file.text, file.shown, 'helm')
  if (!isMap(value)) return undefined
  return {
    kind: 'tree',
    value: place.reduceRight<JsonMap>((inner, name) => ({ [name]: inner }), value as JsonMap),
    originOf: (path) => ({ kind: 'file', at: places.of(path.slice(place.length)) }),
  }
}

/** Name of each chart within, and its folder: `charts/web/`, `charts/web-1.0.0.tgz/`. */
function foldersBelow(folder: string, files: readonly ChartText[]): [string, string][] {
  return files.flatMap(({ name, text }): [string, string][] => {
    const own = name.startsWith(folder) ? /^charts\/[^/]+\/(?=Chart\.yaml$)/u.exec(name.slice(folder.length)) : null
    const chart = own === null ? undefined : loadHelmYaml(text).value
    return own === null || !isMap(chart) ? [] : [[String(chart['name']), `${folder}${own[0]}`]]
  })
}

function textOf(name: string, files: readonly ChartText[]): ChartText | undefined {
  return files.find((one) => one.name === name)
}

function dependenciesIn(chart: unknown): Dependency[] {
  const found = isMap(chart) ? ownValue(chart, 'dependencies') : undefined
  return (Array.isArray(found) ? (found as unknown[]) : []).flatMap((one) => {
    if (!isMap(one) || typeof one['name'] !== 'string') return []
    const { name, alias, condition, tags } = one
    return [
      {
        name,
        alias: typeof alias === 'string' && alias !== '' ? alias : undefined,
        condition: typeof condition === 'string' ? condition : undefined,
        tags: Array.isArray(tags) ? tags.map(String) : [],
        imports: importsIn(one['import-values']),
      },
    ]
  })
}

/** `db` is `exports.db` of the chart within, and stands at the top of the outer one. */
function importsIn(value: unknown): Dependency['imports'] {
  return (Array.isArray(value) ? (value as unknown[]) : []).flatMap((one) => {
    if (typeof one === 'string') return [{ child: ['exports', one], parent: [] }]
    if (!isMap(one)) return []
    const path = (text: unknown): Path => (typeof text === 'string' && text !== '.' ? text.split('.') : [])
    return [{ child: path(one['child']), parent: path(one['parent']) }]
  })
}

/** Outer charts after those within: the last one wins. */
function layersOf(part: Part): TreeLayer[] {
  return [...part.inner.flatMap(layersOf), ...(part.values === undefined ? [] : [part.values])]
}

function partsOf(part: Part): Part[] {
  return [part, ...part.inner.flatMap(partsOf)]
}

function enabledIn(part: Part, values: JsonMap): Part {
  const inner = part.inner.filter(({ entry }) => entry === undefined || isOn(entry, part.place, values))
  return { ...part, inner: inner.map((one) => enabledIn(one, values)) }
}

/** The first condition that is true or false decides, else tags: one that is true is enough. */
function isOn({ condition = '', tags }: Dependency, place: readonly string[], values: JsonMap): boolean {
  const at = (path: readonly string[]): unknown => {
    const found = lookUp(values, path)
    return found?.depth === path.length ? found.value : undefined
  }
  const answers = condition.split(',').map((one) => at([...place, ...one.trim().split('.')]))
  const decided = answers.find((one) => typeof one === 'boolean')
  if (typeof decided === 'boolean') return decided
  const tagged = tags.map((tag) => at(['tags', tag])).filter((one) => typeof one === 'boolean')
  return tagged.length === 0 || tagged.includes(true)
}

/** What an outer chart takes of one within, below all that it says itself. */
function addImports({ place, inner }: Part, given: Origins, defaults: Map<string, Said>): void {
  for (const { entry, place: from } of inner) {
    for (const { child, parent } of entry?.imports ?? []) {
      const below = showValuePath([...from, ...child].map(String))
      const to = showValuePath([...place, ...parent].map(String))
      for (const [path, said] of saidBelow(below, given, defaults)) {
        const rest = path.slice(below.length)
        const target = to === '' ? rest.replace(/^\./u, '') : `${to}${rest}`
        defaults.set(target, [...(defaults.get(target) ?? []), ...said] as Said)
      }
    }
  }
}

type Said = readonly [Provenance, ...Provenance[]]

/** A chart within has the outermost `global` as its own, and what is its own beside it. */
function withGlobals(root: Part, given: Origins, defaults: Origins): Origins {
  const found = new Map(given)
  for (const { place } of partsOf(root).filter((one) => one.place.length > 0)) {
    for (const [path, said] of saidBelow('global', given, defaults)) {
      const target = `${showValuePath(place)}.${path}`
      found.set(target, [...said, ...(given.get(target) ?? [])])
    }
  }
  return found
}

/** All that is said of a path and below it: first what was given, then what the charts say. */
function saidBelow(above: string, given: Origins, defaults: Origins): [string, Said][] {
  const paths = new Set([...given.keys(), ...defaults.keys()])
  return [...paths].flatMap((path): [string, Said][] => {
    if (!path.startsWith(`${above}.`)) return []
    const [first, ...rest] = [...(given.get(path) ?? []), ...(defaults.get(path) ?? [])]
    return first === undefined ? [] : [[path, [first, ...rest]]]
  })
}

function nowhere(): Provenance['origin'] {
  return { kind: 'flag', text: '' }
}
