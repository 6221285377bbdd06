import { counted } from '../../domain/screen/counted.ts'
import type { DeployContext, ReleaseWork } from '../deploy/context.ts'

type Data = Readonly<Record<string, Readonly<Record<string, string>>>>

/** The line of step 4: which ConfigMaps differ from what the live release was given, and in which keys. */
export function configurationSummary({ works }: DeployContext): string {
  const maps = works.flatMap(({ configuration }) => Object.keys(configuration.configMaps))
  if (maps.length === 0) return 'no ConfigMaps in forge.yaml'
  const first = works.every(({ before }) => before === undefined)
  const changes = first ? [] : works.flatMap(changesOf)
  if (changes.length === 0) return `${counted(maps.length, 'ConfigMap')}${first ? '' : ', no change'}`
  return changes.map(([name, keys]) => `${name} changes: ${keys.join(', ')}`).join('; ')
}

function changesOf({ configuration, before }: ReleaseWork): [string, string[]][] {
  const old = (before?.config['configMaps'] ?? {}) as Data
  return Object.entries(configuration.configMaps).flatMap(([name, data]): [string, string[]][] => {
    const then = old[name] ?? {}
    const keys = [...new Set([...Object.keys(data), ...Object.keys(then)])].filter((key) => data[key] !== then[key])
    return keys.length === 0 ? [] : [[name, keys]]
  })
}
