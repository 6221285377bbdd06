import { objectYaml } from '../evidence/objects.ts'
import { isMap } from '../config/path.ts'
import { loadHelmYaml, mapDocuments } from './yaml.ts'

export interface WithoutValues {
  readonly manifest: string
  /** Names of the Secrets whose values were taken out. */
  readonly withheld: readonly string[]
}

const AS_IT_IS = { text: (text: string): string => text, json: <T>(value: T): T => value }

/**
 * A manifest without the values of its Secrets. What stands in their place is no base64: nobody can apply it and have a Secret with
 * another value.
 */
export function withoutSecretValues(manifest: string): WithoutValues {
  const withheld: string[] = []
  const text = mapDocuments(manifest, (document) => {
    if (!document.includes('Secret')) return document
    const { value } = loadHelmYaml(document)
    const names = namesIn(value)
    if (names.length === 0) return document
    withheld.push(...names)
    const source = /^# Source: .+$/mu.exec(document)?.[0]
    return `\n${source === undefined ? '' : `${source}\n`}${objectYaml(value as never, AS_IT_IS)}`
  })
  return { manifest: text, withheld }
}

function namesIn(value: unknown): string[] {
  if (!isMap(value)) return []
  const { kind, metadata, data, stringData, items } = value
  if (Array.isArray(items)) return items.flatMap(namesIn)
  const holds = [data, stringData].some((map) => isMap(map) && Object.keys(map).length > 0)
  return kind === 'Secret' && holds ? [isMap(metadata) ? String(metadata['name']) : ''] : []
}
