import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { document, forge, type Ran } from '../support/forge.ts'
import { projectOf, type TestProject } from '../support/project.ts'
import { currentContext, kube, kubectl, KUBECONFIG, print, RealNamespace } from '../support/real-cluster.ts'
import { smallFiles, type Manifest } from '../support/small.ts'

/** An image with a shell and busybox's httpd. Vault (or OpenBao) with its injector is in the namespace `vault`. */
const IMAGE = process.env['FORGE_TEST_SHELL_IMAGE'] ?? 'busybox:1.36'
const LABELS = { 'app.kubernetes.io/name': 'web' }

/** Serves what it read at its start; with a pin it starts for that value alone. */
const SERVE = `token=$(cat /vault/secrets/token) pin=$(cat /vault/secrets/pin)
[ -z "$pin" ] || [ "$pin" = "$token" ] || { echo "the token is not the pinned one"; exit 1; }
mkdir -p /tmp/www && printf %s "$token" > /tmp/www/index.html
exec httpd -f -p 8080 -h /tmp/www`

let namespace: RealNamespace
let project: TestProject
let path: string
let env: Readonly<Record<string, string>>

const bao = async (args: readonly string[], input?: string): Promise<string> =>
  await kubectl(['-n', 'vault', 'exec', '-i', 'vault-0', '--', 'bao', ...args], input)

const run = async (...args: string[]): Promise<Ran> =>
  await forge([...args, '-e', 'test', '-C', project.dir, '--kubeconfig', KUBECONFIG], { env })

interface Content {
  readonly data: { readonly token: string; readonly pin?: string }
  readonly metadata: { readonly version: number }
}

async function content(): Promise<Content> {
  return (JSON.parse(await bao(['kv', 'get', '-format=json', path])) as { data: Content }).data
}

function objects(): Manifest[] {
  const template = (key: string): string =>
    `{{- with secret "${path.replace('/', '/data/')}" -}}{{ if .Data.data.${key} }}{{ .Data.data.${key} }}{{ end }}{{- end -}}`
  const annotations = {
    'vault.hashicorp.com/agent-inject': 'true',
    'vault.hashicorp.com/role': namespace.name,
    'vault.hashicorp.com/agent-inject-secret-token': path.replace('/', '/data/'),
    'vault.hashicorp.com/agent-inject-template-token': `{{- with secret "${path.replace('/', '/data/')}" -}}{{ .Data.data.token }}{{- end -}}`,
    'vault.hashicorp.com/agent-inject-secret-pin': path.replace('/', '/data/'),
    'vault.hashicorp.com/agent-inject-template-pin': template('pin'),
  }
  const container = {
    name: 'web',
    image: IMAGE,
    imagePullPolicy: 'IfNotPresent',
    command: ['sh', '-c', SERVE],
    ports: [{ name: 'http', containerPort: 8080 }],
    readinessProbe: { httpGet: { path: '/', port: 8080 }, periodSeconds: 1 },
    lifecycle: { preStop: { exec: { command: ['sleep', '3'] } } },
  }
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'web' } },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web' },
      spec: { selector: LABELS, ports: [{ name: 'http', port: 8080 }] },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web' },
      spec: {
        replicas: 2,
        strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
        selector: { matchLabels: LABELS },
        template: {
          metadata: { labels: LABELS, annotations },
          spec: { serviceAccountName: 'web', terminationGracePeriodSeconds: 5, containers: [container] },
        },
      },
    },
  ]
}

beforeAll(async () => {
  namespace = await RealNamespace.create('vaulthome')
  path = `secret/${namespace.name}/web`
  const service = ['-n', 'vault', 'get', 'service', 'vault', '-o', 'jsonpath={.spec.clusterIP}']
  const { stdout: address, exitCode } = await kube(service, { reject: false })
  if (exitCode !== 0)
    throw new Error('no Service vault in the namespace vault: docs/real-cluster.md says what is needed')
  const inside = namespace.name
  const [reads, writes] = [`${inside}-pods`, `${inside}-forge`]
  await bao(['policy', 'write', reads, '-'], `path "secret/data/${inside}/*" { capabilities = ["read"] }`)
  await bao(
    ['policy', 'write', writes, '-'],
    `path "secret/data/${inside}/*" { capabilities = ["read", "create", "update"] }
path "secret/metadata/${inside}/*" { capabilities = ["read"] }`,
  )
  const bound = [`bound_service_account_names=web`, `bound_service_account_namespaces=${inside}`]
  await bao(['write', `auth/kubernetes/role/${inside}`, ...bound, `policies=${reads}`, 'ttl=1h'])
  const token = await bao(['token', 'create', `-policy=${writes}`, '-field=token', '-ttl=1h'])
  env = { VAULT_ADDR: `http://${address}:8200`, VAULT_TOKEN: token }
  const cluster = { context: await currentContext() }
  project = await projectOf(smallFiles({ cluster, namespace: namespace.name, pullCheck: 'skip' }, objects()))
  await project.configure(['secrets'], { app: { vault: path, keys: ['token'], generate: { length: 32 } } })
}, 60_000)
afterAll(async () => {
  await namespace.remove()
  await bao(['kv', 'metadata', 'delete', path])
  await bao(['delete', `auth/kubernetes/role/${namespace.name}`])
  for (const name of ['pods', 'forge']) await bao(['policy', 'delete', `${namespace.name}-${name}`])
})

async function served(): Promise<string> {
  const address = await namespace.kubectl(['get', 'service', 'web', '-o', 'jsonpath={.spec.clusterIP}'])
  return await (await fetch(`http://${address}:8080/`, { headers: { connection: 'close' } })).text()
}

/** Asks all the time while the work is done; what was not answered well is told. */
async function underTraffic(work: () => Promise<Ran>): Promise<{ ran: Ran; sent: number; failed: string[] }> {
  const address = await namespace.kubectl(['get', 'service', 'web', '-o', 'jsonpath={.spec.clusterIP}'])
  const failed: string[] = []
  let [sent, isOver] = [0, false]
  const asking = (async () => {
    while (!isOver) {
      sent += 1
      try {
        const answer = await fetch(`http://${address}:8080/`, { headers: { connection: 'close' } })
        if (answer.status !== 200 || (await answer.text()) === '') failed.push(String(answer.status))
      } catch (error) {
        failed.push(String(error))
      }
    }
  })()
  const ran = await work()
  isOver = true
  await asking
  return { ran, sent, failed }
}

async function mark(): Promise<string> {
  const where = String.raw`jsonpath={.spec.template.metadata.annotations.forge\.api-forge\.io/vault-app}`
  return await namespace.kubectl(['get', 'deployment', 'web', '-o', where])
}

test('a secret that lives in Vault is made, deployed, read by the pods, rotated without a failed request, and rolled back', async () => {
  const generated = await run('secrets', 'generate')
  expect(generated).toMatchObject({ status: 0 })
  const first = await content()
  expect(first).toMatchObject({ data: { token: expect.stringMatching(/^\w{32}$/u) }, metadata: { version: 1 } })

  expect(await run('deploy')).toMatchObject({ status: 0 })
  expect(await served()).toBe(first.data.token)
  expect(await mark()).toBe('1')

  const { ran, sent, failed } = await underTraffic(async () => await run('secrets', 'rotate', 'app/token', '--yes'))
  print(`rotated under ${sent} requests, ${failed.length} failed`)
  expect(ran).toMatchObject({ status: 0 })
  expect(failed).toEqual([])
  const second = await content()
  expect(second.metadata.version).toBe(2)
  expect(second.data.token).not.toBe(first.data.token)
  expect([await served(), await mark()]).toEqual([second.data.token, '2'])
  expect(document(await run('plan', '--json'))).toMatchObject({ plan: { unchanged: true } })

  expect(await run('rollback', '1', '--yes')).toMatchObject({ status: 0 })
  const third = await content()
  expect(third).toMatchObject({ data: { token: first.data.token }, metadata: { version: 3 } })
  expect(await served()).toBe(first.data.token)
  // The same values under another number restart nobody.
  expect(document(await run('plan', '--json'))).toMatchObject({ plan: { restarts: [] } })

  for (const { stdout, stderr } of [generated, ran])
    for (const value of [first.data.token, second.data.token, env['VAULT_TOKEN'] ?? ''])
      expect(stdout + stderr).not.toContain(value)
}, 300_000)

test('a rotation whose pods do not become ready leaves Vault with the values that it had', async () => {
  const { token } = (await content()).data
  await bao(['kv', 'put', path, `token=${token}`, `pin=${token}`])
  const moved = await run('deploy')
  expect(moved).toMatchObject({ status: 0 })
  const { version } = (await content()).metadata
  expect(await mark()).toBe(String(version))
  const rotated = await run('secrets', 'rotate', 'app', '--yes')
  expect(rotated.status).toBe(4)
  expect(await content()).toMatchObject({ data: { token, pin: token }, metadata: { version: version + 2 } })
  expect([await served(), await mark()]).toEqual([token, String(version)])
  expect(document(await run('plan', '--json'))).toMatchObject({ plan: { restarts: [] } })
}, 300_000)
