import { isMap } from '../config/path.ts'
import type { KubeObject } from '../kube.ts'
import { valueAt } from './field-path.ts'
import type { Preserved } from './preserved.ts'

/**
 * What a chart writes only as a place for somebody else's value. helm 3 takes the value away, helm 4 fails on it (a conflict
 * with clusterrole-aggregation-controller or a certificate injector); forge leaves it.
 */
export function filledIn(object: KubeObject): Preserved[] {
  if (object.kind === 'ClusterRole')
    return isMap(object['aggregationRule'])
      ? [{ path: 'rules', because: 'the cluster gathers them by aggregationRule', moving: true }]
      : []
  return bundlesOf(object)
    .filter((path) => isPlace(valueAt(object, path)))
    .map((path) => ({ path, because: 'the chart leaves the certificate to others', moving: true }))
}

/** Where API servers look for the certificate of whom they call. */
function bundlesOf(object: KubeObject): string[] {
  switch (object.kind) {
    case 'ValidatingWebhookConfiguration':
    case 'MutatingWebhookConfiguration':
      return namesIn(object['webhooks']).map((name) => `webhooks[${name}].clientConfig.caBundle`)
    case 'CustomResourceDefinition':
      return ['spec.conversion.webhook.clientConfig.caBundle']
    case 'APIService':
      return ['spec.caBundle']
    default:
      return []
  }
}

function namesIn(webhooks: unknown): string[] {
  const all: readonly unknown[] = Array.isArray(webhooks) ? webhooks : []
  return all.flatMap((one) => (isMap(one) && typeof one['name'] === 'string' ? [one['name']] : []))
}

/** Empty, or a line break in base64 (`Cg==`), where a field has to be stated. */
function isPlace(value: unknown): boolean {
  return typeof value === 'string' && ['', 'Cg=='].includes(value.trim())
}
