import { isMap } from '../config/path.ts'
import { groupOf, type KindRef, type KubeObject } from '../kube.ts'
import { valueAt } from '../plan/field-path.ts'

/** Whether a kind has its status beside its spec, as a subresource; true where its definition is not among these. */
export function keepsStatus({ apiVersion, kind }: KindRef, definitions: readonly KubeObject[]): boolean {
  const group = groupOf(apiVersion)
  const own = definitions.find(
    (one) => valueAt(one, 'spec.group') === group && valueAt(one, 'spec.names.kind') === kind,
  )
  if (own === undefined) return true
  const versions = valueAt(own, 'spec.versions')
  const all: readonly unknown[] = Array.isArray(versions) ? versions : []
  const version = all.find((one) => isMap(one) && `${group}/${String(one['name'])}` === apiVersion)
  return isMap(version) && isMap(version['subresources']) && version['subresources']['status'] !== undefined
}
