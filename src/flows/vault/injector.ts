import { lackOf } from '../../domain/requirements/judge.ts'
import { selects, type Labels, type Selector } from '../../domain/selector.ts'
import { injectorWebhooks, leftOut, type Chosen, type InjectorWebhook } from '../../domain/vault/webhook.ts'
import type { KubeObject } from '../../domain/kube.ts'
import type { ClusterReader } from '../../ports.ts'
import { kubectl, type Hint } from '../../hint.ts'
import { unlessForbidden } from '../unless-forbidden.ts'

type Cluster = Pick<ClusterReader, 'get' | 'list'>

/** How Vault's agent injector stands, as far as it may be looked at. */
export interface InjectorState {
  /** Undefined: they may not be seen. */
  readonly webhooks: readonly InjectorWebhook[] | undefined
  /** Why none of its pods answers, in a clause; undefined: one does, or that is not known. */
  readonly down: string | undefined
  /** Its Deployments were found and seen. */
  readonly isKnown: boolean
}

const CONFIGURATIONS = { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'MutatingWebhookConfiguration' }
const DEPLOYMENTS = { apiVersion: 'apps/v1', kind: 'Deployment' }

export const WEBHOOKS_HINT: Hint = kubectl(['get', 'mutatingwebhookconfigurations'])

/** Three requests at most: the registrations, the Service that they name, and the Deployments beside it. */
export async function injectorState(cluster: Cluster, signal: AbortSignal): Promise<InjectorState> {
  const configurations = await unlessForbidden(cluster.list(CONFIGURATIONS, {}, signal))
  if (configurations === undefined) return { webhooks: undefined, down: undefined, isKnown: false }
  const webhooks = injectorWebhooks(configurations)
  const states = await Promise.all(webhooks.map(async ({ service }) => await behind(service, cluster, signal)))
  const isUp = states.some((one) => one?.down === undefined)
  return { webhooks, down: isUp ? undefined : states[0]?.down, isKnown: states.every((one) => one !== undefined) }
}

/** Undefined: it is not known. */
async function behind(
  service: InjectorWebhook['service'],
  cluster: Cluster,
  signal: AbortSignal,
): Promise<{ readonly down: string | undefined } | undefined> {
  if (service === undefined) return undefined
  const { namespace, name } = service
  const found = await unlessForbidden(
    Promise.all([
      cluster.get({ apiVersion: 'v1', kind: 'Service', namespace, name }, signal),
      cluster.list(DEPLOYMENTS, { namespace }, signal),
    ]),
  )
  if (found === undefined) return undefined
  const [live, deployments] = found
  if (live === undefined)
    return { down: `Service ${name} in namespace ${namespace}, which the webhook asks, does not exist` }
  const lack = lackOf(deployments.filter((one) => isBehind(live, one)))
  if (lack === undefined) return { down: undefined }
  if (lack === 'none')
    return { down: `no Deployment is behind Service ${name} in namespace ${namespace}, which the webhook asks` }
  return { down: `${lack.where} ${lack.why}` }
}

function isBehind({ spec }: KubeObject, deployment: KubeObject): boolean {
  const { selector } = (spec ?? {}) as { readonly selector?: Labels }
  const { template } = (deployment['spec'] ?? {}) as {
    readonly template?: { readonly metadata?: { readonly labels?: Labels } }
  }
  const matchLabels: Selector = { matchLabels: selector ?? {} }
  return selector !== undefined && selects(matchLabels, template?.metadata?.labels ?? {})
}

/** Why a pod with the annotations has, or would have, no agent, as far as it can be looked up. */
export async function whyNoAgent(
  cluster: Cluster,
  pod: Omit<Chosen, 'namespaceLabels'>,
  signal: AbortSignal,
): Promise<string | undefined> {
  const [state, namespace] = await Promise.all([
    injectorState(cluster, signal),
    unlessForbidden(cluster.get({ apiVersion: 'v1', kind: 'Namespace', name: pod.namespace }, signal)),
  ])
  const { webhooks, down } = state
  if (webhooks === undefined) return undefined
  const labels = namespace === undefined ? undefined : (namespace.metadata.labels ?? {})
  const left = leftOut(webhooks, { ...pod, namespaceLabels: labels })
  if (left !== undefined) return left
  const [webhook] = webhooks
  if (down === undefined) {
    return webhook?.failsOpen === true
      ? `${webhook.by} lets pods pass where the injector does not answer (failurePolicy Ignore), and it did not`
      : undefined
  }
  return webhook?.failsOpen === true
    ? `${down}, and ${webhook.by} lets pods pass without it (failurePolicy Ignore)`
    : down
}
