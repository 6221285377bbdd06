import { describe, expect, test } from '@jest/globals'
import { confinedSources } from '../../src/adapters/files/confined-ports.ts'
import { openSources } from '../../src/adapters/files/sources.ts'
import { parseSource } from '../../src/domain/sources/sources.ts'
import { refuseUnknown } from '../../src/flows/export/refused.ts'
import type { VaultAccess } from '../../src/vault-port.ts'
import { failure } from '../support/project-ports.ts'
import { resolve } from '../support/secrets.ts'

/** What the real server answers is in test/vault. */
const SECRETS = '  app: { files: { password: { vault: secret/shop/app, key: password } } }\n'
const HELD = { 'secret/shop/app': { password: 'of the vault', pin: 1234 } }

describe('values out of Vault', () => {
  test('are taken by their key, masked, and typed as they are', async () => {
    const text = `${SECRETS}  pin: { files: { pin: { vault: secret/shop/app, key: pin } } }\n`
    const { secrets, redact } = await resolve(text, {}, { vault: HELD })
    const bytes = secrets.flatMap(({ keys }) =>
      [...keys.values()].map((one) => ('bytes' in one ? one.bytes : undefined)),
    )
    expect(bytes.map((one) => new TextDecoder().decode(one))).toEqual(['of the vault', '1234'])
    expect(redact.values).toContain('of the vault')
  })

  test('a pattern of keys is filled in', async () => {
    const text = '  app: { each: { vault: "secret/shop/app", key: "{key}" }, keys: [password, pin] }\n'
    const { secrets } = await resolve(text, {}, { vault: HELD })
    expect(secrets.flatMap(({ keys }) => [...keys.keys()])).toEqual(['password', 'pin'])
  })

  test.each([
    [
      'a path',
      SECRETS,
      {},
      'forge.yaml:6:29: Vault has nothing at secret/shop/app (needed by secret app, key password)',
    ],
    [
      'a key',
      SECRETS.replace('key: password', 'key: pasword'),
      HELD,
      'forge.yaml:6:29: secret/shop/app in Vault has no pasword; did you mean "password"? (needed by secret app, key password)',
    ],
  ])('%s that is not there is missing', async (_, text, vault, message) => {
    const error = await failure(resolve(text, {}, { vault }))
    expect({ code: error.code, message: error.message }).toEqual({ code: 'E_SECRET_SOURCE', message })
  })
})

describe('what forge.yaml says of Vault reaches it', () => {
  const settings = (auth: string): string =>
    `${SECRETS}vault:\n  address: https://vault.test:8200\n  namespace: team\n  ca: "ca.{env}.pem"\n  auth: ${auth}\n`
  const asked = async (auth: string, env: Readonly<Record<string, string>> = {}): Promise<VaultAccess | undefined> => {
    const found: VaultAccess[] = []
    await resolve(settings(auth), {}, { vault: HELD, asked: found, env })
    return found[0]
  }
  const base = { address: 'https://vault.test:8200', namespace: 'team', ca: '/p/ca.dev.pem' }

  test('an environment has one of its own', async () => {
    const found: VaultAccess[] = []
    const text = `${SECRETS}vault: { address: https://vault.test }\n`
    const own = 'environments:\n  dev: { vault: { address: https://dev.vault.test },'
    await resolve(text, {}, { vault: HELD, asked: found }, (yaml) => yaml.replace('environments:\n  dev: {', own))
    expect(found.map(({ address }) => address)).toEqual(['https://dev.vault.test'])
  })

  test('with the token of the pipeline', async () => {
    expect(await asked('{ method: jwt, role: r, jwt: { env: VAULT_JWT } }', { VAULT_JWT: ' a.b.c\n' })).toEqual({
      ...base,
      login: { method: 'jwt', role: 'r', mount: 'jwt', jwt: 'a.b.c' },
    })
  })

  test('without it nobody logs in', async () => {
    expect(await asked('{ method: jwt, role: r, jwt: { env: VAULT_JWT } }')).toEqual({ ...base, login: undefined })
  })

  test('of a pod, where the method is mounted', async () => {
    expect(await asked('{ method: kubernetes, role: r, mount: k8s/eu }')).toEqual({
      ...base,
      login: { method: 'kubernetes', role: 'r', mount: 'k8s/eu', jwt: undefined },
    })
  })

  test.each([
    ['a token in the file', '{ method: jwt, role: r, jwt: { literal: a.b.c } }', /must not have the token itself/u],
    ['no token for jwt', '{ method: jwt, role: r }', /must say with "jwt" where the token of the pipeline is/u],
    ['another method', '{ method: approle, role: r }', /must be jwt or kubernetes/u],
  ])('%s is refused', async (_, auth, message) => {
    const error = await failure(resolve(settings(auth), {}, { vault: HELD }))
    expect(error.message).toMatch(message)
  })

  test('an address without a scheme is refused', async () => {
    const error = await failure(resolve(`${SECRETS}vault: { address: "vault.test:8200" }\n`, {}, { vault: HELD }))
    expect(error.message).toMatch(/must be an address such as https:/u)
  })
})

test("a stranger's checkout asks no Vault", async () => {
  const sources = confinedSources(openSources({ VAULT_TOKEN: 'x' }), { variables: [] })
  const error = await failure(sources.vault('secret/shop/app', {}, new AbortController().signal))
  expect({ code: error.code, message: error.message }).toEqual({
    code: 'E_UNTRUSTED',
    message: 'would read secret/shop/app from Vault',
  })
})

test("a stranger's checkout neither looks into a Vault that it names, nor writes there", async () => {
  const sources = confinedSources(openSources({ VAULT_TOKEN: 'x' }), { variables: [] })
  const access = { address: 'https://127.0.0.1:1' }
  const error = await failure(sources.vaultStore(access, new AbortController().signal))
  const why = 'a checkout that is not trusted asks nothing of Vault'
  expect({ code: error.code, message: error.message }).toEqual({ code: 'E_SOURCE_VAULT', message: why })
  const examiner = await sources.examineVault(access, new AbortController().signal)
  for (const seen of [examiner.where(), examiner.role('kubernetes', 'a'), examiner.policy('a'), examiner.place('a')])
    expect(await seen).toEqual({ kind: 'unseen', why })
})

test('an export has no value of it in the clear', async () => {
  const at = { file: 'forge.yaml', line: 4, column: 3 }
  const source = parseSource({ vault: 'secret/shop/app', key: 'pin' }, at)
  const project = { releases: [{ name: 'web', set: [{ path: ['pin'], source }] }], images: [] }
  const error = await failure(Promise.resolve().then(() => refuseUnknown(project as never)))
  expect({ code: error.code, message: error.message }).toEqual({
    code: 'E_EXPORT',
    message: 'forge.yaml:4:3: set pin of release web comes from Vault, and would stand in the export in the clear',
  })
})
