import { groupOf, nameOf, type KindRef, type KubeObject, type ObjectRef } from '../kube.ts'
import { hasPodTemplate } from '../workload-kinds.ts'

/** An object that this deploy makes or changes before, or while, the refused one is written. */
export interface Brought {
  readonly ref: ObjectRef
  /** As the chart renders it; undefined where only its name is known. */
  readonly object: KubeObject | undefined
}

/** What the binding of a policy hands to it as parameters; `name` undefined: by a selector. */
export interface PolicyParameters extends KindRef {
  readonly name: string | undefined
}

export interface Refused {
  readonly ref: ObjectRef
  readonly message: string
  /** Of a webhook that does not answer: `namespace/name` of its Service. */
  readonly service?: string | undefined
  /** Parameters of the policy that refuses. */
  readonly parameters?: readonly PolicyParameters[]
}

/**
 * The object of this deploy because of which the API server may answer otherwise by the time of helm's write: a quota that
 * is raised, a definition that is widened, an account that is made. Then the refusal of a dry run says nothing. Undefined:
 * nothing of this deploy has to do with it.
 */
export function broughtBy(refused: Refused, brought: readonly Brought[]): ObjectRef | undefined {
  return brought.find((one) => !isSame(one.ref, refused.ref) && concerns(one, refused))?.ref
}

function isSame(one: ObjectRef, other: ObjectRef): boolean {
  return nameOf(one) === nameOf(other) && one.namespace === other.namespace
}

/** The plugins of kube-apiserver (plugin/pkg/admission) and what they say of the objects that they go by. */
const NAMESPACED: Readonly<Record<string, RegExp>> = {
  ResourceQuota: /exceeded quota: |failed quota: |insufficient quota/u,
  LimitRange: /(?:maximum|minimum) \S+ usage per |limit to request ratio/u,
}

const BY_NAME: Readonly<Record<string, RegExp>> = {
  ServiceAccount:
    /service ?account [^:]*"(?:[^"/]*\/)?([^"/]+)" not found|error looking up service account [^/]*\/([^:]+):/iu,
  PriorityClass: /no PriorityClass with name (\S+) was found/u,
  RuntimeClass: /RuntimeClass "([^"]+)" not found/u,
}

function concerns(brought: Brought, refused: Refused): boolean {
  const { ref, object } = brought
  const { message, service, parameters = [] } = refused
  if (ref.kind === 'CustomResourceDefinition') return defines(object, refused.ref)
  if (ref.kind.endsWith('WebhookConfiguration'))
    return webhooksOf(object).some((name) => message.includes(`webhook "${name}"`) || message.includes(`${name} does`))
  if (/AdmissionPolicy(?:Binding)?$/u.test(ref.kind)) return message.includes(`'${ref.name}'`)
  const serves = service !== undefined && servesIn(ref, service)
  return serves || isParameter(ref, parameters) || admits(ref, message, refused.ref.namespace)
}

/** Kinds that the API server's own admission goes by. */
function admits(ref: ObjectRef, message: string, namespace: string | undefined): boolean {
  if (ref.kind === 'Namespace') return ref.name === namespace && /violates PodSecurity|namespaces? "/u.test(message)
  if (ref.namespace !== undefined && ref.namespace !== namespace) return false
  if (NAMESPACED[ref.kind]?.test(message) === true) return true
  return BY_NAME[ref.kind]?.exec(message)?.slice(1).includes(ref.name) === true
}

/** What runs behind a webhook is its Service, or any workload beside it. */
function servesIn({ kind, namespace, name }: ObjectRef, service: string): boolean {
  if (kind === 'Service') return `${namespace ?? ''}/${name}` === service
  return (kind === 'Pod' || hasPodTemplate(kind)) && service.startsWith(`${namespace ?? ''}/`)
}

function defines(definition: KubeObject | undefined, { apiVersion, kind }: KindRef): boolean {
  const { group, names } = (definition?.['spec'] ?? {}) as { group?: string; names?: { kind?: string } }
  return group === groupOf(apiVersion) && names?.kind === kind
}

function isParameter(ref: ObjectRef, parameters: readonly PolicyParameters[]): boolean {
  return parameters.some(
    ({ apiVersion, kind, name }) =>
      groupOf(apiVersion) === groupOf(ref.apiVersion) && kind === ref.kind && (name === undefined || name === ref.name),
  )
}

function webhooksOf(configuration: KubeObject | undefined): string[] {
  const all = (configuration?.['webhooks'] ?? []) as readonly { readonly name?: string }[]
  return all.flatMap(({ name }) => name ?? [])
}

/** `ValidatingAdmissionPolicy 'p' with binding 'b' denied request: …`; undefined: no policy of the API server's own said no. */
export function denyingPolicy(message: string): { readonly policy: string; readonly binding: string } | undefined {
  const [, policy, binding] = /ValidatingAdmissionPolicy '([^']+)' with binding '([^']+)'/u.exec(message) ?? []
  return policy === undefined || binding === undefined ? undefined : { policy, binding }
}
