import {
  HELM_PERMISSIONS,
  missingPermissions,
  OWN_PERMISSIONS,
  permissionsFor,
  showPermission,
  type Permission,
} from '../../domain/access/permissions.ts'
import type { KubeObject } from '../../domain/kube.ts'
import { kubectl } from '../../hint.ts'
import { refuse, type Finding } from '../phases/findings.ts'
import type { ClusterFacts, NamespaceFacts } from '../phases/observed.ts'
import type { Policy } from '../phases/policy.ts'

/** What has to be allowed in one namespace. */
export interface Needed {
  readonly namespace: NamespaceFacts
  readonly permissions: readonly Permission[]
}

/** What forge itself writes, and what these objects need: in each namespace that a release lives in; of others, in the first. */
export function neededPermissions(
  objects: readonly KubeObject[],
  { namespaces, resources }: Pick<ClusterFacts, 'namespaces' | 'resources'>,
): Needed[] {
  const [home] = namespaces
  const known = new Set(namespaces.map(({ name }) => name))
  const byNamespace = Map.groupBy(objects, ({ metadata: { namespace = '' } }) =>
    known.has(namespace) ? namespace : home.name,
  )
  return namespaces.map((namespace) => ({
    namespace,
    permissions: [
      ...(namespace === home ? OWN_PERMISSIONS : HELM_PERMISSIONS),
      ...permissionsFor(byNamespace.get(namespace.name) ?? [], resources),
    ],
  }))
}

export function permissionCount(needed: readonly Needed[], { rights }: Policy): string {
  if (needed.some(({ namespace }) => namespace.rules.incomplete))
    return 'permissions not checked (the cluster does not list them)'
  const all = needed.reduce((count, { permissions }) => count + permissions.length, 0)
  const lacking = needed.reduce((count, one) => count + lackingIn(one).length, 0)
  return rights(all - lacking, all)
}

/** E_FORBIDDEN for each namespace that lacks some. A plan goes without. */
export function checkPermissions(needed: readonly Needed[]): readonly Finding[] {
  return needed.flatMap((one) => {
    const { name } = one.namespace
    const [first, ...rest] = lackingIn(one)
    if (first === undefined) return []
    const shown = rest.slice(0, 4).map(showPermission).join(', ')
    const more = rest.length > 0 ? `, nor ${shown}${rest.length > 4 ? ` and ${rest.length - 4} more` : ''}` : ''
    const resource = `${first.resource}${first.group === '' ? '' : `.${first.group}`}`
    const lacking = refuse('E_FORBIDDEN', `you may not ${showPermission(first)} in namespace ${name}${more}`, {
      hint: kubectl(['auth', 'can-i', first.verb, resource], name),
      where: `namespace ${name}`,
    })
    return [{ ...lacking, inPlan: [] }]
  })
}

/** Of what the cluster does not list nothing is lacking: then its own refusal says it. */
function lackingIn({ namespace: { rules }, permissions }: Needed): Permission[] {
  return rules.incomplete ? [] : missingPermissions(permissions, rules)
}
