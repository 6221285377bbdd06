import {
  HELM_PERMISSIONS,
  missingPermissions,
  OWN_PERMISSIONS,
  permissionsFor,
  showPermission,
  type Permission,
} from '../../domain/access/permissions.ts'
import type { KubeObject } from '../../domain/kube.ts'
import { ForgeError } from '../../errors.ts'
import { kubectl } from '../../hint.ts'
import type { ClusterFacts, NamespaceFacts } from '../phases/observed.ts'

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

/** `19 permissions`; `18 of 19 permissions` in a plan, which may lack some. */
export function permissionCount(needed: readonly Needed[], planOnly: boolean): string {
  if (needed.some(({ namespace }) => namespace.rules.incomplete))
    return 'permissions not checked (the cluster does not list them)'
  const all = needed.reduce((count, { permissions }) => count + permissions.length, 0)
  const lacking = needed.reduce((count, one) => count + lackingIn(one).length, 0)
  return planOnly ? `${all - lacking} of ${all} permissions` : `${all} permissions`
}

/** Throws E_FORBIDDEN for the first namespace that lacks some. */
export function requirePermissions(needed: readonly Needed[]): void {
  for (const one of needed) {
    const { name } = one.namespace
    const [first, ...rest] = lackingIn(one)
    if (first === undefined) continue
    const shown = rest.slice(0, 4).map(showPermission).join(', ')
    const more = rest.length > 0 ? `, nor ${shown}${rest.length > 4 ? ` and ${rest.length - 4} more` : ''}` : ''
    throw new ForgeError('E_FORBIDDEN', `you may not ${showPermission(first)} in namespace ${name}${more}`, {
      hint: kubectl(
        ['auth', 'can-i', first.verb, `${first.resource}${first.group === '' ? '' : `.${first.group}`}`],
        name,
      ),
      where: `namespace ${name}`,
    })
  }
}

/** Of what the cluster does not list nothing is lacking: then its own refusal says it. */
function lackingIn({ namespace: { rules }, permissions }: Needed): Permission[] {
  return rules.incomplete ? [] : missingPermissions(permissions, rules)
}
