import { isMap } from '../config/path.ts'
import type { KubeObject } from '../kube.ts'
import { itemKeys } from './merge-keys.ts'
import type { FieldChange } from './model.ts'

/** Names with dots (annotations, file names) are quoted, so that a path can be read back. */
export function join(path: string, name: string): string {
  const part = /^[\w-]+$/u.test(name) ? name : `'${name}'`
  return path === '' ? part : `${path}.${part}`
}

/** The field that a path ends in: `containers` of `spec.template.spec.containers[app]`. */
export function lastName(path: string): string {
  return /([\w-]+)(?:\[[^\]]*\])?$/u.exec(path)?.[1] ?? ''
}

/** `imagePullSecrets` at the root of an object: of a ServiceAccount, one value; of a pod, a list by name (core/v1). */
const ATOMIC = new Set(['imagePullSecrets'])

/** As `itemKeys`, for the list at a path from the object's root. */
export function listKeys(path: string, items: readonly unknown[]): string[] | undefined {
  return ATOMIC.has(path) ? undefined : itemKeys(lastName(path), items)
}

export type Step = { readonly kind: 'name'; readonly name: string } | { readonly kind: 'item'; readonly key: string }

/** The steps of a path as `join` and the comparison write it. */
export function stepsOf(path: string): Step[] {
  const found = path.matchAll(/'([^']*)'|\[([^\]]*)\]|([^.[\]']+)/gu)
  return [...found].map(([, quoted, item, name]) =>
    item === undefined ? { kind: 'name', name: quoted ?? name ?? '' } : { kind: 'item', key: item },
  )
}

/**
 * Where a path leads in an object: names, and positions in lists (an item is found by its merge key). Undefined where
 * the object has nothing there.
 */
export function locate(object: unknown, path: string): (string | number)[] | undefined {
  const place: (string | number)[] = []
  let current = object
  let field = ''
  for (const step of stepsOf(path)) {
    if (step.kind === 'item') {
      if (!Array.isArray(current)) return undefined
      const items: readonly unknown[] = current
      const at = itemKeys(field, items)?.indexOf(step.key) ?? -1
      if (at < 0) return undefined
      place.push(at)
      current = items[at]
    } else {
      if (!isMap(current) || !Object.hasOwn(current, step.name)) return undefined
      place.push(step.name)
      current = current[step.name]
      field = step.name
    }
  }
  return place
}

export function valueAt(object: unknown, path: string): unknown {
  const place = locate(object, path)
  return place?.reduce<unknown>((value, part) => (value as Record<string | number, unknown>)[part], object)
}

export interface Planned {
  readonly rendered: KubeObject | undefined
  readonly live: KubeObject | undefined
  readonly changes: readonly Pick<FieldChange, 'path' | 'after'>[]
}

/** What a field holds after the deploy: as rendered, else what becomes of the live value, which mostly stays. */
export function valueAfter(path: string, { rendered, live, changes }: Planned): unknown {
  const stated = valueAt(rendered, path)
  if (stated !== undefined) return stated
  return changes.some((change) => isWithin(path, change.path)) ? undefined : valueAt(live, path)
}

/** True for the path itself and for everything below it. */
export function isWithin(path: string, outer: string): boolean {
  return path === outer || path.startsWith(`${outer}.`) || path.startsWith(`${outer}[`)
}

export function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return true
  if (Array.isArray(value)) return value.length === 0
  return isMap(value) && Object.values(value).every(isEmpty)
}
