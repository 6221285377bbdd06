import type { KubeObject } from '../kube.ts'
import { componentNames } from '../logs/component.ts'
import { references } from '../manifest/references.ts'
import { isRevealing } from './ordinary.ts'

/** What every screen calls objects by. A name that looks like a secret is none of those: a chart may have made it of one. */
export function namesToSpare(objects: readonly KubeObject[]): string[] {
  const names = objects.flatMap((object) => [
    object.metadata.name,
    object.metadata.namespace ?? '',
    ...componentNames(object),
  ])
  // A chart may write a number where a name belongs.
  return [...new Set(names)].filter((name) => typeof name === 'string' && !isRevealing(name))
}

/** What keys of Secrets and ConfigMaps are called, by those that have them and by those that refer to them. */
export function keysToSpare(objects: readonly KubeObject[]): string[] {
  const keys = objects.flatMap((object) => {
    const has = object.kind === 'Secret' || object.kind === 'ConfigMap' ? Object.keys(object['data'] ?? {}) : []
    return [...has, ...references(object).flatMap(({ needs = [], uses = [] }) => [...needs, ...uses])]
  })
  return [...new Set(keys)].filter((key) => typeof key === 'string' && !isRevealing(key))
}
