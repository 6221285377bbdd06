import { isMap } from '../config/path.ts'
import { loadHelmYaml } from '../manifest/yaml.ts'

/**
 * The SHA-256 that the index of a chart repository has of an archive (https://helm.sh/docs/topics/chart_repository/#the-index-file);
 * undefined: it says none. Indexes have tens of megabytes: of one that is laid out as helm lays it out only the chart's own
 * part is read.
 */
export function digestInIndex(
  index: string,
  { name, version }: { readonly name: string; readonly version: string },
): string | undefined {
  const { value } = loadHelmYaml(partOf(index, name) ?? index)
  const entries = isMap(value) ? value['entries'] : undefined
  const versions = isMap(entries) ? entries[name] : undefined
  const bare = (text: unknown): string => String(text).replace(/^v/u, '')
  const found = (Array.isArray(versions) ? (versions as unknown[]) : [])
    .filter(isMap)
    .find((one) => bare(one['version']) === bare(version))
  const digest = found?.['digest']
  return typeof digest === 'string' && digest !== '' ? digest.replace(/^sha256:/u, '') : undefined
}

function partOf(index: string, name: string): string | undefined {
  const start = index.indexOf(`\n  ${name}:\n`)
  if (start < 0 || !/^entries:$/mu.test(index)) return undefined
  const rest = index.slice(start + 1)
  const end = /\n(?: {2})?[^\s-]/u.exec(rest)?.index
  return `entries:\n${end === undefined ? rest : rest.slice(0, end)}\n`
}
