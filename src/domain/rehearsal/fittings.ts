import { isMap, type PlainMap } from '../config/path.ts'
import { keyOf, type KubeObject } from '../kube.ts'
import { writeDocument } from '../manifest/write-yaml.ts'
import { loadHelmYaml, mapDocuments } from '../manifest/yaml.ts'
import { valueAt } from '../plan/field-path.ts'
import { withValues, type KeptValue } from '../plan/preserved.ts'
import { injectionOf } from '../vault/injection.ts'

/** The API server asks no webhook whose condition is false: in a sandbox nobody would answer (ValidatingWebhook.matchConditions). */
export const NEVER_ASKED = [{ name: 'not-rehearsed', expression: 'false' }]

/**
 * What an object may not have where no operator, webhook or cloud provider is, as edits by path: of the live copies, and of what
 * is rendered, so that it is no difference.
 */
export function fittings(object: KubeObject): KeptValue[] {
  const edits = [withoutInjection, withoutCalls, withoutFinalizers, provisioned, hookThatStays]
  return edits.flatMap((edit) => edit(object))
}

/** The same of what a record of helm says: a rollback sends it, and what is to come is compared with it. */
export function fittedManifest(text: string): string {
  return mapDocuments(text, (document) => {
    const { value } = loadHelmYaml(document)
    if (!isMap(value)) return document
    const fitted = fittedDocument(value)
    return fitted === value ? document : writeDocument(document, fitted)
  })
}

/** A list of objects, too (`kind: List`). */
function fittedDocument(value: PlainMap): PlainMap {
  const { kind, items, metadata } = value
  if (typeof kind !== 'string') return value
  if (Array.isArray(items)) {
    const all: readonly unknown[] = items
    const made = all.map((item) => (isMap(item) ? fittedDocument(item) : item))
    return made.every((item, at) => item === all[at]) ? value : { ...value, items: made }
  }
  if (!isMap(metadata)) return value
  const object = value as unknown as KubeObject
  return withValues(object, fittings(object))
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

/** Seconds. A container that is not run ends at once: helm would look for what is gone already (E_HOOK_MISSED). */
const LOOKED_AT = 10

function hookThatStays(object: KubeObject): KeptValue[] {
  if (object.kind !== 'Job' || object.metadata.annotations?.['helm.sh/hook'] === undefined) return []
  const path = 'spec.ttlSecondsAfterFinished'
  const ttl = valueAt(object, path)
  return typeof ttl === 'number' && ttl < LOOKED_AT ? [{ path, value: LOOKED_AT }] : []
}

const PROTECTION = /^kubernetes\.io\/pvc?-protection$/u

/** Nobody would take them away, but for those that the cluster's own controllers add themselves, and a chart may state. */
function withoutFinalizers({ metadata: { finalizers = [] } }: KubeObject): KeptValue[] {
  const own = finalizers.filter((one) => PROTECTION.test(one))
  if (own.length === finalizers.length) return []
  return [{ path: 'metadata.finalizers', ...(own.length === 0 ? {} : { value: own }) }]
}
