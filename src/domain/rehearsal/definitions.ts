import { isMap, type PlainMap } from '../config/path.ts'
import { groupOf, type KindRef, type KubeObject } from '../kube.ts'
import { valueAt } from '../plan/field-path.ts'

/** Whether a kind has its status beside its spec, as a subresource; true where its definition is not among these. */
export function keepsStatus(kind: KindRef, definitions: readonly KubeObject[]): boolean {
  const version = versionOf(kind, definitions)
  if (version === undefined) return true
  return isMap(version['subresources']) && version['subresources']['status'] !== undefined
}

/** What objects of a kind have to be like; undefined: its definition is not among these. */
export function schemaOf(kind: KindRef, definitions: readonly KubeObject[]): PlainMap | undefined {
  const schema = versionOf(kind, definitions)?.['schema']
  return isMap(schema) && isMap(schema['openAPIV3Schema']) ? schema['openAPIV3Schema'] : undefined
}

/** Undefined: there is no such definition. One without such a version has an empty one. */
function versionOf({ apiVersion, kind }: KindRef, definitions: readonly KubeObject[]): PlainMap | undefined {
  const group = groupOf(apiVersion)
  const own = definitions.find(
    (one) => valueAt(one, 'spec.group') === group && valueAt(one, 'spec.names.kind') === kind,
  )
  if (own === undefined) return undefined
  return versionsOf(own).find(({ name }) => `${group}/${String(name)}` === apiVersion) ?? {}
}

/** The kinds that a definition serves, in each version. */
export function servedBy(definition: KubeObject): KindRef[] {
  const [group, kind] = [valueAt(definition, 'spec.group'), valueAt(definition, 'spec.names.kind')]
  return versionsOf(definition).flatMap(({ name, served }) =>
    served === true ? [{ apiVersion: `${String(group)}/${String(name)}`, kind: String(kind) }] : [],
  )
}

function versionsOf(definition: KubeObject): PlainMap[] {
  const versions = valueAt(definition, 'spec.versions')
  return Array.isArray(versions) ? versions.filter(isMap) : []
}
