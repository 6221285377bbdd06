import { isMap } from '../config/path.ts'
import type { KindRef, KubeObject } from '../kube.ts'

const GROUP = 'admissionregistration.k8s.io'

/** Kinds whose objects may refuse what an API server itself would take (https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/). */
const KINDS = [
  'ValidatingWebhookConfiguration',
  'MutatingWebhookConfiguration',
  'ValidatingAdmissionPolicy',
  'MutatingAdmissionPolicy',
]

/** Those of a cluster, in one version each. */
export function admissionKinds<T extends KindRef>(served: readonly T[]): readonly T[] {
  const found = served.filter(({ apiVersion, kind }) => apiVersion.startsWith(`${GROUP}/`) && KINDS.includes(kind))
  return [...new Map(found.map((one) => [one.kind, one])).values()]
}

/**
 * Whether one of these may have a say in objects of a resource (plural name; `*`: unknown). By the name alone, whatever their selectors,
 * groups and versions are (`matchPolicy: Equivalent`): too many rather than too few. What cannot be read has a say in all.
 */
export function admissionReach(configurations: readonly KubeObject[]): (resource: string) => boolean {
  const names = new Set(configurations.flatMap(rulesOf).flatMap(resourcesOf))
  return (resource) => resource === '*' || names.has('*') || names.has(resource)
}

function rulesOf({ kind, webhooks, spec }: KubeObject): readonly unknown[] {
  if (kind.endsWith('WebhookConfiguration')) return listOf(webhooks, []).flatMap((one) => listIn(one, 'rules'))
  return listIn(isMap(spec) ? spec['matchConstraints'] : undefined, 'resourceRules')
}

/** Of `deployments/scale` the resource; `*` is all. */
function resourcesOf(rule: unknown): string[] {
  return listIn(rule, 'resources').map((name) => (typeof name === 'string' ? (name.split('/')[0] ?? '*') : '*'))
}

/** What stands for everything, where there is no list to read. */
const ANY: readonly unknown[] = [{ resources: ['*'] }]

function listIn(value: unknown, key: string): readonly unknown[] {
  return isMap(value) ? listOf(value[key]) : ANY
}

function listOf(value: unknown, otherwise = ANY): readonly unknown[] {
  return Array.isArray(value) ? value : otherwise
}
