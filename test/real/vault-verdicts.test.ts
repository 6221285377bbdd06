import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { projectOf, type TestProject } from '../support/project.ts'
import { currentContext, kubectl, RealNamespace } from '../support/real-cluster.ts'
import type { DeployReport } from '../../src/flows/deploy/report.ts'

/*
 * Needs Vault or OpenBao in the cluster, as vault/vault-0 with a root token in its environment, the Kubernetes method at
 * auth/kubernetes, KV version 2 at secret/, and an agent injector (docs/real-cluster.md). Forge itself is told no address and no
 * token: so nothing of Vault's side is checked before, and it is the pods that find out.
 */

let namespace: RealNamespace
let project: TestProject
let own: string

beforeEach(async () => {
  namespace = await RealNamespace.create('vault')
  own = namespace.name
  await bao(['kv', 'put', `secret/${own}`, 'password=first'])
  await grant(own, policyOf(own))
  project = await projectOf({
    'forge.yaml': `version: 1
project: ${own}
environments: { real: { cluster: { context: ${await currentContext()} }, namespace: ${own} } }
releases: { web: { chart: ./chart } }
stages: { app: { wait: [Deployment/web], timeout: 3m, grace: { vault: 12s } } }
`,
    'chart/Chart.yaml': 'apiVersion: v2\nname: web\nversion: 1.0.0\n',
    'chart/values.yaml': `role: ${own}\npath: secret/data/${own}\nfield: password\nmark: first\n`,
    'chart/templates/all.yaml': `apiVersion: v1
kind: ServiceAccount
metadata: { name: web }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  selector: { matchLabels: { app: web } }
  template:
    metadata:
      labels: { app: web }
      annotations:
        vault.hashicorp.com/agent-inject: "true"
        example.test/mark: {{ .Values.mark }}
        vault.hashicorp.com/role: {{ .Values.role }}
        vault.hashicorp.com/agent-inject-secret-app: {{ .Values.path }}
        vault.hashicorp.com/agent-inject-template-app: |
          {{ "{{" }} with secret "{{ .Values.path }}" {{ "}}" }}{{ "{{" }} .Data.data.{{ .Values.field }} {{ "}}" }}{{ "{{" }} end {{ "}}" }}
    spec:
      serviceAccountName: web
      terminationGracePeriodSeconds: 1
      containers: [{ name: web, image: "busybox:1.36", command: [sh, -c, "sleep 3600"] }]
`,
  })
})
afterEach(async () => {
  await bao(['kv', 'metadata', 'delete', `secret/${own}`])
  await namespace.remove()
})

async function bao(args: readonly string[], input = ''): Promise<string> {
  return await kubectl(['-n', 'vault', 'exec', '-i', 'vault-0', '--', 'bao', ...args], input)
}

function policyOf(name: string): { namespaces: string; policy: string } {
  return { namespaces: name, policy: `path "secret/data/${name}*" { capabilities = ["read"] }` }
}

async function grant(role: string, { namespaces, policy }: { namespaces: string; policy: string }): Promise<void> {
  await bao(['policy', 'write', role, '-'], policy)
  const bound = ['bound_service_account_names=web', `bound_service_account_namespaces=${namespaces}`]
  await bao(['write', `auth/kubernetes/role/${role}`, ...bound, `policies=${role}`])
}

/** Without an address in its environment forge asks nothing of Vault. */
async function run(
  ...more: string[]
): Promise<{ readonly status: number | undefined; readonly verdict: DeployReport['verdict'] }> {
  const { status, report } = await namespace.deploy(project, ...more)
  return { status, verdict: report.verdict }
}

test('what the agent says is the verdict, in time, with role and path', async () => {
  expect(await run()).toEqual({ status: 0, verdict: null })
  await grant(`${own}-others`, { namespaces: 'elsewhere', policy: '# Nothing.' })
  await grant(`${own}-little`, { namespaces: own, policy: 'path "secret/data/none" { capabilities = ["read"] }' })
  for (const [set, code, message] of [
    ['role=nobody-made', 'E_VAULT_INIT', 'cannot log in by role nobody-made at auth/kubernetes: invalid role name'],
    [
      `role=${own}-others`,
      'E_VAULT_INIT',
      `cannot log in by role ${own}-others at auth/kubernetes: namespace not auth`,
    ],
    [`role=${own}-little`, 'E_VAULT_INIT', `cannot read secret/data/${own} by role ${own}-little: permission denied`],
    [`path=secret/data/${own}-none`, 'E_VAULT_TEMPLATE', `finds nothing at secret/data/${own}-none (role ${own})`],
    ['field=password.deep', 'E_VAULT_TEMPLATE', `(key password of secret/data/${own}): can't evaluate field deep`],
  ] as const)
    expect(await run('--set', `web:${set}`)).toMatchObject({
      status: 4,
      verdict: { code, message: expect.stringContaining(message) as unknown },
    })
}, 600_000)

test('a policy that is taken away stops new pods, and not those that run; given back, they come', async () => {
  expect(await run()).toEqual({ status: 0, verdict: null })
  await bao(['policy', 'delete', own])
  expect(await run('--set', 'web:mark=second')).toMatchObject({
    status: 4,
    verdict: { code: 'E_VAULT_INIT', message: expect.stringContaining('permission denied') as unknown },
  })
  await grant(own, policyOf(own))
  expect(await run('--set', 'web:mark=second')).toEqual({ status: 0, verdict: null })
}, 300_000)
