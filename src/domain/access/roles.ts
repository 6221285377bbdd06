import type { KubeObject } from '../kube.ts'
import type { Permission } from './permissions.ts'
import type { Place } from './rights.ts'

const RBAC = 'rbac.authorization.k8s.io'

export interface Subject {
  readonly kind: 'ServiceAccount' | 'User' | 'Group'
  readonly name: string
  /** Of a service account. */
  readonly namespace?: string
}

/** What `kubectl apply` makes of these rights: a Role and its binding for each namespace, a ClusterRole where there is none. */
export function rolesFor(places: readonly Place[], name: string, subject: Subject, home: string): KubeObject[] {
  const wanted = places.map(({ namespace, permissions, comparing, looking }) => ({
    namespace,
    all: [...permissions, ...comparing, ...looking],
  }))
  // No Role can grant a path of the API server.
  const paths = urlRules(wanted.flatMap(({ all }) => all))
  const isWhole = wanted.some(({ namespace }) => namespace === undefined) || paths.length === 0
  return [...wanted, ...(isWhole ? [] : [{ namespace: undefined, all: [] }])].flatMap(({ namespace, all }) => {
    const named = rulesOf(all.filter(({ url }) => url === undefined))
    const rules = [...named, ...(namespace === undefined ? paths : [])]
    if (rules.length === 0) return []
    const kind = namespace === undefined ? 'ClusterRole' : 'Role'
    // Of the same project in another namespace it must not be.
    const metadata = namespace === undefined ? { name: `${name}-${home}` } : { name, namespace }
    const subjects = [subject.kind === 'ServiceAccount' ? subject : { ...subject, apiGroup: RBAC }]
    const roleRef = { apiGroup: RBAC, kind, name: metadata.name }
    return [
      { apiVersion: `${RBAC}/v1`, kind, metadata, rules },
      { apiVersion: `${RBAC}/v1`, kind: `${kind}Binding`, metadata, subjects, roleRef },
    ]
  })
}

function urlRules(
  permissions: readonly Permission[],
): { readonly nonResourceURLs: readonly string[]; readonly verbs: readonly string[] }[] {
  const byVerb = Map.groupBy(
    permissions.filter(({ url }) => url !== undefined),
    ({ verb }) => verb,
  )
  return [...byVerb].map(([verb, some]) => ({
    nonResourceURLs: [...new Set(some.flatMap(({ url }) => url ?? []))],
    verbs: [verb],
  }))
}

interface Rule {
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  readonly resourceNames?: readonly string[]
  readonly verbs: readonly string[]
}

/** As few as there can be: what has the same verbs is named together. */
function rulesOf(permissions: readonly Permission[]): Rule[] {
  const byResource = [
    ...Map.groupBy(permissions, ({ group, resource, name }) => JSON.stringify([group, resource, name])),
  ]
  const single = byResource.flatMap(([, all]) => {
    const [first] = all
    return first === undefined ? [] : [{ ...first, verbs: [...new Set(all.map(({ verb }) => verb))].sort(byOrder) }]
  })
  const byVerbs = Map.groupBy(single, ({ group, name, verbs, resource }) =>
    // Names belong to one resource.
    JSON.stringify([group, verbs, name === undefined ? '' : resource]),
  )
  return [...byVerbs.values()].flatMap((all) => {
    const [first] = all
    if (first === undefined) return []
    const names = all.flatMap(({ name }) => name ?? [])
    return [
      {
        apiGroups: [first.group],
        resources: [...new Set(all.map(({ resource }) => resource))],
        ...(names.length === 0 ? {} : { resourceNames: names }),
        verbs: first.verbs,
      },
    ]
  })
}

const ORDER = ['get', 'list', 'watch', 'create', 'patch', 'update', 'delete']

function byOrder(a: string, b: string): number {
  return ORDER.indexOf(a) - ORDER.indexOf(b) || a.localeCompare(b)
}
