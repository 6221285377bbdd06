import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { startBao, type Bao } from '../support/bao.ts'
import { forgeHere, freshNamespace, object } from '../support/cluster.ts'
import { document, type Ran } from '../support/forge.ts'
import { startInjector, type Injector } from '../support/injector.ts'
import { projectOf } from '../support/project.ts'

let bao: Bao
const injectors: Injector[] = []

beforeAll(async () => {
  bao = await startBao()
})
afterAll(async () => {
  for (const injector of injectors) await injector.remove()
  await bao.stop()
})

const WRITES = `path "secret/data/rc/*" { capabilities = ["read", "create", "update"] }
path "secret/metadata/rc/*" { capabilities = ["read"] }`
const LOOKS = 'path "secret/metadata/rc/*" { capabilities = ["read"] }'

const DEPLOYMENT = (path: string): string => `apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  selector: { matchLabels: { app: web } }
  template:
    metadata:
      labels: { app: web }
      annotations:
        vault.hashicorp.com/agent-inject: "true"
        vault.hashicorp.com/role: web
        vault.hashicorp.com/agent-inject-secret-token: ${path}
        vault.hashicorp.com/agent-inject-template-token: '{{ "{{" }} with secret "${path}" {{ "}}{{" }} .Data.data.token {{ "}}{{" }} end {{ "}}" }}'
    spec: { containers: [{ name: web, image: "example.test/web:1" }] }
`

interface Home {
  readonly token: string
  readonly version: number
}

async function scene(keys = '[token]') {
  const namespace = freshNamespace('vaulted')
  injectors.push(await startInjector(namespace, bao))
  const path = `secret/rc/${namespace}`
  const project = await projectOf({
    'forge.yaml': `version: 1
project: ${namespace}
environments: { test: { cluster: sandbox, namespace: ${namespace} } }
vault: { address: "${bao.address}", ca: ca.pem }
releases: { web: { chart: ./chart } }
secrets:
  app: { vault: ${path}, keys: ${keys}, generate: { length: 32 } }
`,
    'ca.pem': await readFile(bao.ca, 'utf8'),
    'chart/Chart.yaml': 'apiVersion: v2\nname: web\nversion: 1.0.0\n',
    'chart/templates/web.yaml': DEPLOYMENT(path.replace('/', '/data/')),
  })
  const env = { VAULT_TOKEN: await bao.token(WRITES) }
  const as = async (own: Readonly<Record<string, string>>, ...args: string[]): Promise<Ran> =>
    await forgeHere([...args, '-e', 'test', '-C', project.dir], own)
  const run = async (...args: string[]): Promise<Ran> => await as(env, ...args)
  const home = async (): Promise<Home> => {
    const { data } = JSON.parse(await bao.run('kv', 'get', '-format=json', path)) as {
      data: { data: { token: string }; metadata: { version: number } }
    }
    return { token: data.data.token, version: data.metadata.version }
  }
  const mark = async (): Promise<string | undefined> => {
    const spec = (await object('deployment', 'web', namespace))?.['spec'] as {
      template: { metadata: { annotations: Record<string, string> } }
    }
    return spec.template.metadata.annotations['forge.api-forge.io/vault-app']
  }
  return { namespace, path, project, run, as, home, mark }
}

/** Each runs the command a dozen times. */
const LONG_MS = 300_000

describe('a secret that lives in Vault', () => {
  test(
    'is made, deployed, listed, rotated and gone back from; no value is said anywhere',
    async () => {
      const { path, run, home, mark } = await scene()
      const said: Ran[] = []
      const tell = async (...args: string[]): Promise<Ran> => {
        const ran = await run(...args)
        said.push(ran)
        return ran
      }
      expect(await tell('secrets', 'generate')).toMatchObject({ status: 0 })
      const first = await home()
      expect(await tell('deploy')).toMatchObject({ status: 0 })
      expect(await mark()).toBe('1')
      const list = await tell('secrets', 'list')
      expect(list.stdout).toContain(`app  ${path} in Vault, v1`)
      expect(list.stdout).toContain('read by web v1')

      expect(await tell('secrets', 'rotate', 'app/token')).toMatchObject({ status: 0 })
      const second = await home()
      expect(second).toMatchObject({ version: 2 })
      expect(second.token).not.toBe(first.token)
      expect(await mark()).toBe('2')

      await bao.run('kv', 'patch', path, 'other=1')
      expect(document(await tell('plan', '--json'))).toMatchObject({ plan: { unchanged: true } })
      await bao.run('kv', 'patch', path, 'token=of-somebody-else')
      expect((await tell('secrets', 'list')).stdout).toContain('web v2 (old, v4 is there)')
      const status = await tell('status')
      expect(status.stdout).toContain(`${path} v2, Vault holds v4`)
      const plan = await tell('plan')
      expect(plan.stdout).toContain('app version 4 in Vault')
      expect(await tell('deploy')).toMatchObject({ status: 0 })
      expect(await mark()).toBe('4')

      expect(await tell('rollback', '2')).toMatchObject({ status: 0 })
      expect(await home()).toMatchObject({ token: second.token, version: 5 })
      expect(await mark()).toBe('2')
      expect(document(await tell('plan', '--json'))).toMatchObject({ plan: { restarts: [] } })

      for (const { stdout, stderr } of said)
        for (const value of [first.token, second.token, 'of-somebody-else'])
          expect(stdout + stderr).not.toContain(value)
    },
    LONG_MS,
  )

  test(
    'of which the old version is destroyed is not gone back to, and nothing is written',
    async () => {
      const { path, run, home, mark } = await scene()
      await run('secrets', 'generate')
      expect(await run('deploy')).toMatchObject({ status: 0 })
      expect(await run('secrets', 'rotate', 'app')).toMatchObject({ status: 0 })
      await bao.run('kv', 'destroy', '-versions=1', path)
      const { status, stderr } = await run('rollback', '1')
      expect({ status, stderr }).toMatchObject({ status: 3, stderr: expect.stringContaining('E_ROLLBACK_SECRET') })
      expect(stderr).toContain(`version 1 of ${path} in Vault is destroyed`)
      expect([await mark(), (await home()).version]).toEqual(['2', 2])
    },
    LONG_MS,
  )

  test(
    'a runner that may not look deploys, and says that it does not know; one that sees versions alone does',
    async () => {
      const { path, run, as, mark } = await scene()
      await run('secrets', 'generate')
      expect(await run('deploy')).toMatchObject({ status: 0 })
      await bao.run('kv', 'patch', path, 'token=moved-on')
      const nobody = { VAULT_TOKEN: '' }
      expect((await as(nobody, 'plan')).stdout.replaceAll(/\s+/gu, ' ')).toContain(
        `which versions Vault has of ${path}: not checked`,
      )
      expect(await as(nobody, 'deploy')).toMatchObject({ status: 0 })
      expect(await mark()).toBe('1')
      const refused = await as(nobody, 'secrets', 'rotate', 'app')
      expect(refused.status).toBe(3)
      expect(refused.stderr).toContain('E_SOURCE_VAULT')
      expect(await as({ VAULT_TOKEN: await bao.token(LOOKS) }, 'deploy')).toMatchObject({ status: 0 })
      expect(await mark()).toBe('2')
    },
    LONG_MS,
  )

  test(
    'has nothing to apply, to pull, or to compare; keys that are bound are not rotated',
    async () => {
      const { path, run } = await scene('[{ name: token, rollback: keep }]')
      await run('secrets', 'generate')
      const applied = await run('secrets', 'apply')
      expect(applied).toMatchObject({ status: 0 })
      expect(applied.stdout).toContain('All secrets live in Vault')
      expect((await run('secrets', 'diff')).stdout).toContain(`it lives in Vault (${path})`)
      expect((await run('secrets', 'pull')).stdout).toContain(`app token lives at ${path}`)
      const pulled = await run('secrets', 'pull', '--only', 'app')
      expect(pulled.status).toBe(2)
      expect(pulled.stderr).toContain(`vault kv get ${path}`)
      const rotated = await run('secrets', 'rotate', 'app')
      expect(rotated.status).toBe(3)
      expect(rotated.stderr).toContain('E_SECRET_ROTATION')
    },
    LONG_MS,
  )
})
