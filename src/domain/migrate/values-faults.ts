import { isMap } from '../config/path.ts'
import type { KubeObject } from '../kube.ts'
import { itemKeys } from '../plan/merge-keys.ts'

/**
 * How often rendered objects contradict themselves, which `helm template` does not notice and an API server does: one name twice
 * in a list, a mount of a volume that is not there.
 */
export function faultsIn(rendered: readonly KubeObject[]): number {
  return rendered.reduce((sum, object) => sum + faultsBelow(object, ''), 0)
}

function faultsBelow(value: unknown, field: string): number {
  if (isMap(value)) {
    const inner = Object.entries(value).reduce((sum, [name, one]) => sum + faultsBelow(one, name), 0)
    return inner + ('containers' in value ? unmounted(value) : 0)
  }
  if (!Array.isArray(value)) return 0
  const items = value as readonly unknown[]
  const keys = items.flatMap((item) => itemKeys(field, [item]) ?? [])
  return items.reduce<number>((sum, one) => sum + faultsBelow(one, ''), keys.length - new Set(keys).size)
}

function unmounted(pod: Readonly<Record<string, unknown>>): number {
  const volumes = new Set(namesIn(pod['volumes'], 'name'))
  // A set's own claims are volumes of its pods by the names of their templates, which stand elsewhere.
  const lists = [pod['containers'], pod['initContainers']] as const
  const containers = lists.flatMap((list) => (Array.isArray(list) ? (list as readonly unknown[]) : []))
  const mounts = containers.flatMap((one) => (isMap(one) ? namesIn(one['volumeMounts'], 'name') : []))
  return mounts.filter((name) => !volumes.has(name)).length
}

function namesIn(list: unknown, field: string): string[] {
  const items = (Array.isArray(list) ? list : []) as readonly unknown[]
  return items.flatMap((item) => (isMap(item) && typeof item[field] === 'string' ? [item[field]] : []))
}
