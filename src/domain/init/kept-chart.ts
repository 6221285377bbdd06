import { isMap, type PlainMap } from '../config/path.ts'
import { writeYaml } from '../manifest/write-yaml.ts'
import type { KeptFile } from './model.ts'

/** A chart out of helm's record of a release. */
export interface KeptChart {
  /** Paths are relative to the chart's folder. */
  readonly files: readonly KeptFile[]
  /** Names, and other names, of the charts that it says are within it: helm keeps nothing of them but their defaults. */
  readonly within: readonly string[]
}

const CHART_HEAD = `# Out of helm's record of the release. A record does not have: the comments of this file and of values.yaml, what .helmignore had
# left out, and the charts in charts/.
`
const VALUES_HEAD = "# The chart's own values, as helm keeps them: without comments.\n"

/**
 * The files of a chart that helm keeps in a record (pkg/chart, Chart: templates, schema and other files in base64; Chart.yaml,
 * Chart.lock and values.yaml only as what they say). A text: why there is no chart in it.
 */
export function keptChart(kept: unknown): KeptChart | string {
  if (!isMap(kept) || !isMap(kept['metadata'])) return 'it has no chart'
  const metadata = kept['metadata']
  const coded = [...listOf(kept['templates']), ...listOf(kept['files'])].map(codedFile)
  const broken = coded.find((one) => typeof one === 'string')
  if (broken !== undefined) return broken
  const found = coded.filter((one) => typeof one !== 'string')
  const schema = kept['schema']
  const said = [
    { path: 'Chart.yaml', text: CHART_HEAD + writeYaml(ownMetadata(metadata, found)), about: aboutOf(metadata) },
    ...(isMap(kept['lock']) ? [{ path: 'Chart.lock', text: writeYaml(kept['lock']), about: 'its charts within' }] : []),
    { path: 'values.yaml', text: VALUES_HEAD + writeYaml(kept['values'] ?? {}), about: "the chart's own values" },
    ...(typeof schema === 'string' && schema !== ''
      ? [{ path: 'values.schema.json', text: Buffer.from(schema, 'base64'), about: 'what they may be' }]
      : []),
  ]
  const own = new Set(said.map(({ path }) => path))
  const files = [...said, ...found.filter(({ path }) => !own.has(path))]
  if (new Set(files.map(({ path }) => path)).size < files.length) return 'it has two files of one name'
  return { files, within: listOf(metadata['dependencies']).flatMap(namesOf).map(String) }
}

/** Old charts name their charts within in a file of their own, which is kept as it is. */
function ownMetadata(metadata: PlainMap, files: readonly KeptFile[]): PlainMap {
  if (!files.some(({ path }) => path === 'requirements.yaml')) return metadata
  const { dependencies: _, ...rest } = metadata
  return rest
}

function aboutOf({ name, version }: PlainMap): string {
  return `chart ${String(name)} ${String(version)}`
}

function namesOf(one: unknown): unknown[] {
  return isMap(one) ? [one['name'], one['alias']].filter((name) => typeof name === 'string') : []
}

/** Charts in charts/ that its Chart.yaml does not name: only what they rendered tells of them. */
export function chartsBeside({ within }: KeptChart, manifest: string): string[] {
  const all = [...manifest.matchAll(/^# Source: [^/\n]+\/charts\/([^/\n]+)\//gmu)].map(([, name = '']) => name)
  return [...new Set(all)].filter((name) => !within.includes(name))
}

function codedFile(one: unknown): KeptFile | string {
  if (!isMap(one) || typeof one['name'] !== 'string' || typeof one['data'] !== 'string')
    return 'it has a file without a name'
  const path = one['name']
  // Somebody else may have written the record.
  if (!isWithin(path)) return `it has a file ${JSON.stringify(path)}, which no chart has`
  return { path, text: Buffer.from(one['data'], 'base64'), about: '' }
}

function isWithin(path: string): boolean {
  const isPlain = /^[^/\\\p{Cc}][^\\\p{Cc}]*$/u.test(path)
  return isPlain && path.split('/').every((part) => part !== '' && part !== '.' && part !== '..')
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}
