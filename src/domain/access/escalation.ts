import type { KubeObject } from '../kube.ts'
import { verbs, type Permission } from './permissions.ts'

const RBAC = 'rbac.authorization.k8s.io'
const PLURAL: Readonly<Record<string, string>> = { Role: 'roles', ClusterRole: 'clusterroles' }

interface PolicyRule {
  readonly verbs?: readonly string[]
  readonly apiGroups?: readonly string[]
  readonly resources?: readonly string[]
  readonly resourceNames?: readonly string[]
  /** Of a ClusterRole alone. */
  readonly nonResourceURLs?: readonly string[]
}

/**
 * Nobody makes a role with rights that he lacks, or binds one
 * (https://kubernetes.io/docs/reference/access-authn-authz/rbac/#privilege-escalation-prevention-and-bootstrapping). So who
 * deploys these needs the rights of the roles, where they are made and where they are bound.
 */
export function escalations(objects: readonly KubeObject[], all: readonly KubeObject[]): Permission[] {
  return objects.filter(isRbac).flatMap((object) => {
    const made = PLURAL[object.kind]
    if (made !== undefined) return rightsOf(object, { verb: 'escalate', group: RBAC, resource: made })
    const { kind, name } = roleRefOf(object)
    const plural = PLURAL[kind]
    const bound = all.find((one) => isRbac(one) && one.kind === kind && one.metadata.name === name)
    return bound === undefined || plural === undefined
      ? []
      : rightsOf(bound, { verb: 'bind', group: RBAC, resource: plural, name })
  })
}

/** Of a role that is not among `all`: who has its rights may bind it, and which those are is not known here. */
export function bindings(objects: readonly KubeObject[], all: readonly KubeObject[]): Permission[] {
  return objects.filter(isRbac).flatMap((object) => {
    const { kind, name } = roleRefOf(object)
    const plural = PLURAL[kind]
    const isOwn = all.some((one) => isRbac(one) && one.kind === kind && one.metadata.name === name)
    return plural === undefined || isOwn ? [] : verbs(['bind'], RBAC, plural, name)
  })
}

function isRbac({ apiVersion }: KubeObject): boolean {
  return apiVersion.startsWith(`${RBAC}/`)
}

function roleRefOf(object: KubeObject): { readonly kind: string; readonly name: string } {
  const { kind = '', name = '' } = (object['roleRef'] ?? {}) as { readonly kind?: string; readonly name?: string }
  return { kind, name }
}

function rightsOf(role: KubeObject, instead: Permission): Permission[] {
  return ((role['rules'] ?? []) as readonly PolicyRule[]).flatMap((rule) => {
    const { verbs: of = [], apiGroups = [], resources = [], resourceNames = [undefined], nonResourceURLs = [] } = rule
    const named = apiGroups.flatMap((group) =>
      resources.flatMap((resource) => resourceNames.flatMap((name) => verbs(of, group, resource, name))),
    )
    const paths = nonResourceURLs.flatMap((url) => of.map((verb) => ({ verb, group: '', resource: '', url })))
    return [...named, ...paths].map((one) => ({ ...one, instead }))
  })
}
