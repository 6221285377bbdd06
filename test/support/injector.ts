import { readFile } from 'node:fs/promises'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import type { Bao } from './bao.ts'
import { kubectl } from './cluster.ts'

interface Review {
  readonly request: {
    readonly uid: string
    readonly dryRun?: boolean
    readonly object: {
      readonly metadata: { readonly annotations?: Readonly<Record<string, string>> }
      readonly spec: { readonly initContainers?: readonly unknown[] }
    }
  }
}

export interface Injector {
  /** From now on it gives agents to pods of dry runs alone. */
  readonly forget: () => void
  /** It answers no more; it stays registered. */
  readonly stop: () => void
  readonly remove: () => Promise<void>
}

/** What Vault's agent injector does to pods of one namespace, as far as checks can see it: no program runs in a sandbox. */
export async function startInjector(namespace: string, bao: Bao): Promise<Injector> {
  const [cert, key, ca] = await Promise.all(
    [bao.tls.cert, bao.tls.key, bao.ca].map(async (file) => await readFile(file)),
  )
  let forgets = false
  const server = createServer({ cert, key }, (request, response) => {
    void json(request).then((review) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(
        JSON.stringify({
          apiVersion: 'admission.k8s.io/v1',
          kind: 'AdmissionReview',
          response: answer(review as Review, forgets),
        }),
      )
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/mutate`
  const name = `vault-agent-injector-${namespace}`
  const webhook = {
    name: 'vault.hashicorp.com',
    clientConfig: { url, caBundle: ca?.toString('base64') },
    rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['pods'] }],
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
    objectSelector: { matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['left-alone'] }] },
    failurePolicy: 'Ignore',
    sideEffects: 'None',
    admissionReviewVersions: ['v1'],
    timeoutSeconds: 5,
  }
  const registration = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata: { name },
    webhooks: [webhook],
  }
  await kubectl(['create', '-f', '-'], JSON.stringify(registration))
  const stop = (): void => {
    server.closeAllConnections()
    server.close()
  }
  return {
    forget: () => {
      forgets = true
    },
    stop,
    async remove() {
      stop()
      await kubectl(['delete', 'mutatingwebhookconfiguration', name])
    },
  }
}

function answer({ request: { uid, dryRun, object } }: Review, forgets: boolean): object {
  if (forgets && dryRun !== true) return { uid, allowed: true }
  const { annotations = {} } = object.metadata
  if (annotations['vault.hashicorp.com/agent-inject'] !== 'true') return { uid, allowed: true }
  if (annotations['vault.hashicorp.com/role'] === undefined)
    return { uid, allowed: false, status: { message: 'error creating new agent sidecar: no Vault role found' } }
  const agent = { name: 'vault-agent-init', image: 'example.test/vault:1' }
  const path = '/spec/initContainers'
  const patch =
    object.spec.initContainers === undefined
      ? [{ op: 'add', path, value: [agent] }]
      : [{ op: 'add', path: `${path}/-`, value: agent }]
  return { uid, allowed: true, patchType: 'JSONPatch', patch: Buffer.from(JSON.stringify(patch)).toString('base64') }
}
