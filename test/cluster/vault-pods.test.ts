import { beforeAll, expect, test } from '@jest/globals'
import { forgeHere, freshNamespace, object } from '../support/cluster.ts'
import { document, type Ran } from '../support/forge.ts'
import { projectOf, type TestProject } from '../support/project.ts'

// What OpenBao itself is needed for is in test/vault. Here is no Vault, and no agent injector.

const PATH = 'secret/data/shop/web'

const WEB = `apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  selector: { matchLabels: { app: web } }
  template:
    metadata:
      labels: { app: web }
      annotations:
        vault.hashicorp.com/agent-inject: "true"
        vault.hashicorp.com/role: shop
        vault.hashicorp.com/agent-inject-secret-token: ${PATH}
    spec: { serviceAccountName: web, containers: [{ name: web, image: "example.test/web:1" }] }
`

let namespace: string
let project: TestProject

beforeAll(async () => {
  namespace = freshNamespace('vault')
  project = await projectOf({
    'forge.yaml': `version: 1
project: ${namespace}
environments: { test: { cluster: sandbox, namespace: ${namespace} } }
releases: { web: { chart: ./chart } }
secrets: { web: { vault: secret/shop/web, keys: [token], generate: { length: 32 } } }
`,
    'chart/Chart.yaml': 'apiVersion: v2\nname: web\nversion: 1.0.0\n',
    'chart/templates/web.yaml': WEB,
  })
})

const run = async (...args: string[]): Promise<Ran> => await forgeHere([...args, '-e', 'test', '-C', project.dir])

test('pods that would get no agent are refused before anything is written', async () => {
  for (const command of ['plan', 'deploy']) {
    const ran = await run(command, '--json')
    expect({ status: ran.status, ...document<{ verdict: object }>(ran) }).toMatchObject({
      status: 3,
      verdict: {
        code: 'E_VAULT_INJECTOR',
        message: expect.stringContaining('pods of Deployment/web would get no agent of Vault') as unknown,
      },
    })
  }
  expect(await object('deployment', 'web', namespace)).toBeUndefined()
})

test('the least policy and role are printed without a cluster and without a Vault', async () => {
  const ran = await run('vault', 'policy', '--json')
  expect({ status: ran.status, ...document(ran) }).toMatchObject({
    status: 0,
    roles: [
      {
        role: 'shop',
        serviceAccounts: ['web'],
        namespaces: [namespace],
        rules: [{ path: PATH, capabilities: ['read'] }],
      },
    ],
  })
  const own = await run('vault', 'policy', '--for', 'forge')
  expect(own.stdout).toContain(`path "${PATH}" { capabilities = ["read", "create", "update"] }`)
  expect(own.stdout).toContain('path "secret/metadata/shop/web" { capabilities = ["read"] }')
})

test('what lives in Vault is named where there is none: nothing is made, and nothing is applied', async () => {
  const made = await run('secrets', 'generate', '--json')
  expect({ status: made.status, ...document(made) }).toMatchObject({
    status: 3,
    verdict: { code: 'E_SOURCE_VAULT', message: expect.stringContaining('nobody says where Vault is') as unknown },
  })
  expect(await run('secrets', 'apply')).toMatchObject({ status: 0 })
  const diff = await run('secrets', 'diff')
  expect(diff.stdout.trimEnd().split('\n')).toEqual([
    'web  not compared: it lives in Vault (secret/shop/web)',
    'All secrets live in Vault: there is none to compare with the cluster.',
  ])
  expect(await object('secret', 'web', namespace)).toBeUndefined()
})
