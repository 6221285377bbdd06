import { isMap } from '../config/path.ts'
import { groupOf, kindKey, nameOf, type ApiResource, type KubeObject } from '../kube.ts'
import { valueAt } from '../plan/field-path.ts'
import { admissionReach } from '../prediction/admission.ts'
import { selects, type Labels, type Selector } from '../selector.ts'
import { lostAddress } from './addresses.ts'
import { givenText, type Given } from './awaited.ts'
import { withoutInjection } from './fittings.ts'
import { isCustom } from './kinds.ts'
import { isIdle, type Actors } from './operators.ts'
import { mapsOf } from './forms.ts'

/** What was found of an environment. */
export interface Found {
  /** Those that are copied. */
  readonly namespaces: readonly KubeObject[]
  /** What is copied, and what tonight's deploy renders. */
  readonly objects: readonly KubeObject[]
  readonly definitions: readonly KubeObject[]
  /** Validating and mutating ones. */
  readonly webhooks: readonly KubeObject[]
  /** ValidatingAdmissionPolicies and MutatingAdmissionPolicies. */
  readonly policies: readonly KubeObject[]
  readonly resources: readonly ApiResource[]
  /** Secrets that something else makes while the deploy runs. */
  readonly given: readonly Given[]
  readonly actors: Actors
  /** Custom resources and workloads that are not ready, and that tonight's deploy may mend. */
  readonly open: readonly KubeObject[]
}

/** Sentences of what of an environment a rehearsal does not have, by what of it could matter tonight. */
export function notRehearsed(found: Found): string[] {
  const { objects, policies, definitions } = found
  const customs = objects.filter((one) => isCustom(one) && !isIdle(found.actors, one))
  const kinds = new Set(customs.map(({ apiVersion, kind }) => `${kind}.${groupOf(apiVersion)}`))
  const converted = definitions.filter((one) => valueAt(one, 'spec.conversion.strategy') === 'Webhook')
  const balanced = objects.filter((one) => one.kind === 'Service' && valueAt(one, 'spec.type') === 'LoadBalancer')
  const dual = objects.filter((one) => one.kind === 'Service' && isDual(one))
  const addressed = objects.filter((one) => lostAddress(one) !== undefined)
  return [
    ...told('no webhook is called', named(found.webhooks.filter((one) => mayMatter(one, found)))),
    ...told('policies with parameters are not copied', named(policies.filter(hasParameters))),
    ...told('mutating policies do not act', named(policies.filter(isMutating))),
    ...told('versions of custom resources are not converted', named(converted)),
    ...told('operators do not act, and what they look after is taken for ready', [...kinds]),
    ...told(OPEN, named(found.open)),
    ...told('Secrets that something makes meanwhile are made up', found.given.map(givenText)),
    ...told('pods get no agent of Vault', named(objects.filter((one) => withoutInjection(one).length > 0))),
    ...told('autoscalers have no metrics', named(objects.filter(isAutoscaler))),
    ...told('load balancers get no new address', named(balanced)),
    ...told('Services have no IPv6', named(dual)),
    ...told('addresses that Services state are of another network', named(addressed)),
    ...told('aggregated APIs are not served', named(objects.filter(({ kind }) => kind === 'APIService'))),
  ]
}

const OPEN =
  "not ready in the environment, and tonight's deploy changes them or what they name: whether that mends them is not rehearsed"

/** Whether a policy can be copied: it needs nothing beside itself. */
export function isCopied(policy: KubeObject): boolean {
  return !hasParameters(policy) && !isMutating(policy)
}

/** More names than this say nothing. */
const NAMED = 3

/** `no webhook is called: ValidatingWebhookConfiguration/kyverno, …` */
function told(what: string, names: readonly string[]): string[] {
  const all = [...new Set(names)].toSorted()
  if (all.length === 0) return []
  const more = all.length > NAMED ? `, and ${all.length - NAMED} more` : ''
  return [`${what}: ${all.slice(0, NAMED).join(', ')}${more}`]
}

function named(objects: readonly KubeObject[]): string[] {
  return objects.map(nameOf)
}

function isAutoscaler({ kind }: KubeObject): boolean {
  return kind === 'HorizontalPodAutoscaler'
}

function hasParameters(policy: KubeObject): boolean {
  return policy.kind === 'ValidatingAdmissionPolicy' && valueAt(policy, 'spec.paramKind') !== undefined
}

function isMutating({ kind }: KubeObject): boolean {
  return kind === 'MutatingAdmissionPolicy'
}

function isDual(service: KubeObject): boolean {
  const families = valueAt(service, 'spec.ipFamilies')
  return (
    valueAt(service, 'spec.ipFamilyPolicy') === 'RequireDualStack' ||
    (Array.isArray(families) && families[0] === 'IPv6')
  )
}

/** One of its webhooks may be asked about something that is made tonight. */
function mayMatter(configuration: KubeObject, { namespaces, objects, resources }: Found): boolean {
  const here = mapsOf(configuration['webhooks']).filter(({ namespaceSelector }) => {
    const selector: Selector = isMap(namespaceSelector) ? namespaceSelector : {}
    return namespaces.some(({ metadata: { name, labels } }) => selects(selector, withName(name, labels)))
  })
  return objects
    .flatMap((one) => pluralsOf(one, resources))
    .some(admissionReach([{ ...configuration, webhooks: here }]))
}

function withName(name: string, labels: Labels = {}): Labels {
  return { 'kubernetes.io/metadata.name': name, ...labels }
}

/** `deployments`, and what its controllers make. */
function pluralsOf(object: KubeObject, resources: readonly ApiResource[]): string[] {
  const own = resources.find((one) => kindKey(one) === kindKey(object))?.plural
  const below = valueAt(object, 'spec.template.spec') === undefined ? [] : ['pods', 'replicasets']
  return own === undefined ? below : [own, ...below]
}
