import { describe, expect, test } from '@jest/globals'
import type { KubeObject } from '../../../src/domain/kube.ts'
import type { PullQuestion } from '../../../src/images-port.ts'
import type { Pullable } from '../../../src/ports.ts'
import type { Run } from '../../support/fake-cluster/run.ts'
import { restarts } from '../../support/fake-cluster/secret-flows.ts'
import { Shop } from '../../support/fake-cluster/shop.ts'

const HUB = 'docker.io'
const THERE: Pullable = { is: 'there', digest: `sha256:${'0'.repeat(64)}`, platforms: ['linux/amd64'] }

function asking(shop: Shop, answers: Readonly<Record<string, Pullable>>): { run: Run; asked: string[] } {
  const asked: string[] = []
  const run = shop.run()
  const pull = async (ref: string, { logins }: PullQuestion): Promise<Pullable> => {
    asked.push([ref, ...logins.map(({ secret, user }) => `${secret}:${user}`)].join(' '))
    return await Promise.resolve(answers[ref] ?? THERE)
  }
  Object.assign(run.ports, { registries: { ...run.ports.registries, pull } })
  return { run, asked }
}

function pullSecret(name: string, host: string, namespace = 'shop'): KubeObject {
  const config = { auths: { [host]: { username: name, password: 'x' } } }
  return {
    ...{ apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, type: 'kubernetes.io/dockerconfigjson' },
    data: { '.dockerconfigjson': Buffer.from(JSON.stringify(config)).toString('base64') },
  }
}

function account(name: string, ...secrets: string[]): KubeObject {
  const imagePullSecrets = secrets.map((one) => ({ name: one }))
  return { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace: 'shop' }, imagePullSecrets }
}

function job(spec: Readonly<Record<string, unknown>>): KubeObject {
  const containers = [{ name: 'job', image: 'ghcr.io/acme/job:1' }]
  return {
    ...{ apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'job' } },
    spec: { template: { spec: { restartPolicy: 'Never', containers, ...spec } } },
  }
}

describe('an image that its registry does not have', () => {
  test('ends the deploy and the plan before anything is written', async () => {
    const shop = new Shop()
    const { run } = asking(shop, { 'top:1': { is: 'absent' } })
    const { error, report } = await run.deploy()
    expect([report.outcome, error?.code, error?.exitStatus]).toEqual(['refused', 'E_IMAGE_PULL', 3])
    expect(error?.message).toBe('Deployment/top (container top) cannot pull image top:1: it does not exist')
    expect(error?.details.where).toBe('Deployment/top')
    expect(run.effects.list).toEqual([])
    const planned = await asking(shop, { 'top:1': { is: 'absent' } }).run.plan()
    expect([planned.error?.code, planned.error?.exitStatus]).toEqual(['E_IMAGE_PULL', 3])
  })

  test('and that runs already is only a warning; unknown is nothing then', async () => {
    const shop = new Shop()
    await shop.run().deploy()
    shop.set('base', { colour: 'red' })
    const { run, asked } = asking(shop, { 'top:1': { is: 'absent' }, 'base:1': { is: 'unknown', why: 'silent' } })
    const { report, error } = await run.deploy()
    expect([report.outcome, error]).toEqual(['deployed', undefined])
    expect(asked.toSorted()).toEqual(['base:1', 'top:1'])
    expect(run.said).toContain(
      'warning  Deployment/top (container top) cannot pull image top:1: it does not exist; the live release has it already; a pod that comes to another node would not start',
    )
    const { plan } = await asking(shop, { 'base:1': { is: 'unknown', why: 'silent' } }).run.plan()
    expect([plan?.warnings, plan?.notChecked]).toEqual([[], []])
  })

  test.each([
    ['warn', ['base:1', 'top:1'], 1],
    ['skip', [], 0],
  ])('with pullCheck: %s', async (pullCheck, questions, warnings) => {
    const shop = new Shop().configure((config) => {
      return { ...config, environments: { test: { ...config.environments.test, pullCheck } } }
    })
    const { run, asked } = asking(shop, { 'top:1': { is: 'absent' } })
    const { report } = await run.deploy()
    const told = run.said.filter((line) => line.startsWith('warning'))
    expect([report.outcome, told.length, asked.toSorted()]).toEqual(['deployed', warnings, questions])
  })

  test('all of them are told, each once', async () => {
    const shop = new Shop().set('top', { image: 'base:1' })
    const { run } = asking(shop, { 'base:1': { is: 'absent' } })
    const { error } = await run.deploy()
    expect(error?.message).toContain('base:1: it does not exist (neither can Deployment/top (container top))')
    const two = asking(new Shop(), { 'base:1': { is: 'absent' }, 'top:1': { is: 'denied' } })
    const { error: both } = await two.run.deploy()
    expect(both?.details.problems).toMatchObject([
      { where: 'Deployment/base' },
      {
        where: 'Deployment/top',
        message: expect.stringContaining('wants a login (or has no such image), and its pods have no pull secret'),
      },
    ])
  })
})

test('a registry that cannot be asked stops nothing, and is said once', async () => {
  const silent: Pullable = { is: 'unknown', why: 'it does not answer (ENOTFOUND)' }
  const { run } = asking(new Shop(), { 'base:1': silent, 'top:1': silent })
  const { report } = await run.deploy()
  expect(report.outcome).toBe('deployed')
  expect((await asking(new Shop(), { 'base:1': silent, 'top:1': silent }).run.plan()).plan?.notChecked).toEqual([
    `whether the nodes can pull base:1, top:1: not checked, ${HUB}: it does not answer (ENOTFOUND)`,
  ])
})

describe('an image is asked for with what its pods will pull with', () => {
  const asked = async (shop: Shop): Promise<string[]> => {
    const scene = asking(shop, {})
    await scene.run.plan()
    return scene.asked.filter((one) => one.includes('job'))
  }
  const IMAGE = 'ghcr.io/acme/job:1'

  test('the secret that they name, not that of their account', async () => {
    const shop = new Shop().set('top', { more: [job({ imagePullSecrets: [{ name: 'own' }] })] })
    shop.cluster.store.put(pullSecret('own', 'ghcr.io'))
    shop.cluster.store.put(pullSecret('other', 'ghcr.io'))
    shop.cluster.store.put(account('default', 'other'))
    expect(await asked(shop)).toEqual([`${IMAGE} own:own`])
  })

  test('else that of their account, as the cluster has it or the chart makes it', async () => {
    const shop = new Shop().set('top', { more: [job({})] })
    shop.cluster.store.put(pullSecret('of-default', 'ghcr.io'))
    shop.cluster.store.put(account('default', 'of-default'))
    expect(await asked(shop)).toEqual([`${IMAGE} of-default:of-default`])

    const made = [job({ serviceAccountName: 'jobs' }), account('jobs', 'made'), pullSecret('made', 'ghcr.io')]
    expect(await asked(new Shop().set('top', { more: made }))).toEqual([`${IMAGE} made:made`])
  })

  test('one for another registry is no login', async () => {
    const shop = new Shop().set('top', { more: [job({ imagePullSecrets: [{ name: 'own' }, { name: 'gone' }] })] })
    shop.cluster.store.put(pullSecret('own', 'quay.io'))
    expect(await asked(shop)).toEqual([IMAGE])
  })

  test('a secret of forge.yaml counts before it is written', async () => {
    const shop = new Shop().set('top', { more: [job({ imagePullSecrets: [{ name: 'pull' }] })] })
    shop.write('pull.json', JSON.stringify({ auths: { 'ghcr.io': { username: 'ci', password: 'x' } } }))
    shop.configure((config) => ({
      ...config,
      secrets: {
        ...config.secrets,
        pull: { type: 'dockerconfigjson', config: 'pull.json' },
      },
    }))
    expect(await asked(shop)).toEqual([`${IMAGE} pull:ci`])
  })

  test('what may not be read is not checked', async () => {
    const shop = new Shop().set('top', { more: [job({})] })
    shop.cluster.forbidden.add('get ServiceAccount')
    const { run } = asking(shop, { [IMAGE]: { is: 'denied' } })
    const { plan } = await run.plan()
    expect(plan?.notChecked).toEqual([
      `whether the nodes can pull ${IMAGE}: not checked, you may not get ServiceAccount`,
    ])
  })
})

test('pods without a login that run images of the repository: the nodes may have one', async () => {
  const shop = new Shop()
  await shop.run().deploy()
  shop.set('top', { image: 'top:2' })
  const { run } = asking(shop, { 'top:2': { is: 'denied' } })
  const { report } = await run.deploy()
  expect(report.outcome).toBe('deployed')
  expect(run.said).toContainEqual(expect.stringContaining('the nodes may have one'))
})

test('secrets alone ask no registry', async () => {
  const shop = new Shop()
  await shop.run().deploy()
  const { run, asked } = asking(shop.write('login.txt', 'another-password-long-enough'), {})
  const { report } = await restarts(run)
  expect([report.outcome, asked]).toEqual(['deployed', []])
})
