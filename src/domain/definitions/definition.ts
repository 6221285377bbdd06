import { nameOf, type KubeObject } from '../kube.ts'
import { isMap } from '../config/path.ts'
import { allDifferences } from '../plan/all-differences.ts'
import { statedDifferences } from '../plan/diff.ts'
import type { FieldChange } from '../plan/model.ts'
import { schemaErrors, unknownFields, type Schema } from './schema-errors.ts'

export interface DefinitionVersion {
  readonly name: string
  readonly served: boolean
  readonly storage: boolean
  readonly schema?: { readonly openAPIV3Schema?: Schema }
}

interface Spec {
  readonly group?: string
  readonly names?: { readonly kind?: string; readonly plural?: string }
  readonly versions?: readonly DefinitionVersion[]
  readonly conversion?: { readonly strategy?: string }
}

function specOf(definition: KubeObject): Spec {
  const spec = definition['spec'] as Spec | undefined
  return spec ?? {}
}

export function versionsOf(definition: KubeObject): readonly DefinitionVersion[] {
  return specOf(definition).versions ?? []
}

/** As which its instances are read: the version that is stored, else any that is served. */
export function readAs(definition: KubeObject): { readonly apiVersion: string; readonly kind: string } | undefined {
  const { group = '', names } = specOf(definition)
  const served = versionsOf(definition).filter((one) => one.served)
  const version = served.find(({ storage }) => storage) ?? served[0]
  return version === undefined ? undefined : { apiVersion: `${group}/${version.name}`, kind: names?.kind ?? '' }
}

/** Versions in which objects may lie in the cluster's storage, and which the wanted definition does not have. */
export function droppedVersions(wanted: KubeObject, live: KubeObject): string[] {
  const stored = ((live['status'] ?? {}) as { readonly storedVersions?: readonly string[] }).storedVersions ?? []
  const names = versionsOf(wanted).map(({ name }) => name)
  return stored.filter((one) => !names.includes(one))
}

/** In what a live definition is not as wanted, field by field; its versions, which the API server takes as one value, by their names. */
export function definitionDifferences(wanted: KubeObject, live: KubeObject): FieldChange[] {
  const stated = statedDifferences(wanted, live)
  const others = stated.filter(({ path }) => !IN_VERSIONS.test(path))
  return others.length === stated.length ? stated : [...others, ...versionDifferences(wanted, live)]
}

/** Of two states of one definition, both complete. */
export function versionDifferences(after: KubeObject, before: KubeObject): FieldChange[] {
  return allDifferences(byName(before), byName(after)).filter(({ path }) => IN_VERSIONS.test(path))
}

export const IN_VERSIONS = /^spec\.versions\b/u

function byName(definition: KubeObject): KubeObject {
  const spec = definition['spec']
  const versions = Object.fromEntries(versionsOf(definition).map((version) => [version.name, version]))
  return { ...definition, spec: isMap(spec) ? { ...spec, versions } : spec }
}

export interface InstanceFault {
  readonly object: string
  readonly problems: readonly string[]
  /** Fields that would be lost with its next write. */
  readonly dropped: readonly string[]
}

/**
 * Instances that a new definition would not take any more, or not whole. Without a conversion webhook an object is the same in
 * all versions, and has to meet the schema of each; with one only of the version in which it was read.
 */
export function instanceFaults(wanted: KubeObject, instances: readonly KubeObject[]): InstanceFault[] {
  const converts = specOf(wanted).conversion?.strategy === 'Webhook'
  return instances.flatMap((instance) => {
    const version = instance.apiVersion.split('/')[1] ?? ''
    const schemas = versionsOf(wanted)
      .filter(({ name, served, storage }) => (converts ? name === version : served || storage))
      .flatMap(({ schema }) => schema?.openAPIV3Schema ?? [])
    const own = withoutMetadata(instance)
    const problems = [...new Set(schemas.flatMap((schema) => schemaErrors(schema, own)))]
    const dropped = [...new Set(schemas.flatMap((schema) => unknownFields(schema, own)))]
    const { namespace } = instance.metadata
    const object = `${nameOf(instance)}${namespace === undefined ? '' : ` in namespace ${namespace}`}`
    return problems.length + dropped.length === 0 ? [] : [{ object, problems, dropped }]
  })
}

/** The API server looks after it itself; what a schema says of it is its name at most. */
function withoutMetadata({ metadata: { name }, ...fields }: KubeObject): Record<string, unknown> {
  return { ...fields, metadata: { name } }
}
