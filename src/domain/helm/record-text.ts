import { isBundledDefinition, sourceOf } from '../manifest/parse.ts'
import { loadHelmYaml, splitDocuments } from '../manifest/yaml.ts'
import { withDependencies } from './dependency-values.ts'

/** A file of a chart; `data` in base64 is what helm keeps of it. */
export interface KeptFile {
  readonly name: string
  readonly text: () => string
  readonly base64: () => string
}

export interface RecordParts {
  /** As `chartContent` gives them; of a chart that only helm can follow there are none. */
  readonly files: readonly KeptFile[]
  readonly values: Readonly<Record<string, unknown>>
  /** As `helm template` prints it: with hooks and definitions. */
  readonly manifest: string
  /** helm 4 keeps the time of each file. */
  readonly withTimes: boolean
}

/** Of all files alike: times differ in a few digits, which take no room when they are packed. */
const TIME = '2026-01-01T12:00:00.123456789+02:00'

/**
 * About the text that helm packs into its record (pkg/release/v1, Release): the chart's own templates, files (with crds/) and schema, but
 * of the charts within nothing but the values that they hand on; no raw values.yaml; hooks apart from the manifest.
 */
export function recordText({ files, values, manifest, withTimes }: RecordParts): string {
  const own = files.filter(({ name }) => !name.startsWith('charts/') || name.endsWith('.prov'))
  const read = (name: string): unknown => {
    const found = own.find((one) => one.name === name)
    return found === undefined ? null : (loadHelmYaml(found.text()).value ?? null)
  }
  const kept = ({ name, base64 }: KeptFile): object => {
    return { name, ...(withTimes ? { modtime: TIME } : {}), data: base64() }
  }
  const schema = own.find(({ name }) => name === 'values.schema.json')
  const notes = own.find(({ name }) => name === 'templates/NOTES.txt')
  const { objects, hooks } = partsOf(manifest)
  const record = {
    name: '',
    info: {
      first_deployed: TIME,
      last_deployed: TIME,
      deleted: '',
      description: 'Upgrade complete',
      notes: notes?.text(),
    },
    chart: {
      metadata: read('Chart.yaml'),
      lock: read('Chart.lock'),
      templates: own.filter(({ name }) => name.startsWith('templates/')).map(kept),
      values: withDependencies(files),
      schema: schema?.base64() ?? null,
      files: own.filter(({ name }) => !PARSED.has(name) && !name.startsWith('templates/')).map(kept),
    },
    config: values,
    manifest: objects,
    hooks,
    version: 1,
  }
  // Go escapes these wherever they stand (encoding/json, HTMLEscape).
  return JSON.stringify(record).replaceAll(/[<>&]/gu, (one) => `\\u00${one.charCodeAt(0).toString(16)}`)
}

const PARSED = new Set(['Chart.yaml', 'Chart.lock', 'values.yaml', 'values.schema.json'])

function partsOf(manifest: string): { readonly objects: string; readonly hooks: readonly object[] } {
  const objects: string[] = []
  const hooks: object[] = []
  let source = ''
  for (const document of splitDocuments(manifest)) {
    source = sourceOf(document, source)
    if (isBundledDefinition({ template: source })) continue
    if (!document.includes('helm.sh/hook')) objects.push(`---${document}`)
    else
      hooks.push({
        name: '',
        kind: '',
        path: source,
        manifest: document.replace(/^\n?# Source: .*\n/u, ''),
        events: [],
      })
  }
  return { objects: objects.join(''), hooks }
}
