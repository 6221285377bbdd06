import { describe, expect, test } from '@jest/globals'
import { keysAtHome, obstacleAtHome } from '../../src/domain/vault/home.ts'
import { isSamePath } from '../../src/domain/vault/path.ts'
import { refusedIn } from '../../src/domain/trust/refused.ts'
import { loadProject } from '../../src/flows/project/load.ts'
import { failure, memoryFiles, projectPorts } from '../support/project-ports.ts'
import { head } from '../support/secrets.ts'

const load = async (secrets: string) =>
  await loadProject(projectPorts(memoryFiles({ 'forge.yaml': `${head}${secrets}` })), { dir: '/p' })

describe('a secret that lives in Vault', () => {
  test('has its keys with what the whole says, and what each says for itself', async () => {
    const { secrets, vaultSecrets } = await load(`  app:
    vault: secret/shop/app
    keys: [one, { name: two, rollback: keep, generate: { length: 40 } }, { name: three, generate: false }]
    generate: {}
`)
    expect(secrets).toEqual([])
    expect(vaultSecrets).toMatchObject([
      {
        name: 'app',
        path: 'secret/shop/app',
        keys: [
          { key: 'one', rollback: 'restore', length: 32 },
          { key: 'two', rollback: 'keep', length: 40 },
          { key: 'three', rollback: 'restore' },
        ],
      },
    ])
    expect(vaultSecrets?.[0]?.keys[2]).not.toHaveProperty('length')
  })

  test.each([
    ['type: tls', 'app.type does not go with "vault"'],
    ['each: "{key}.txt"', 'app.each does not go with "vault"'],
    ['files: { b: b.txt }', 'app.files does not go with "vault"'],
    ['cert: c.pem', 'app.cert does not go with "vault"'],
    ['config: c.json', 'app.config does not go with "vault"'],
    ['keep: true', 'app.keep does not go with "vault"'],
    ['generate: { ca: certs }', 'app.generate.ca does not go with "vault"'],
    ['keys: [a, a]', 'names "a" a second time'],
    ['keys: []', 'needs "keys" beside "vault"'],
    ['vault: app', 'must be a path in a KV engine'],
  ])('%s is refused with its line', async (more, message) => {
    const lines = ['vault: secret/shop/app', 'keys: [a]'].filter((line) => line.split(':')[0] !== more.split(':')[0])
    const { message: text } = await failure(load(`  app:\n${[...lines, more].map((line) => `    ${line}\n`).join('')}`))
    expect(text).toMatch(/forge\.yaml:\d+:\d+/u)
    expect(text).toContain(message)
  })

  test('two of one path are refused', async () => {
    const { message: text } = await failure(
      load('  app: { vault: secret/shop/app, keys: [a] }\n  web: { vault: secret/data/shop/app, keys: [b] }\n'),
    )
    expect(text).toContain('secrets.web.vault is the path of secret "app", too')
  })

  test('is not read for a stranger', async () => {
    const project = await load('  app: { vault: secret/shop/app, keys: [a] }\n')
    const allowance = { variables: [], charts: [], builds: false, choosesCluster: false }
    expect(refusedIn(project, allowance)).toMatchObject([
      { message: 'would read secret/shop/app from Vault (secret app)', at: { line: expect.any(Number) } },
    ])
  })
})

test.each([
  ['secret/shop/app', 'secret/shop/app', true],
  ['secret/shop/app', 'secret/data/shop/app', true],
  ['/secret/shop/app/', 'secret/data/shop/app', true],
  ['team/kv/app', 'team/kv/data/app', true],
  ['secret/shop/app', 'secret/shop/apps', false],
  ['secret/shop/data', 'secret/shop', false],
])('%s and %s: %s', (one, other, same) => {
  expect(isSamePath(one, other)).toBe(same)
  expect(isSamePath(other, one)).toBe(same)
})

const at = { file: 'forge.yaml', line: 3, column: 3 }
const spec = {
  name: 'app',
  path: 'secret/shop/app',
  at,
  keys: [
    { key: 'a', optional: false, rollback: 'restore', length: 32, at },
    { key: 'b', optional: false, rollback: 'restore', at },
    { key: 'c', optional: true, rollback: 'restore', at },
  ],
} as const

test('a key that is there, and be it empty, is none to make', () => {
  expect(keysAtHome(spec, { data: { a: '' } })).toEqual({ there: ['a'], toMake: new Map(), notMade: ['b'] })
  expect(keysAtHome(spec, { data: {} })).toEqual({ there: [], toMake: new Map([['a', 32]]), notMade: ['b'] })
})

test.each([
  [{ engine: 2, version: 3, state: 'there' }, undefined],
  [{ engine: 2, version: 0, state: 'nothing' }, undefined],
  [{ engine: 2, version: 3, state: 'deleted' }, 'version 3 of secret/shop/app in Vault is deleted'],
  [{ engine: 2, version: 3, state: 'destroyed' }, 'version 3 of secret/shop/app in Vault is destroyed'],
  [{ engine: 1, version: 0, state: 'nothing' }, 'has no check-and-set'],
] as const)('what keeps forge from writing beside %j', (version, message) => {
  const problem = obstacleAtHome(spec, version)
  if (message === undefined) expect(problem).toBeUndefined()
  else expect(problem?.message).toContain(message)
})
