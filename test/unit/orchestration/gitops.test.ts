import { describe, expect, test } from '@jest/globals'
import { refOf, type KubeObject, type ObjectRef } from '../../../src/domain/kube.ts'
import type { Run } from '../../support/fake-cluster/run.ts'
import { Killed } from '../../support/fake-cluster/run.ts'
import { restarts, rotates } from '../../support/fake-cluster/secret-flows.ts'
import { Shop } from '../../support/fake-cluster/shop.ts'
import { strikeWhere } from '../../support/fake-cluster/faults.ts'
import type { ForgeError } from '../../../src/errors.ts'

const LOGIN = { login: { files: { password: 'login.txt' }, generate: { length: 30 } } }
const one = new Shop()
await one.run().deploy()
const two = one.copy().change()
await two.run().deploy()

const FLUX = { 'kustomize.toolkit.fluxcd.io/name': 'apps', 'kustomize.toolkit.fluxcd.io/namespace': 'flux-system' }
const at = (apiVersion: string, kind: string, name: string): ObjectRef => ({
  apiVersion,
  kind,
  namespace: 'shop',
  name,
})
const BASE = at('apps/v1', 'Deployment', 'base')

function marked(shop: Shop, ref: ObjectRef, labels: Record<string, string> = FLUX): Shop {
  const found = shop.cluster.see(ref)
  if (found === undefined) throw new Error(`there is no ${ref.name}`)
  shop.cluster.store.put({ ...found, metadata: { ...found.metadata, labels: { ...found.metadata.labels, ...labels } } })
  return shop
}

/** All that is there, with its resourceVersion. */
function versions(shop: Shop): string[] {
  const own = shop.cluster.store.all().filter(({ kind }) => kind !== 'Lease')
  return own.map(({ kind, metadata }) => `${kind}/${metadata.name} ${metadata.resourceVersion ?? ''}`)
}

async function codeOf(flow: Promise<{ readonly error: ForgeError | undefined }>): Promise<ForgeError | undefined> {
  try {
    return (await flow).error
  } catch (error) {
    if (error instanceof Killed) throw error
    return error as ForgeError
  }
}

const COMMANDS: Readonly<Record<string, (run: Run) => Promise<{ readonly error: ForgeError | undefined }>>> = {
  deploy: async (run) => await run.deploy(),
  rollback: async (run) => await run.rollback(),
  uninstall: async (run) => await run.uninstall(),
  'secrets apply --restart': restarts,
  'secrets rotate': async (run) => (await rotates(run)).end,
}

const WHERE: Readonly<Record<string, ObjectRef>> = {
  'Deployment/base': BASE,
  'Namespace/shop': { apiVersion: 'v1', kind: 'Namespace', name: 'shop' },
  'Secret/sh.helm.release.v1.base.v2': at('v1', 'Secret', 'sh.helm.release.v1.base.v2'),
}

describe.each(Object.keys(WHERE))('with the marks of Flux on %s', (name) => {
  test.each(Object.keys(COMMANDS))('%s is refused, and nothing is written', async (command) => {
    const shop = marked(two.copy().write('login.txt', 'a-third-password-long-enough'), WHERE[name] ?? BASE)
    if (command === 'secrets rotate') shop.configure((config) => ({ ...config, secrets: LOGIN }))
    const before = versions(shop)
    const error = await codeOf(COMMANDS[command]?.(shop.run()) ?? Promise.reject(new Error(command)))
    expect([error?.code, error?.exitStatus, error?.message]).toEqual([
      'E_GITOPS_OWNED',
      3,
      `${name} belongs to Kustomization flux-system/apps: Flux would take back what forge writes`,
    ])
    expect(versions(shop)).toEqual(before)
    const file = shop.files.contents.get('/p/login.txt')
    expect(typeof file === 'string' ? file : new TextDecoder().decode(file)).toBe('a-third-password-long-enough')
  })
})

test('a secret that would be written is told as owned, and not as held', async () => {
  const shop = marked(one.copy().write('login.txt', 'another-password-long-enough'), at('v1', 'Secret', 'login'))
  const { error } = await shop.run().deploy()
  expect(error).toMatchObject({ code: 'E_GITOPS_OWNED', message: expect.stringContaining('Secret/login belongs to') })
})

test('a secret that stays as it is forbids nothing', async () => {
  const shop = marked(one.copy().set('top', { colour: 'red' }), at('v1', 'Secret', 'login'))
  expect((await shop.run().deploy()).report.outcome).toBe('deployed')
})

test('what somebody else deploys beside the releases forbids nothing', async () => {
  const shop = one.copy().set('top', { colour: 'red' })
  const other: KubeObject = {
    ...at('v1', 'ConfigMap', 'theirs'),
    ...{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'theirs', namespace: 'shop', labels: FLUX } },
  }
  shop.cluster.store.put(other)
  expect((await shop.run().deploy()).report.outcome).toBe('deployed')
  expect((await shop.run().uninstall()).report.outcome).toBe('uninstalled')
})

test('an object that the chart would make, and Argo CD has made', async () => {
  const theirs: KubeObject = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'more', annotations: { 'argocd.argoproj.io/tracking-id': 'team_web:/ConfigMap:shop/more' } },
  }
  const shop = one.copy().set('top', { more: [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'more' } }] })
  shop.cluster.store.put({ ...theirs, metadata: { ...theirs.metadata, namespace: 'shop' } })
  const { error } = await shop.run().deploy()
  expect(error).toMatchObject({
    code: 'E_GITOPS_OWNED',
    message: 'ConfigMap/more belongs to Application team/web: Argo CD would take back what forge writes',
    hint: { kind: 'kubectl', args: ['get', 'configmap', 'more', '-o', 'yaml'], namespace: 'shop' },
  })
})

test('a plan, and what is tried without writing, tell it', async () => {
  const shop = marked(two.copy().set('top', { colour: 'green' }), BASE)
  const told = 'Deployment/base belongs to Kustomization flux-system/apps: a deploy is refused (E_GITOPS_OWNED)'
  expect((await shop.run().plan()).plan?.warnings).toContain(told)
  const back = await shop.run().rollback({ dryRun: true })
  expect([back.report.outcome, back.plan?.warnings.includes(told)]).toEqual(['planned', true])
  const run = shop.run()
  expect((await run.uninstall({ dryRun: true })).report.outcome).toBe('planned')
  expect(run.said).toContain(`warning  ${told}`)
})

test('a deploy that was killed is not taken back under the hands of its new owner', async () => {
  const shop = one.copy().change()
  const dead = shop.run()
  strikeWhere(dead, 'killed', /^helm upgrade top: /u)
  await expect(dead.deploy()).rejects.toThrow(Killed)
  marked(shop, BASE)
  const before = versions(shop)
  for (const action of ['recover', 'deploy'] as const) {
    const error = await codeOf(shop.run('next@here')[action]() as Promise<never>)
    expect([action, error?.code, versions(shop)]).toEqual([action, 'E_GITOPS_OWNED', before])
  }
  expect((await shop.run('next@here').recover({ dryRun: true })).outcome).toBe('planned')
})

describe.each([
  ['flux', 'Flux'],
  ['argocd', 'Argo CD'],
])('an environment that is managed by %s', (managedBy, name) => {
  const managed = (): Shop =>
    two.copy().configure((config) => ({
      ...config,
      environments: { test: { ...config.environments.test, managedBy } },
    }))

  test.each(Object.keys(COMMANDS))('%s is refused before anything is looked at', async (command) => {
    const shop = managed().write('login.txt', 'a-third-password-long-enough')
    const run = shop.run()
    const error = await codeOf(COMMANDS[command]?.(run) ?? Promise.reject(new Error(command)))
    expect([error?.code, error?.message, run.effects.list]).toEqual([
      'E_GITOPS_OWNED',
      `environment test is managed by ${name} (managedBy): forge writes nothing there`,
      [],
    ])
  })

  test('is planned all the same', async () => {
    const { plan, report } = await managed().set('top', { colour: 'green' }).run().plan()
    expect([report.outcome, plan?.warnings]).toEqual([
      'planned',
      [`environment test is managed by ${name} (managedBy): forge writes nothing there`],
    ])
  })
})

describe('a release that Flux has installed', () => {
  const labels = { 'helm.toolkit.fluxcd.io/name': 'web', 'helm.toolkit.fluxcd.io/namespace': 'shop' }
  const more: KubeObject[] = [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'more', labels } }]

  /** As forge finds it that never deployed anything here. */
  async function installed(): Promise<Shop> {
    const shop = new Shop().set('top', { more })
    await shop.run().deploy()
    const own = shop.cluster.store.all().filter(({ metadata }) => metadata.name.startsWith('forge-journal-'))
    for (const object of own) shop.cluster.store.remove(refOf(object))
    return shop
  }

  test('is told as that, and not as one to adopt', async () => {
    const { error } = await (await installed()).run().deploy()
    expect(error).toMatchObject({
      code: 'E_GITOPS_OWNED',
      message: 'ConfigMap/more belongs to HelmRelease shop/web: Flux would take back what forge writes',
    })
  })

  test('is taken over once a person has taken the marks off, whatever its record says', async () => {
    const shop = (await installed()).set('top', { colour: 'red' })
    const found = shop.cluster.see(at('v1', 'ConfigMap', 'more'))
    if (found === undefined) throw new Error('it is not there')
    const { labels: _, ...metadata } = found.metadata
    const managed = { 'app.kubernetes.io/managed-by': 'Helm' }
    shop.cluster.store.put({ ...found, metadata: { ...metadata, labels: managed } })
    expect((await shop.run().deploy()).error?.code).toBe('E_RELEASE_FOREIGN')
    expect((await shop.run().deploy({ adopt: true })).report.outcome).toBe('deployed')
  })
})
