import { isMap, type PlainMap } from '../config/path.ts'
import { loadHelmYaml } from '../manifest/yaml.ts'

interface ValuesFile {
  readonly name: string
  readonly text: () => string
}

interface Dependency {
  readonly name?: unknown
  readonly alias?: unknown
  readonly condition?: unknown
}

/**
 * The default values of a chart as helm keeps them: where its Chart.yaml names dependencies, with those of the charts within, each under
 * its name, and the chart's own over them (pkg/chart/v2/util, processImportValues). Those that a condition switches off are left out.
 */
export function withDependencies(files: readonly ValuesFile[]): PlainMap {
  return valuesBelow('', files)
}

function valuesBelow(folder: string, files: readonly ValuesFile[]): PlainMap {
  const read = (name: string): PlainMap => {
    const file = files.find((one) => one.name === `${folder}${name}`)
    const value = file === undefined ? undefined : loadHelmYaml(file.text()).value
    return isMap(value) ? value : {}
  }
  const own = read('values.yaml')
  const dependencies = dependenciesIn(read('Chart.yaml'), folder, files)
  const folders = new Map(chartsBelow(folder, files))
  const inner = dependencies.flatMap(({ name, alias, condition }): [string, PlainMap][] => {
    const below = folders.get(String(name))
    return below === undefined || isOff(condition, own) ? [] : [[String(alias ?? name), valuesBelow(below, files)]]
  })
  return merged(Object.fromEntries(inner), own)
}

/** Of old charts in a file of their own. */
function dependenciesIn(chart: PlainMap, folder: string, files: readonly ValuesFile[]): readonly Dependency[] {
  const old = files.find((one) => one.name === `${folder}requirements.yaml`)
  const found =
    chart['dependencies'] ?? (loadHelmYaml(old?.text() ?? '').value as PlainMap | undefined)?.['dependencies']
  return Array.isArray(found) ? (found as unknown[]).filter(isMap) : []
}

/** Name of each chart within, and where it is. */
function chartsBelow(folder: string, files: readonly ValuesFile[]): [string, string][] {
  return files.flatMap(({ name, text }): [string, string][] => {
    const found = name.startsWith(folder) ? /^charts\/[^/]+\/(?=Chart\.yaml$)/u.exec(name.slice(folder.length)) : null
    const chart = found === null ? undefined : loadHelmYaml(text()).value
    return found === null || !isMap(chart) ? [] : [[String(chart['name']), `${folder}${found[0]}`]]
  })
}

function isOff(condition: unknown, values: PlainMap): boolean {
  if (typeof condition !== 'string') return false
  const answers = condition.split(',').map((path) =>
    path
      .trim()
      .split('.')
      .reduce<unknown>((inner, part) => (isMap(inner) ? inner[part] : undefined), values),
  )
  return answers.find((one) => typeof one === 'boolean') === false
}

function merged(below: PlainMap, over: PlainMap): PlainMap {
  const both = Object.entries(over).map(([key, value]): [string, unknown] => {
    const under = Object.hasOwn(below, key) ? below[key] : undefined
    return [key, isMap(value) && isMap(under) ? merged(under, value) : value]
  })
  return { ...below, ...Object.fromEntries(both) }
}
