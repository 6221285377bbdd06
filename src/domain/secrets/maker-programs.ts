import { nameOf, type KubeObject } from '../kube.ts'
import { podSpecOf, references } from '../manifest/references.ts'
import type { Evidence, Wanted } from './awaited.ts'

interface Container {
  readonly command?: readonly unknown[]
  readonly args?: readonly unknown[]
  readonly env?: readonly { readonly value?: unknown }[]
}

interface Program {
  readonly serviceAccountName?: string
  readonly containers?: readonly Container[]
  readonly initContainers?: readonly Container[]
}

/** What a workload or a hook does with the Secret: it is told its name, or its account may write Secrets there. */
export function programEvidence(
  object: KubeObject,
  wanted: Wanted,
  rendered: readonly KubeObject[],
): Evidence | undefined {
  const spec = podSpecOf(object) as Program | undefined
  if (spec === undefined || isScaledToNone(object)) return undefined
  const isSame = object.metadata.namespace === wanted.namespace
  // A workload whose own pods wait for the Secret does not make it.
  if (isSame && wanted.by.includes(nameOf(object))) return undefined
  if (isSame && toldTexts(object, spec, rendered).some((text) => says(text, wanted.secret))) return 'names'
  const account = { namespace: object.metadata.namespace ?? '', name: spec.serviceAccountName ?? 'default' }
  return mayWriteSecrets(account, wanted, rendered) ? 'may' : undefined
}

/** No pod of it is made, so none waits for anything, and none does anything. */
export function isScaledToNone({ spec }: KubeObject): boolean {
  const { replicas, suspend } = (spec ?? {}) as { readonly replicas?: unknown; readonly suspend?: unknown }
  return replicas === 0 || suspend === true
}

function toldTexts(
  object: KubeObject,
  { containers = [], initContainers = [] }: Program,
  rendered: readonly KubeObject[],
): string[] {
  const own = [...containers, ...initContainers].flatMap(({ command = [], args = [], env = [] }) => [
    ...command,
    ...args,
    ...env.map(({ value }) => value),
  ])
  const scripts = new Set(references(object).flatMap(({ kind, name }) => (kind === 'ConfigMap' ? [name] : [])))
  const texts = rendered
    .filter(({ kind, metadata }) => kind === 'ConfigMap' && scripts.has(metadata.name))
    .flatMap(({ data }) => Object.values((data ?? {}) as Readonly<Record<string, unknown>>))
  return [...own, ...texts].filter((one) => typeof one === 'string')
}

function says(text: string, name: string): boolean {
  return text.split(/[^\w.-]+/u).includes(name)
}

interface Binding {
  readonly roleRef?: { readonly kind?: string; readonly name?: string }
  readonly subjects?: readonly { readonly kind?: string; readonly name?: string; readonly namespace?: string }[]
}

interface Rule {
  readonly apiGroups?: readonly string[]
  readonly resources?: readonly string[]
  readonly verbs?: readonly string[]
}

interface Account {
  readonly namespace: string
  readonly name: string
}

/** Roles that every cluster has and that let nobody write a Secret. */
const HARMLESS = /^(?:view|system:.*|extension-apiserver-authentication-reader)$/u

/** By the roles that the charts bind (https://kubernetes.io/docs/reference/access-authn-authz/rbac/). One that is not theirs may allow it. */
function mayWriteSecrets(account: Account, wanted: Wanted, rendered: readonly KubeObject[]): boolean {
  return rendered.some((binding) => {
    const { roleRef, subjects = [] } = binding as Binding
    const reaches =
      binding.kind === 'ClusterRoleBinding' ||
      (binding.kind === 'RoleBinding' && binding.metadata.namespace === wanted.namespace)
    if (!reaches || !subjects.some((subject) => isMeant(subject, account))) return false
    const role = rendered.find(
      ({ kind, metadata }) =>
        kind === roleRef?.kind &&
        metadata.name === roleRef.name &&
        (kind === 'ClusterRole' || metadata.namespace === binding.metadata.namespace),
    )
    if (role === undefined) return !HARMLESS.test(roleRef?.name ?? 'view')
    return ((role['rules'] ?? []) as readonly Rule[]).some((rule) => allows(rule, wanted))
  })
}

function isMeant({ kind, name, namespace }: NonNullable<Binding['subjects']>[number], account: Account): boolean {
  if (kind === 'ServiceAccount') return name === account.name && (namespace ?? account.namespace) === account.namespace
  return (
    kind === 'Group' && (name === 'system:serviceaccounts' || name === `system:serviceaccounts:${account.namespace}`)
  )
}

/** A key that is missing may be added to what is there; a Secret must be made. */
function allows({ apiGroups = [], resources = [], verbs = [] }: Rule, { key }: Wanted): boolean {
  const wanted = key === undefined ? ['create', '*'] : ['create', 'update', 'patch', '*']
  return (
    apiGroups.some((one) => one === '' || one === '*') &&
    resources.some((one) => one === 'secrets' || one === '*') &&
    verbs.some((one) => wanted.includes(one))
  )
}
