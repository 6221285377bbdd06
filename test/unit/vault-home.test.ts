import { describe, expect, test } from '@jest/globals'
import { keysAtHome, obstacleAtHome } from '../../src/domain/vault/home.ts'
import { homeRules } from '../../src/domain/vault/least.ts'
import { isSamePath } from '../../src/domain/vault/path.ts'
import { broughtBack, journalHome, leftInVault, versionAfter } from '../../src/domain/vault/plan.ts'
import { homeMark, readerOf } from '../../src/domain/vault/readers.ts'
import { behindOf } from '../../src/domain/status/behind.ts'
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

describe('what goes back', () => {
  const [then, now] = [
    { data: { a: 'old', b: 'old', c: 'same' } },
    { data: { a: 'new', b: 'new', c: 'same', d: 'other' } },
  ]

  test('are keys to be restored that have moved; the rest stays as it is, and nothing is taken away', () => {
    expect(broughtBack(['a', 'b', 'c'], { b: 'keep' }, then, now)).toEqual({
      data: { a: 'old', b: 'new', c: 'same', d: 'other' },
      keys: ['a'],
      refused: [],
    })
  })

  test('a key that came later stays, one that may not go back is named', () => {
    expect(broughtBack(['b', 'd'], { b: 'refuse' }, then, now)).toEqual({ data: now.data, keys: [], refused: ['b'] })
  })
})

test('the journal has numbers and names, and no number where forge could not look', () => {
  const plan = { name: 'app', path: 'secret/shop/app', keys: ['a'], rules: { a: 'keep' } } as const
  const current = { engine: 2, version: 3, state: 'there' } as const
  expect(journalHome({ ...plan, now: undefined })).toEqual(plan)
  expect(journalHome({ ...plan, now: current })).toEqual({ ...plan, version: 3 })
  const write = { data: { a: 'value-of-a' }, keys: ['a'] }
  expect(journalHome({ ...plan, now: current, write })).toEqual({ ...plan, version: 4, versionBefore: 3 })
  expect(versionAfter({ now: { engine: 1, version: 0, state: 'there' } })).toBeUndefined()
  expect(versionAfter({ now: { ...current, state: 'deleted' } })).toBeUndefined()
})

test('a recovery says what a rotation that was cut off has perhaps written, and nothing of what was only read', () => {
  const home = { name: 'app', path: 'secret/shop/app', keys: ['a'], version: 4 }
  expect(leftInVault({ number: 7, vault: [home] })).toEqual([])
  expect(leftInVault({ number: 7, vault: [{ ...home, versionBefore: 3 }] })).toEqual([
    expect.stringContaining('#7 may have written secret/shop/app in Vault (v3 → v4): it stays as it is'),
  ])
})

describe('who reads a path', () => {
  const deployment = (annotations: Record<string, string>) => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: { template: { metadata: { annotations } } },
  })
  const inject = { 'vault.hashicorp.com/agent-inject': 'true' }

  test('is said by the annotations of its pods: some keys, or all', () => {
    const whole = { ...inject, 'vault.hashicorp.com/agent-inject-secret-x': 'secret/data/shop/app' }
    const template = '{{ with secret "secret/data/shop/app" }}{{ .Data.data.token }}{{ end }}'
    const one = { ...inject, 'vault.hashicorp.com/agent-inject-template-x': template }
    expect(readerOf(deployment(whole), 'secret/shop/app')).toEqual({ keys: undefined })
    expect(readerOf(deployment(one), 'secret/shop/app')).toEqual({ keys: ['token'] })
    expect(readerOf(deployment(one), 'secret/shop/other')).toBeUndefined()
    expect(readerOf(deployment({}), 'secret/shop/app')).toBeUndefined()
  })

  test('and is behind where its pods began with a version that held something else', () => {
    const pod = (noted: string) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'web-1', annotations: { [homeMark('app')]: noted } },
    })
    const none = new Map<string, never>()
    const homes = new Map([[homeMark('app'), { path: 'secret/shop/app', version: 5, same: new Set(['5', '3']) }]])
    const held = { secrets: none, configMaps: none, renderedMaps: none, homes }
    expect(['5', '3', '4'].map((noted) => behindOf(pod(noted), held))).toEqual([
      [],
      [],
      ['secret/shop/app v4, Vault holds v5'],
    ])
  })
})

test.each([
  ['secret/shop/app', 'secret/data/shop/app', 'secret/metadata/shop/app'],
  ['/secret/data/shop/app/', 'secret/data/shop/app', 'secret/metadata/shop/app'],
])('what forge may do at %s is told by the paths of the API', (path, data, metadata) => {
  expect(homeRules([path])).toMatchObject([
    { path: data, capabilities: ['read', 'create', 'update'] },
    { path: metadata, capabilities: ['read'] },
  ])
})
