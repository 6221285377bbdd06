import { nameOf, type KubeObject } from '../kube.ts'
import { selects, shownSelector, type Labels, type Selector } from '../selector.ts'

/** How the injector's webhook is registered. */
export interface InjectorWebhook {
  /** `MutatingWebhookConfiguration/vault-agent-injector-cfg` */
  readonly by: string
  /** Undefined: it is outside of the cluster. */
  readonly service: { readonly namespace: string; readonly name: string } | undefined
  /** Pods are made without an agent where it does not answer. */
  readonly failsOpen: boolean
  readonly namespaceSelector: Selector
  readonly objectSelector: Selector
}

interface Webhook {
  readonly name?: string
  readonly clientConfig?: { readonly service?: { readonly namespace: string; readonly name: string } }
  readonly failurePolicy?: string
  readonly namespaceSelector?: Selector
  readonly objectSelector?: Selector
}

/** As vault-k8s and the charts of Vault and OpenBao name it. */
export const WEBHOOK = 'vault.hashicorp.com'

export function injectorWebhooks(configurations: readonly KubeObject[]): InjectorWebhook[] {
  return configurations.flatMap((configuration) => {
    const webhooks = (configuration['webhooks'] ?? []) as readonly Webhook[]
    return webhooks
      .filter(({ name }) => name === WEBHOOK)
      .map(({ clientConfig, failurePolicy, namespaceSelector = {}, objectSelector = {} }) => ({
        by: nameOf(configuration),
        service: clientConfig?.service,
        failsOpen: failurePolicy === 'Ignore',
        namespaceSelector,
        objectSelector,
      }))
  })
}

/** What the injector leaves alone by itself (vault-k8s, agent-inject/handler.go). */
const LEFT_ALONE: ReadonlySet<string> = new Set(['kube-system', 'kube-public'])

/** A pod as far as a webhook chooses by it. */
export interface Chosen {
  readonly namespace: string
  /** Undefined: they are not known. */
  readonly namespaceLabels: Labels | undefined
  readonly labels: Labels | undefined
}

/** Why the API server asks no injector about such a pod, or none acts on it. Undefined: nothing of the registration keeps it from that. */
export function leftOut(
  webhooks: readonly InjectorWebhook[],
  { namespace, namespaceLabels, labels }: Chosen,
): string | undefined {
  if (webhooks.length === 0)
    return `no MutatingWebhookConfiguration of the cluster has webhook ${WEBHOOK}: Vault's agent injector is not installed`
  if (LEFT_ALONE.has(namespace)) return `the injector leaves namespace ${namespace} alone`
  const all = { 'kubernetes.io/metadata.name': namespace, ...namespaceLabels }
  const reasons = webhooks.map(({ by, namespaceSelector, objectSelector }) => {
    if (namespaceLabels !== undefined && !selects(namespaceSelector, all))
      return `${by} leaves namespace ${namespace} out (its namespaceSelector wants ${shownSelector(namespaceSelector)})`
    if (labels !== undefined && !selects(objectSelector, labels))
      return `${by} leaves such pods out (its objectSelector wants ${shownSelector(objectSelector)})`
    return undefined
  })
  return reasons.every((one) => one !== undefined) ? reasons[0] : undefined
}

/** Its agent is there: as a container, one before the others, or by the injector's own word. */
export function hasAgent({ metadata, spec }: KubeObject): boolean {
  const { containers = [], initContainers = [] } = (spec ?? {}) as {
    readonly containers?: readonly { readonly name: string }[]
    readonly initContainers?: readonly { readonly name: string }[]
  }
  if (metadata.annotations?.['vault.hashicorp.com/agent-inject-status'] !== undefined) return true
  return [...containers, ...initContainers].some(({ name }) => isAgent(name))
}

export const AGENT_INIT = 'vault-agent-init'

export function isAgent(container: string): boolean {
  return container === 'vault-agent' || container === AGENT_INIT
}
