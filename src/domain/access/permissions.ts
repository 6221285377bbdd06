import { kindKey, groupOf, type ApiResource, type KubeObject } from '../kube.ts'
import type { AccessRules } from './model.ts'

export interface Permission {
  readonly verb: string
  readonly group: string
  readonly resource: string
}

/** Where a release lives: what helm itself writes, and what forge follows, whatever the chart renders. */
export const HELM_PERMISSIONS: readonly Permission[] = [
  ...verbs(['get', 'list', 'create', 'patch', 'update', 'delete'], '', 'secrets'),
  ...verbs(['get', 'list', 'watch'], '', 'pods'),
  ...verbs(['list', 'watch'], '', 'events'),
  ...verbs(['list', 'watch'], 'apps', 'replicasets'),
  { verb: 'get', group: '', resource: 'pods/log' },
]

/** In the environment's namespace, which has the lock and the journal as well. */
export const OWN_PERMISSIONS: readonly Permission[] = [
  ...HELM_PERMISSIONS,
  ...verbs(['get', 'list', 'watch', 'create', 'update'], 'coordination.k8s.io', 'leases'),
]

/** What helm needs for the namespaced objects of a render: it reads, makes, patches and (on rollback) deletes each. */
export function permissionsFor(objects: readonly KubeObject[], resources: readonly ApiResource[]): Permission[] {
  const kinds = new Map(objects.map((object) => [kindKey(object), object]))
  return [...kinds.values()].flatMap(({ apiVersion, kind }) => {
    const found = resources.find((one) => one.apiVersion === apiVersion && one.kind === kind)
    return found?.namespaced === true
      ? verbs(['get', 'create', 'patch', 'delete'], groupOf(apiVersion), found.plural)
      : []
  })
}

function verbs(names: readonly string[], group: string, resource: string): Permission[] {
  return names.map((verb) => ({ verb, group, resource }))
}

/** Those that the rules do not grant. Rules limited to resourceNames are no general grant. */
export function missingPermissions(needed: readonly Permission[], { rules }: AccessRules): Permission[] {
  return needed.filter(
    ({ verb, group, resource }) =>
      !rules.some(
        (rule) =>
          (rule.resourceNames ?? []).length === 0 &&
          matches(rule.verbs, verb) &&
          matches(rule.apiGroups, group) &&
          (matches(rule.resources, resource) || rule.resources.includes(`${resource.split('/')[0]}/*`)),
      ),
  )
}

function matches(granted: readonly string[], wanted: string): boolean {
  return granted.includes('*') || granted.includes(wanted)
}

export function showPermission({ verb, group, resource }: Permission): string {
  return `${verb} ${resource}${group === '' ? '' : `.${group}`}`
}
