import { isMap } from '../config/path.ts'
import type { KubeObject } from '../kube.ts'
import { isWithin, join, lastName } from './field-path.ts'
import { itemKeys } from './merge-keys.ts'
import type { FieldManager } from './model.ts'

export interface OwnedField extends FieldManager {
  readonly path: string
  /** `Apply`: the manager declares the field and will again; `Update`: it wrote it once. */
  readonly operation: 'Apply' | 'Update'
}

/** The release's own manager. */
const HELM = 'helm'
/** Programs of the control plane: what they write is the cluster's business, not drift. */
const CONTROL_PLANE = new Set([
  'kube-controller-manager',
  'kube-scheduler',
  'kubelet',
  'kube-apiserver',
  'kwok',
  'cloud-controller-manager',
])

/** Every field that a manager other than helm owns, newest first. */
export function foreignFields(live: KubeObject): OwnedField[] {
  return fieldsOf(live, (manager) => manager !== HELM)
}

/** Every field that helm wrote last. */
export function helmsFields(live: KubeObject): OwnedField[] {
  return fieldsOf(live, (manager) => manager === HELM)
}

function fieldsOf(live: KubeObject, wanted: (manager: string) => boolean): OwnedField[] {
  const entries = (live.metadata.managedFields ?? []).filter(
    ({ manager = 'unknown', subresource }) => wanted(manager) && subresource !== 'status',
  )
  return entries
    .flatMap(({ manager = 'unknown', operation = 'Update', time, fieldsV1 }) =>
      leavesOf(fieldsV1, '').map((path) => ({ path, manager, operation, time })),
    )
    .sort((one, other) => (other.time ?? '').localeCompare(one.time ?? ''))
}

export function isControlPlane({ manager }: FieldManager): boolean {
  return CONTROL_PLANE.has(manager)
}

/** Who owns a field, or something inside it, or all around it. Undefined: nobody but helm. */
export function ownerOf(path: string, owned: readonly OwnedField[]): OwnedField | undefined {
  return owned.find((one) => isWithin(one.path, path) || isWithin(path, one.path))
}

/** Of which each entry has an owner: whoever made it, and has nothing in it any more, owns none of it. */
function isGranular(path: string): boolean {
  return GRANULAR.test(path) || itemKeys(lastName(path), []) !== undefined
}

const GRANULAR = /^(?:data|binaryData)$|(?:^|\.)metadata\.(?:annotations|labels)$/u

/**
 * Paths of the leaves of a FieldsV1 set (structured-merge-diff: `f:name`, `k:{"key":"value"}`, `v:value`). A set with
 * nothing but `.` owns that a map or an item exists, not what is in it.
 */
function leavesOf(fields: unknown, path: string): string[] {
  const all = isMap(fields) ? Object.entries(fields) : []
  const inner = all.filter(([name]) => name !== '.')
  if (inner.length === 0) return path === '' || all.length > 0 || isGranular(path) ? [] : [path]
  return inner.flatMap(([name, value]) => leavesOf(value, stepInto(path, name)))
}

function stepInto(path: string, name: string): string {
  const text = name.slice(2)
  if (name.startsWith('f:')) return join(path, text)
  if (name.startsWith('k:')) return `${path}[${keyOf(text, path)}]`
  return `${path}[${text.replaceAll('"', '')}]`
}

/** The same short form of a merge key as the comparison uses. */
function keyOf(text: string, path: string): string {
  const item: unknown = JSON.parse(text)
  const [key] = itemKeys(lastName(path), [item]) ?? []
  return key ?? (isMap(item) ? Object.values(item).map(String).join('/') : text)
}
