import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { openSources } from '../../src/adapters/files/sources.ts'
import { secretMaker } from '../../src/adapters/files/secret-maker.ts'
import type { VaultAccess, VaultStore } from '../../src/vault-port.ts'
import type { Project, VaultSecretSpec } from '../../src/domain/config/model.ts'
import { judgeHomes } from '../../src/flows/vault/generate.ts'
import { startBao, type Bao } from '../support/bao.ts'
import { forge, type Ran } from '../support/forge.ts'
import { projectOf } from '../support/project.ts'
import { memoryFiles, projectPorts } from '../support/project-ports.ts'
import { sink } from '../support/secrets.ts'

let bao: Bao
const NEVER = new AbortController().signal

beforeAll(async () => {
  bao = await startBao()
})
afterAll(async () => await bao.stop())

const WRITES = `path "secret/data/rc/*" { capabilities = ["read", "create", "update"] }
path "secret/metadata/rc/*" { capabilities = ["read"] }
path "old/rc/*" { capabilities = ["read", "create", "update"] }`

const valuesAt = async (path: string, ...flags: string[]): Promise<Record<string, string>> =>
  (JSON.parse(await bao.run('kv', 'get', '-format=json', ...flags, path)) as { data: { data: Record<string, string> } })
    .data.data

async function scene(secrets: string, { policy = WRITES, namespace = '' } = {}) {
  const project = await projectOf({
    'forge.yaml': `version: 1
project: shop
environments: { test: { cluster: sandbox, namespace: shop } }
vault: { address: "${bao.address}", ca: ca.pem${namespace === '' ? '' : `, namespace: ${namespace}`} }
secrets:
${secrets}`,
    'ca.pem': await readFile(bao.ca, 'utf8'),
  })
  const env = { VAULT_TOKEN: policy === '' ? 'root' : await bao.token(policy), VAULT_ADDR: '' }
  const run = async (...args: string[]): Promise<Ran> =>
    await forge([...args, '-e', 'test', '-C', project.dir], { env })
  return { project, run, env }
}

describe('secrets generate', () => {
  test('makes what is missing in one version that keeps the rest, says no value, and makes nothing twice', async () => {
    const path = 'secret/rc/made'
    await bao.write('secret/data/rc/made', { data: { mine: 'put-here-by-hand', exact: 1 } })
    const { run } = await scene(
      `  app: { vault: ${path}, keys: [one, mine, { name: two, generate: { length: 40 } }], generate: { length: 32 } }\n`,
    )
    const first = await run('secrets', 'generate', '--offline')
    expect(first).toMatchObject({ status: 0 })
    expect(first.stdout).toContain(`one, two at ${path} in Vault, version 2`)
    const values = await valuesAt(path)
    expect(values).toMatchObject({ mine: 'put-here-by-hand', exact: 1 })
    expect([values['one']?.length, values['two']?.length]).toEqual([32, 40])
    for (const value of [values['one'] ?? '', values['two'] ?? ''])
      expect(first.stdout + first.stderr).not.toContain(value)
    const second = await run('secrets', 'generate', '--offline')
    expect(second.stdout).toContain('Nothing to make.')
    expect(await valuesAt(path)).toEqual(values)
  })

  test.each<[string, (path: string) => Promise<unknown>, RegExp]>([
    ['deleted', async (path) => await bao.run('kv', 'delete', path), /version 1 of \S+ in Vault is deleted/u],
    [
      'destroyed',
      async (path) => await bao.run('kv', 'destroy', '-versions=1', path),
      /version 1 of \S+ in Vault is destroyed/u,
    ],
  ])('a newest version that is %s is refused, not made anew', async (how, undo, message) => {
    const path = `secret/rc/${how}`
    await bao.run('kv', 'put', path, 'one=known-to-somebody')
    await undo(path)
    const { run } = await scene(`  app: { vault: ${path}, keys: [one], generate: {} }\n`)
    const { status, stderr } = await run('secrets', 'generate', '--offline')
    expect(status).toBe(3)
    expect(stderr).toMatch(message)
    expect(stderr).toContain('E_SECRET_VAULT')
    expect(stderr).toMatch(/forge\.yaml:\d+/u)
    expect(JSON.parse(await bao.run('kv', 'metadata', 'get', '-format=json', path))).toMatchObject({
      data: { current_version: 1 },
    })
  })

  test('version 1 of the engine is refused where a key is missing, and fine where none is', async () => {
    await bao.run('kv', 'put', 'old/rc/app', 'one=there')
    const whole = await scene('  app: { vault: old/rc/app, keys: [one], generate: {} }\n')
    expect(await whole.run('secrets', 'generate', '--offline')).toMatchObject({ status: 0 })
    const lacking = await scene('  app: { vault: old/rc/app, keys: [one, two], generate: {} }\n')
    const { status, stderr } = await lacking.run('secrets', 'generate', '--offline')
    expect(status).toBe(3)
    expect(stderr).toContain('which has no check-and-set')
  })

  test.each([
    ['may not read', 'path "secret/data/rc/*" { capabilities = ["update"] }', 'refuses to read secret/data/rc/closed'],
    ['may not write', 'path "secret/data/rc/*" { capabilities = ["read"] }', 'refuses to write secret/data/rc/closed'],
  ])('a token that %s is a refusal', async (_, policy, message) => {
    const { run } = await scene('  app: { vault: secret/rc/closed, keys: [one], generate: {} }\n', { policy })
    const { status, stderr } = await run('secrets', 'generate', '--offline')
    expect(status).toBe(3)
    expect(stderr).toContain(message)
  })

  test('a namespace has its own', async () => {
    await bao.run('namespace', 'create', 'team')
    await bao.run('secrets', 'enable', '-namespace=team', '-path=secret', '-version=2', 'kv')
    const { run } = await scene('  app: { vault: secret/rc/spaced, keys: [one], generate: {} }\n', {
      policy: '',
      namespace: 'team',
    })
    expect(await run('secrets', 'generate', '--offline')).toMatchObject({ status: 0 })
    expect(Object.keys(await valuesAt('secret/rc/spaced', '-namespace=team'))).toEqual(['one'])
  })

  test('--force is refused by the command that rotates', async () => {
    const { run } = await scene('  app: { vault: secret/rc/forced, keys: [one], generate: {} }\n')
    const { status, stderr } = await run('secrets', 'generate', '--offline', '--force', 'app')
    expect(status).toBe(2)
    expect(stderr).toContain('forge secrets rotate app')
  })
})

test('a way back writes, although the run is to stop', async () => {
  await bao.run('kv', 'put', 'secret/rc/stopping', 'one=1')
  const env = { VAULT_ADDR: bao.address, VAULT_CACERT: bao.ca, HOME: '/nowhere', VAULT_TOKEN: await bao.token(WRITES) }
  const run = new AbortController()
  const store = await openSources(env).vaultStore({}, run.signal)
  expect(await store.newest('secret/rc/stopping')).toMatchObject({ version: 1, state: 'there' })
  run.abort()
  await expect(store.write('secret/rc/stopping', { one: '2' }, 1)).rejects.toThrow()
  expect(await store.write('secret/rc/stopping', { one: '2' }, 1, NEVER)).toBe(2)
  expect(await store.write('secret/rc/stopping', { one: '3' }, 1, NEVER)).toBeUndefined()
})

describe('somebody else writes at the same moment', () => {
  const spec = (path: string): VaultSecretSpec => {
    const at = { file: 'forge.yaml', line: 1, column: 1 }
    return { name: 'app', path, at, keys: [{ key: 'one', optional: false, rollback: 'restore', length: 32, at }] }
  }
  const project = { dir: '/p', environment: { name: 'test' } } as unknown as Project

  /** A store before whose write another client is. */
  async function raced(path: string, other: () => Promise<unknown>) {
    const access: VaultAccess = {}
    const env = {
      VAULT_ADDR: bao.address,
      VAULT_CACERT: bao.ca,
      HOME: '/nowhere',
      VAULT_TOKEN: await bao.token(WRITES),
    }
    const real = await openSources(env).vaultStore(access, NEVER)
    const store: VaultStore = {
      ...real,
      async write(...args) {
        await other()
        return await real.write(...args)
      },
    }
    const ports = { ...projectPorts(memoryFiles({}), { store }), maker: secretMaker }
    return await (
      await judgeHomes([spec(path)], project, ports, sink())
    )()
  }

  test('and has made the same key: theirs stays', async () => {
    const path = 'secret/rc/raced'
    const made = await raced(path, async () => await bao.run('kv', 'put', path, 'one=theirs'))
    expect(made).toMatchObject([{ made: [], there: ['one'], version: 1 }])
    expect(await valuesAt(path)).toEqual({ one: 'theirs' })
  })

  test('and again: nothing is written, and that is said', async () => {
    const path = 'secret/rc/raced-twice'
    let times = 0
    const other = async () => await bao.run('kv', 'put', path, `other=${++times}`)
    await expect(raced(path, other)).rejects.toMatchObject({ code: 'E_SECRET_VAULT' })
    expect(await valuesAt(path)).toEqual({ other: '2' })
  })
})
