import { isMap } from '../config/path.ts'
import { keyOf, type KubeObject } from '../kube.ts'
import { valueAt } from '../plan/field-path.ts'
import type { KeptValue } from '../plan/preserved.ts'
import { injectionOf } from '../vault/injection.ts'

/** The API server asks no webhook whose condition is false: in a sandbox nobody would answer (ValidatingWebhook.matchConditions). */
export const NEVER_ASKED = [{ name: 'not-rehearsed', expression: 'false' }]

/**
 * What an object may not have where no operator, webhook or cloud provider is, as edits by path: of the live copies, and of what
 * is rendered, so that it is no difference.
 */
export function fittings(object: KubeObject): KeptValue[] {
  return [...withoutInjection(object), ...withoutCalls(object), ...withoutFinalizers(object), ...provisioned(object)]
}

/** Where these are edited, by `keyOf`: in one of the copies or the other. */
export function fittedPaths(objects: readonly KubeObject[]): Map<string, readonly string[]> {
  const found = objects.map((object) => [keyOf(object), fittings(object).map(({ path }) => path)] as const)
  const groups = Map.groupBy(found, ([key]) => key)
  return new Map([...groups].map(([key, paths]) => [key, paths.flatMap(([, own]) => own)]))
}

/** What provisions in a sandbox (k8s/sandbox/internal/claims). */
export const PROVISIONER = 'sandbox.forge.api-forge.io/claims'

/** A class that belongs to a release, too: else the deploy would make it anew. */
function provisioned({ kind }: KubeObject): KeptValue[] {
  return kind === 'StorageClass' ? [{ path: 'provisioner', value: PROVISIONER }] : []
}

const INJECT = "'vault.hashicorp.com/agent-inject'"

const TEMPLATES: Readonly<Record<string, string>> = {
  Deployment: 'spec.template.',
  StatefulSet: 'spec.template.',
  DaemonSet: 'spec.template.',
  ReplicaSet: 'spec.template.',
  ReplicationController: 'spec.template.',
  Job: 'spec.template.',
  CronJob: 'spec.jobTemplate.spec.template.',
  Pod: '',
}

/** Pods that ask for Vault's agent would wait for it for ever, or be called without it. */
export function withoutInjection(podTemplateOwner: KubeObject): KeptValue[] {
  const template = TEMPLATES[podTemplateOwner.kind]
  if (template === undefined) return []
  const path = `${template}metadata.annotations`
  const annotations = valueAt(podTemplateOwner, path)
  if (!isMap(annotations) || injectionOf(annotations as Record<string, string>) === undefined) return []
  return [{ path: `${path}.${INJECT}`, value: 'false' }]
}

/** Webhooks of the releases themselves: they stand there, and are not asked. */
function withoutCalls(object: KubeObject): KeptValue[] {
  switch (object.kind) {
    case 'ValidatingWebhookConfiguration':
    case 'MutatingWebhookConfiguration':
      return namesIn(object['webhooks']).map((name) => ({
        path: `webhooks[${name}].matchConditions`,
        value: NEVER_ASKED,
      }))
    case 'CustomResourceDefinition':
      return valueAt(object, 'spec.conversion.strategy') === 'Webhook'
        ? [{ path: 'spec.conversion', value: { strategy: 'None' } }]
        : []
    default:
      return []
  }
}

function namesIn(webhooks: unknown): string[] {
  const all: readonly unknown[] = Array.isArray(webhooks) ? webhooks : []
  return all.flatMap((one) => (isMap(one) && typeof one['name'] === 'string' ? [one['name']] : []))
}

const PROTECTION = /^kubernetes\.io\/pvc?-protection$/u

/** Nobody would take them away, but for those that the cluster's own controllers add themselves, and a chart may state. */
function withoutFinalizers({ metadata: { finalizers = [] } }: KubeObject): KeptValue[] {
  const own = finalizers.filter((one) => PROTECTION.test(one))
  if (own.length === finalizers.length) return []
  return [{ path: 'metadata.finalizers', ...(own.length === 0 ? {} : { value: own }) }]
}
