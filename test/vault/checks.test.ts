import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { openSources } from '../../src/adapters/files/sources.ts'
import { startBao, type Bao } from '../support/bao.ts'
import { freshNamespace, object } from '../support/cluster.ts'
import { document, type Ran } from '../support/forge.ts'
import { startInjector, type Injector } from '../support/injector.ts'
import { vaultScene, type Pods } from '../support/vault-scene.ts'
import { POLICIES } from '../support/vault-policies.ts'
import type { VaultExaminer } from '../../src/vault-port.ts'

let bao: Bao
const NEVER = new AbortController().signal
const namespace = freshNamespace('vaultchecks')

beforeAll(async () => {
  bao = await startBao()
  await bao.run('kv', 'put', 'secret/shop/app', 'password=first', 'pin=1')
  await bao.run('kv', 'put', 'old/shop/app', 'password=of-version-1')
  await bao.run('kv', 'put', 'secret/shop/gone', 'a=1')
  await bao.run('kv', 'delete', 'secret/shop/gone')
  await bao.run('auth', 'enable', 'kubernetes')
  await bao.write('sys/policies/acl/shop', { policy: 'path "secret/data/shop/*" { capabilities = ["read"] }' })
  await bao.write('sys/policies/acl/little', { policy: 'path "secret/data/shop/none" { capabilities = ["read"] }' })
  await role('shop', { policies: ['shop', 'nobody-made'] })
  await role('little', { policies: ['little'] })
  await role('others', { policies: ['shop'], names: ['web', 'api-*'], namespaces: ['elsewhere'] })
  await role('all', { policies: ['shop'], names: ['*'], namespaces: ['*'] })
})
afterAll(async () => await bao.stop())

async function role(
  name: string,
  {
    policies,
    names = ['web'],
    namespaces = [namespace],
  }: { policies: string[]; names?: string[]; namespaces?: string[] },
): Promise<void> {
  await bao.write(`auth/kubernetes/role/${name}`, {
    bound_service_account_names: names,
    bound_service_account_namespaces: namespaces,
    token_policies: policies,
  })
}

async function examiner(token: string): Promise<VaultExaminer> {
  const environment = { VAULT_ADDR: bao.address, VAULT_CACERT: bao.ca, VAULT_TOKEN: token, HOME: '/nowhere' }
  return await openSources(environment).examineVault({}, NEVER)
}

test.each(POLICIES)('a real server reads policies as forge does: %s', async (_, policies, leave) => {
  const names = await Promise.all(
    policies.map(async (policy, at) => {
      const name = `t${POLICIES.findIndex((row) => row[1] === policies)}-${at}`
      await bao.write(`sys/policies/acl/${name}`, { policy })
      return name
    }),
  )
  const token = await bao.run('token', 'create', '-field=token', ...names.map((name) => `-policy=${name}`))
  const capabilities = await bao.run('token', 'capabilities', token, 'secret/data/shop/app')
  expect(/\b(?:read|root)\b/u.test(capabilities) ? 'allowed' : 'denied').toBe(leave)
})

describe('what forge sees', () => {
  test('of a role, a policy and paths', async () => {
    const seen = await examiner('root')
    expect(await seen.role('kubernetes', 'others')).toEqual({
      kind: 'seen',
      value: {
        accounts: ['web', 'api-*'],
        namespaces: ['elsewhere'],
        selects: false,
        audience: undefined,
        policies: ['default', 'shop'],
      },
    })
    expect(await seen.role('kubernetes', 'none')).toEqual({ kind: 'missing' })
    expect(await seen.role('nothing-here', 'none')).toEqual({ kind: 'missing' })
    expect(await seen.policy('little')).toMatchObject({
      kind: 'seen',
      value: expect.stringContaining('shop/none') as unknown,
    })
    expect(await seen.policy('none')).toEqual({ kind: 'missing' })
    const value = { path: 'secret/data/shop/app', keys: ['password', 'pin'], engine: 'kv' }
    expect(await seen.place('secret/data/shop/app')).toEqual({ kind: 'seen', value })
    expect(await seen.place('secret/shop/app')).toEqual({ kind: 'seen', value })
    expect(await seen.place('old/shop/app')).toEqual({
      kind: 'seen',
      value: { path: 'old/shop/app', keys: ['password'], engine: 'kv' },
    })
    expect(await seen.place('secret/data/shop/none')).toEqual({ kind: 'missing' })
    expect(await seen.place('secret/data/shop/gone')).toEqual({ kind: 'missing' })
    expect(await seen.place('cubbyhole/x')).toMatchObject({ kind: 'seen', value: { keys: undefined } })
  })

  test('keys are seen by a token that may not read the values', async () => {
    const seen = await examiner(await bao.token('path "secret/subkeys/shop/*" { capabilities = ["read"] }'))
    expect(await seen.place('secret/data/shop/app')).toMatchObject({
      kind: 'seen',
      value: { keys: ['password', 'pin'] },
    })
    expect(await seen.place('secret/data/shop/none')).toEqual({ kind: 'missing' })
  })

  test('what a token may not look at is not seen, and no error', async () => {
    const seen = await examiner(await bao.token('path "secret/data/other" { capabilities = ["read"] }'))
    for (const answer of [seen.role('kubernetes', 'shop'), seen.policy('shop'), seen.place('secret/data/shop/app')])
      expect(await answer).toMatchObject({
        kind: 'unseen',
        why: expect.stringContaining("forge's token may not read") as unknown,
      })
    const nobody = await openSources({ VAULT_ADDR: 'http://127.0.0.1:1', VAULT_TOKEN: 'x' }).examineVault({}, NEVER)
    expect(await nobody.policy('shop')).toMatchObject({
      kind: 'unseen',
      why: expect.stringContaining('cannot be reached') as unknown,
    })
  })
})

const scene = async (pods: Pods, requirements = '') => await vaultScene({ bao, namespace }, pods, requirements)

interface Told {
  readonly verdict?: {
    readonly code: string
    readonly message: string
    readonly next?: string
    readonly problems?: readonly { readonly message: string }[]
  }
  readonly code?: string
  readonly message?: string
}

const notChecked = (ran: Ran): readonly string[] =>
  document<{ plan: { notChecked: readonly string[] } }>(ran).plan.notChecked
const told = (ran: Ran): Told => document<Told>(ran)

describe('pods that nothing would give an agent', () => {
  test('are refused before anything is written', async () => {
    const run = await scene({})
    const ran = await run('deploy')
    expect({ status: ran.status, ...told(ran).verdict }).toMatchObject({
      status: 3,
      code: 'E_VAULT_INJECTOR',
      message: expect.stringContaining('pods of Deployment/web would get no agent of Vault') as unknown,
    })
    expect(await object('deployment', 'web', namespace)).toBeUndefined()
  })
})

describe('with an injector', () => {
  let injector: Injector
  beforeAll(async () => {
    injector = await startInjector(namespace, bao)
  })
  afterAll(async () => await injector.remove())

  test('all that they ask for is there: they are deployed', async () => {
    const run = await scene({})
    expect(await run('deploy')).toMatchObject({ status: 0 })
    const plan = await run('plan')
    expect(notChecked(plan).filter((one) => one.includes('Vault'))).toEqual([])
  })

  test.each<[string, Pods, string, string]>([
    [
      'a role that is not there',
      { role: 'shopp' },
      'E_VAULT_ROLE',
      'role shopp in Vault, by which Deployment/web logs in, does not exist at auth/kubernetes',
    ],
    [
      'a role of others',
      { role: 'others' },
      'E_VAULT_ROLE',
      `is bound to namespace elsewhere, and not to ${namespace}`,
    ],
    [
      'a path that is not there',
      { path: 'secret/data/shop/none' },
      'E_VAULT_PATH',
      'secret/data/shop/none in Vault, which Deployment/web reads by role shop, is not there',
    ],
    ['a path whose newest version is deleted', { path: 'secret/data/shop/gone' }, 'E_VAULT_PATH', 'is not there'],
    ['a key that is not there', { key: 'pasword' }, 'E_VAULT_PATH', 'has no key pasword; did you mean "password"?'],
    [
      'a policy for another path',
      { role: 'little' },
      'E_VAULT_POLICY',
      'may not be read by role little, which has policy little',
    ],
    ['pods that the webhook leaves out', { app: 'left-alone' }, 'E_VAULT_INJECTOR', 'leaves such pods out'],
  ])('%s is refused', async (_, pods, code, message) => {
    const run = await scene(pods)
    const ran = await run('deploy')
    expect({ status: ran.status, ...told(ran).verdict }).toMatchObject({
      status: 3,
      code,
      message: expect.stringContaining(message) as unknown,
    })
  })

  test('all that is wrong is told at once', async () => {
    const run = await scene({ role: 'others', key: 'pasword' })
    const { verdict } = told(await run('deploy'))
    expect(verdict?.message).toMatch(/\(and 1 more\)$/u)
    expect(JSON.stringify(verdict)).toContain('has no key pasword')
  })

  test.each<[string, Record<string, string>, string]>([
    ['no token', {}, 'there is no token for Vault'],
    ['a token that may nothing', { VAULT_TOKEN: 'made-up' }, "forge's token may not read"],
    ['nobody there', { VAULT_ADDR: 'http://127.0.0.1:1', VAULT_TOKEN: 'x' }, 'cannot be reached'],
  ])('%s: what is not seen is not checked, and stops nothing', async (_, env, why) => {
    const run = await scene({ role: 'shopp', key: 'pasword' })
    const plan = await run('plan', env)
    expect(plan.status).toBe(0)
    const unknown = notChecked(plan)
    expect(unknown).toContainEqual(expect.stringContaining(why))
    expect(unknown).toContainEqual(expect.stringContaining('of Deployment/web'))
  })

  describe('requirements.vault', () => {
    const met =
      'requirements: { vault: { role: all, serviceAccount: web, paths: { secret/shop/app: [pin], old/shop/app: [] } } }\n'

    test('that is met says so', async () => {
      const run = await scene({}, met.replace('old/shop/app: []', 'secret/data/shop/app: []'))
      const { status, stderr } = await run('deploy')
      expect({ status, stderr }).toMatchObject({ status: 0 })
    })

    test.each<[string, string, string]>([
      ['a role', 'role: none', 'required role none of Vault does not exist at auth/kubernetes'],
      ['a mount', 'role: all, mount: k8s', 'required role all of Vault does not exist at auth/k8s'],
      ['a ServiceAccount', 'role: shop, serviceAccount: other', 'is bound to ServiceAccount web, and not to other'],
      ['a path', 'paths: { secret/shop/none: [] }', 'required secret/shop/none in Vault is not there'],
      ['a key', 'paths: { secret/shop/app: [pi] }', 'has no key pi'],
      ['what the role may read', 'role: all, paths: { old/shop/app: [] }', 'may not be read by role all'],
      [
        'an injector by name',
        'injector: vault/no-such',
        'required agent injector vault/no-such of Vault is not a workload',
      ],
    ])('refuses without %s, before anything is rendered', async (_, text, message) => {
      const run = await scene({}, `requirements: { vault: { ${text} } }\n`)
      const ran = await run('plan')
      expect(ran.status).toBe(3)
      expect(`${ran.stdout}${ran.stderr}`).toContain(message)
    })
  })

  test('pods that are made without an agent all the same end the deploy at once', async () => {
    const run = await scene({ app: 'forgotten' })
    injector.forget()
    const ran = await run('deploy')
    expect({ status: ran.status, ...told(ran).verdict }).toMatchObject({
      // What goes back gets no agent either.
      status: 5,
      code: 'E_VAULT_NOT_INJECTED',
      message: expect.stringMatching(
        /^web gets no agent of Vault: .* \(failurePolicy Ignore\), and it did not$/u,
      ) as unknown,
    })
  })

  test('an injector that answers no more is refused', async () => {
    const run = await scene({ app: 'late' })
    injector.stop()
    const ran = await run('deploy')
    expect({ status: ran.status, ...told(ran).verdict }).toMatchObject({
      status: 3,
      code: 'E_VAULT_INJECTOR',
      message: expect.stringContaining('lets pods pass where the injector does not answer') as unknown,
    })
  })
})
