import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { forge } from '../support/forge.ts'
import { KUBECONFIG, kubectl, RealNamespace } from '../support/real-cluster.ts'
import { scriptedWorker } from '../support/real-worker.ts'

// Vault's agent brings a secret, and the chart's init container looks at it; the add-on `vault`.
let namespace: RealNamespace
const server = async (args: readonly string[], input = ''): Promise<string> =>
  await kubectl(['-n', 'vault', 'exec', '-i', 'vault-0', '--', 'bao', ...args], input)

beforeAll(async () => {
  namespace = await RealNamespace.create('vault')
  const { name } = namespace
  await server(['policy', 'write', name, '-'], `path "secret/data/${name}/*" { capabilities = ["read"] }`)
  const bound = ['bound_service_account_names=temporal-worker', `bound_service_account_namespaces=${name}`]
  await server(['write', `auth/kubernetes/role/${name}`, ...bound, `policies=${name}`, 'ttl=1h'])
})
afterAll(async () => {
  const { name } = namespace
  await namespace.remove()
  await server(['delete', `auth/kubernetes/role/${name}`])
  await server(['policy', 'delete', name])
  await server(['kv', 'metadata', 'delete', `secret/${name}/shared`])
})

test('what the agent has written is looked at before the worker starts with it', async () => {
  const path = `${namespace.name}/shared`
  const project = await scriptedWorker(
    namespace,
    'echo "a key of ${#AUTH_KEY}"; trap "exit 0" TERM; while :; do sleep 1; done',
    {
      vault: {
        enabled: true,
        role: namespace.name,
        files: { auth: { path: `secret/data/${path}`, env: { AUTH_KEY: 'auth_key' } } },
        annotations: { 'agent-requests-cpu': '10m' },
      },
      verifySecrets: { enabled: true, variables: { AUTH_KEY: 16 } },
      // For the rig's stand-in of the injector, which looks for a mount and does not know the annotation of the volume's name.
      extraVolumeMounts: [
        { name: 'vault-token', mountPath: '/var/run/secrets/kubernetes.io/serviceaccount', readOnly: true },
      ],
    },
  )
  await server(['kv', 'put', `secret/${path}`, 'auth_key=-'], 'hush')
  const { status, stderr } = await forge(['deploy', '--env', 'real', '-C', project.dir, '--kubeconfig', KUBECONFIG])
  expect(status).toBe(5)
  expect(stderr.replace(/\s+/gu, ' ')).toContain(
    `fatal: AUTH_KEY has fewer than 16 characters (Vault, secret/data/${path}, key auth_key)`,
  )
  expect(stderr).not.toContain('hush')

  await server(['kv', 'put', `secret/${path}`, 'auth_key=-'], "it's long enough")
  await namespace.kubectl(['delete', 'pods', '--all', '--wait=false'])
  expect(await namespace.deploy(project)).toMatchObject({ status: 0, report: { outcome: 'unchanged', verdict: null } })
  const [pod] = await namespace.pods()
  expect(pod?.status.initContainerStatuses?.map(({ name }) => name)).toEqual(['vault-agent-init', 'verify-secrets'])
  expect(await namespace.kubectl(['logs', 'deployment/temporal-worker', '-c', 'temporal-worker'])).toBe('a key of 16')
}, 200_000)
