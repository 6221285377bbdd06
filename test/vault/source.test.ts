import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { openSources } from '../../src/adapters/files/sources.ts'
import type { VaultAccess } from '../../src/vault-port.ts'
import { startBao, type Bao } from '../support/bao.ts'
import { forgeHere, freshNamespace, object } from '../support/cluster.ts'
import { forge, type Ran } from '../support/forge.ts'
import { projectOf } from '../support/project.ts'
import { ForgeError } from '../../src/errors.ts'

let bao: Bao
const NEVER = new AbortController().signal

beforeAll(async () => {
  bao = await startBao()
  await bao.run('kv', 'put', 'secret/shop/app', 'password=first')
  await bao.write('secret/data/shop/typed', { data: { count: 3, on: true, nested: { a: [1] } } })
  await bao.run('kv', 'put', 'old/shop/app', 'password=of-version-1')
  await bao.run('kv', 'put', 'secret/shop/gone', 'a=1')
  await bao.run('kv', 'delete', 'secret/shop/gone')
})
afterAll(async () => await bao.stop())

const READS = 'path "secret/data/shop/*" { capabilities = ["read"] }\npath "old/shop/*" { capabilities = ["read"] }'

interface Asked {
  readonly path?: string
  readonly env?: Readonly<Record<string, string>>
  readonly access?: VaultAccess
}

/** What comes of it, or the message of the ForgeError. */
async function ask({ path = 'secret/shop/app', env = {}, access = {} }: Asked): Promise<unknown> {
  const environment = { VAULT_ADDR: bao.address, VAULT_CACERT: bao.ca, HOME: '/nowhere', ...env }
  try {
    return await openSources(environment).vault(path, access, NEVER)
  } catch (error) {
    if (!(error instanceof ForgeError)) throw error
    return `${error.code} ${error.message.replaceAll(bao.address, 'ADDRESS')}`
  }
}

describe('what is at a path', () => {
  const reader = async (): Promise<Record<string, string>> => ({ VAULT_TOKEN: await bao.token(READS) })

  test.each([
    ['version 2', 'secret/shop/app', { password: 'first' }],
    ['version 2 as its API has it', 'secret/data/shop/app', { password: 'first' }],
    ['with a slash too many', '/secret/shop/app/', { password: 'first' }],
    ['version 1', 'old/shop/app', { password: 'of-version-1' }],
    ['values of other types', 'secret/shop/typed', { count: 3, on: true, nested: { a: [1] } }],
  ])('%s', async (_, path, data) => {
    expect(await ask({ path, env: await reader() })).toEqual({ kind: 'found', data })
  })

  test.each([
    ['nothing', 'secret/shop/none', `Vault at ADDRESS has nothing at secret/shop/none`],
    ['a version that is deleted', 'secret/shop/gone', 'version 1 of secret/shop/gone in Vault is deleted'],
  ])('%s', async (_, path, what) => {
    const answer = (await ask({ path, env: await reader() })) as { what: string }
    expect({ ...answer, what: answer.what.replaceAll(bao.address, 'ADDRESS') }).toEqual({ kind: 'missing', what })
  })
})

describe('what is refused', () => {
  test.each<[string, string, () => Promise<Asked>]>([
    [
      'a path that the policy leaves out',
      'refuses to read secret/data/other: the token may not, or is not valid any more',
      async () => ({ path: 'secret/other', env: { VAULT_TOKEN: await bao.token(READS) } }),
    ],
    [
      'a token that is none',
      'refuses to read secret/shop/app: the token may not, or is not valid any more',
      async () => await Promise.resolve({ env: { VAULT_TOKEN: 'made-up' } }),
    ],
    [
      'no token at all',
      'there is no token for Vault at ADDRESS: VAULT_TOKEN and ~/.vault-token are tried',
      async () => await Promise.resolve({}),
    ],
    [
      'no address',
      'nobody says where Vault is: neither VAULT_ADDR nor vault.address in forge.yaml',
      async () => await Promise.resolve({ env: { VAULT_ADDR: '' } }),
    ],
    [
      'an address that is none',
      'vault.example.com:8200 is no address of Vault',
      async () => await Promise.resolve({ env: { VAULT_ADDR: 'vault.example.com:8200' } }),
    ],
    [
      'nobody there',
      'Vault at http://127.0.0.1:1 cannot be reached (ECONNREFUSED)',
      async () => await Promise.resolve({ env: { VAULT_ADDR: 'http://127.0.0.1:1', VAULT_TOKEN: 'x' } }),
    ],
    [
      'a certificate of a CA that nobody named',
      'Vault at ADDRESS cannot be reached (UNABLE_TO_VERIFY_LEAF_SIGNATURE)',
      async () => await Promise.resolve({ env: { VAULT_CACERT: '', VAULT_TOKEN: 'x' } }),
    ],
    [
      'a CA that is not there',
      '/nowhere/ca.pem, which the connection to Vault needs, cannot be read (ENOENT)',
      async () => await Promise.resolve({ env: { VAULT_CACERT: '/nowhere/ca.pem', VAULT_TOKEN: 'x' } }),
    ],
    [
      'an engine that keeps no values',
      'cubbyhole/x in Vault at ADDRESS is of an engine of type cubbyhole, and no KV engine',
      async () => await Promise.resolve({ path: 'cubbyhole/x', env: { VAULT_TOKEN: 'root' } }),
    ],
  ])('%s', async (_, message, asked) => {
    const said = await ask(await asked())
    expect(said).toContain(message)
    expect(said).toMatch(/^E_SOURCE_VAULT /u)
  })
})

test('a token that would end during the run is renewed', async () => {
  const token = await bao.token(READS, '-ttl=60s', '-explicit-max-ttl=2h')
  const left = async (): Promise<number> =>
    (JSON.parse(await bao.run('token', 'lookup', '-format=json', token)) as { data: { ttl: number } }).data.ttl
  await bao.run('token', 'renew', '-increment=20s', token)
  expect(await left()).toBeLessThanOrEqual(20)
  expect(await ask({ env: { VAULT_TOKEN: token } })).toMatchObject({ kind: 'found' })
  expect(await left()).toBeGreaterThan(20)
})

describe('a login of forge.yaml', () => {
  const KEY = { kty: 'EC', crv: 'P-256' }
  let jwt: (claims: object) => Promise<string>
  beforeAll(async () => {
    const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: KEY.crv }, true, ['sign', 'verify'])
    const spki = Buffer.from(await crypto.subtle.exportKey('spki', pair.publicKey)).toString('base64')
    const pem = `-----BEGIN PUBLIC KEY-----\n${spki}\n-----END PUBLIC KEY-----`
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
    jwt = async (claims) => {
      const now = Math.floor(Date.now() / 1000)
      const text = `${part({ alg: 'ES256', typ: 'JWT' })}.${part({ iat: now, nbf: now - 5, exp: now + 300, ...claims })}`
      const signed = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, pair.privateKey, Buffer.from(text))
      return `${text}.${Buffer.from(signed).toString('base64url')}`
    }
    await bao.run('auth', 'enable', 'jwt')
    await bao.write('auth/jwt/config', { jwt_validation_pubkeys: [pem] })
    await bao.token(READS)
    const policies = (await bao.run('policy', 'list')).split('\n').filter((name) => /^p\d+$/u.test(name))
    await bao.write('auth/jwt/role/forge', {
      role_type: 'jwt',
      user_claim: 'sub',
      bound_audiences: ['forge'],
      token_policies: [policies.at(-1)],
    })
  })

  const login = { method: 'jwt', role: 'forge', mount: 'jwt' } as const

  test("with a pipeline's own token", async () => {
    const token = await jwt({ sub: 'pipeline', aud: 'forge' })
    expect(await ask({ access: { login: { ...login, jwt: token } } })).toEqual({
      kind: 'found',
      data: { password: 'first' },
    })
  })

  test('is refused by what Vault says, without the token', async () => {
    const token = await jwt({ sub: 'pipeline', aud: 'another' })
    const said = await ask({ access: { login: { ...login, jwt: token } } })
    expect(said).toMatch(/refuses the jwt login of role forge at auth\/jwt \(.*audience/u)
    expect(said).not.toContain(token)
  })
})

describe('a project', () => {
  async function scene() {
    const namespace = freshNamespace('vaulted')
    const project = await projectOf({
      'forge.yaml': `version: 1
project: ${namespace}
environments: { test: { cluster: sandbox, namespace: ${namespace} } }
vault: { address: "${bao.address}", ca: ca.pem }
releases: { web: { chart: ./chart, set: { colour: { vault: secret/shop/typed, key: count } } } }
secrets:
  app: { files: { password: { vault: secret/shop/app, key: password } } }
`,
      'ca.pem': await readFile(bao.ca, 'utf8'),
      'chart/Chart.yaml': 'apiVersion: v2\nname: web\nversion: 1.0.0\n',
      'chart/values.yaml': 'colour: ""\n',
      'chart/templates/pod.yaml': `apiVersion: v1
kind: Pod
metadata: { name: web }
spec: { containers: [{ name: web, image: "example.test/web:1", envFrom: [{ secretRef: { name: app } }] }] }
`,
      'chart/templates/map.yaml':
        'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: web }\ndata: { colour: {{ .Values.colour | quote }} }\n',
    })
    const env = { VAULT_TOKEN: await bao.token(READS) }
    const run = async (...args: string[]): Promise<Ran> =>
      await forgeHere([...args, '-e', 'test', '-C', project.dir], env)
    return { namespace, project, env, run }
  }

  test('has a Secret and a value out of Vault, and says neither the value nor the token anywhere', async () => {
    const { namespace, run, env } = await scene()
    const deployed = await run('deploy')
    expect(deployed).toMatchObject({ status: 0 })
    const data = (await object('secret', 'app', namespace))?.['data'] as Record<string, string>
    expect(Buffer.from(data['password'] ?? '', 'base64').toString()).toBe('first')
    expect((await object('configmap', 'web', namespace))?.['data']).toEqual({ colour: '3' })
    await bao.run('kv', 'put', 'secret/shop/app', 'password=second-of-them')
    const diff = await run('secrets', 'diff')
    expect(diff.stdout).toContain('~ password')
    expect(await run('secrets', 'apply')).toMatchObject({ status: 0 })
    for (const text of [deployed.stderr, deployed.stdout, diff.stdout, diff.stderr]) {
      expect(text).not.toContain(env.VAULT_TOKEN)
      expect(text).not.toContain('second-of-them')
    }
  })

  test('whose key is missing is refused with its line, before anything is written; validate needs no Vault', async () => {
    const { namespace, project, run } = await scene()
    await project.configure(['secrets', 'app', 'files', 'password', 'key'], 'pasword')
    const { status, stderr } = await run('deploy')
    expect(status).toBe(3)
    expect(stderr).toContain('secret/shop/app in Vault has no pasword; did you mean "password"?')
    expect(stderr).toMatch(/forge\.yaml:\d+:\d+/u)
    expect(await object('configmap', 'web', namespace)).toBeUndefined()
    expect(await forge(['validate', '-C', project.dir], { env: { VAULT_ADDR: 'http://127.0.0.1:1' } })).toMatchObject({
      status: 0,
    })
    const stranger = await run('plan', '--untrusted')
    expect(stranger.stderr).toContain('would read secret/shop/app from Vault')
  })
})
