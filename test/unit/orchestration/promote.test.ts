import { beforeEach, describe, expect, test } from '@jest/globals'
import { readGivenImages } from '../../../src/domain/config/given-images.ts'
import type { ForgeError } from '../../../src/errors.ts'
import { promotedImages } from '../../../src/flows/images/promote.ts'
import { promotionOf } from '../../../src/flows/images/promotion.ts'
import { Shop } from '../../support/fake-cluster/shop.ts'

const REF = `ghcr.io/acme/base:sha-1@sha256:${'d'.repeat(64)}`
const image = 'objects[1].spec.template.spec.containers[0].image'
const verify = [{ http: { service: 'base', port: 80 } }]
const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'base' }, spec: { ports: [{ port: 80 }] } }

function shopWith(more: object = { verify }, prod: object = {}): Shop {
  return new Shop().set('base', { more: [service] }).configure((config) => ({
    ...config,
    environments: {
      ...config.environments,
      prod: { cluster: { context: 'prod' }, namespace: 'shop-prod', ...prod },
    },
    images: {
      app: { build: { context: '.' }, repository: 'ghcr.io/acme/base', to: `base:${image}` },
      other: { ref: 'redis:8', to: [] },
    },
    ...more,
  }))
}

let shop: Shop
beforeEach(() => {
  shop = shopWith()
})

const promote = async (to = 'prod'): Promise<unknown> => {
  const run = shop.run()
  const load = { dir: '/p', env: to }
  return await run.ends(
    promotedImages({ from: 'test', by: '--from', dir: '/p', load, kubeconfig: undefined }, run.ports),
  )
}

const refusal = async (to?: string): Promise<string> => {
  const error = (await promote(to).catch((one: unknown) => one)) as ForgeError
  return `${error.code}: ${error.message}`
}

const deployed = async (ref = REF, more: object = {}): Promise<void> => {
  const { error } = await shop.run().deploy({ images: readGivenImages([`app=${ref}`]), ...more })
  expect(error).toBeUndefined()
}

describe('--from: the images of another environment', () => {
  test('are those of its deploy that was verified and is ready, by their digests', async () => {
    await deployed()
    expect(await promote()).toEqual([{ name: 'app', ref: REF, by: '--from test' }])
  })

  test('of a rollback are those that it has brought back', async () => {
    await deployed()
    await deployed(REF.replaceAll('d', 'e'))
    expect((await shop.run().rollback()).error).toBeUndefined()
    expect(await promote()).toEqual([{ name: 'app', ref: REF, by: '--from test' }])
  })

  test('are refused where nothing runs', async () => {
    expect(await refusal()).toBe('E_PROMOTION: nothing that was ready runs in test')
  })

  test('are refused where the checks were skipped, or there are none', async () => {
    await deployed(REF, { skipVerify: true })
    expect(await refusal()).toBe('E_PROMOTION: deploy #1 of test was not verified (not all its checks)')
    shop = shopWith({})
    await deployed()
    expect(await refusal()).toBe(
      'E_PROMOTION: deploy #1 of test was not verified (forge.yaml has no check under `verify`)',
    )
  })

  test('are refused where no digest says what they are', async () => {
    await deployed('ghcr.io/acme/base:1')
    expect(await refusal()).toBe(
      'E_PROMOTION: image app of deploy #1 of test has no digest (ghcr.io/acme/base:1), so what it is elsewhere is not known',
    )
  })

  test('are refused where it is not ready any more', async () => {
    await deployed()
    shop.cluster.controller.decide('Deployment/base', 'broken')
    const ref = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'base' }
    const live = shop.cluster.see(ref)
    if (live === undefined) throw new Error('no Deployment/base')
    const spec = { ...(live['spec'] as object), minReadySeconds: 1 }
    shop.cluster.store.put({ ...live, metadata: { ...live.metadata, generation: 9 }, spec })
    expect(await refusal()).toMatch(/^E_PROMOTION: deploy #1 of test is not ready now: /u)
  })

  test('are refused for the environment itself', async () => {
    await deployed()
    expect(await refusal('test')).toBe('E_PROMOTION: test cannot be promoted to itself')
  })
})

describe('environments.E.promotes', () => {
  const promotion = async (images: readonly string[] = [], choice: object = {}): Promise<unknown> => {
    const run = shop.run()
    const load = { dir: '/p', env: 'prod', ...choice }
    return await promotionOf(load, readGivenImages(images), run.ports.project)
  }

  beforeEach(() => {
    shop = shopWith({ verify }, { promotes: 'test' })
  })

  test('is what --from would say, in the words of forge.yaml', async () => {
    expect(await promotion()).toEqual({ from: 'test', by: 'environments.prod.promotes' })
  })

  test('says nothing where --image names all that forge.yaml builds, or the run has none of them', async () => {
    expect(await promotion([`app=${REF}`])).toBeUndefined()
    expect(await promotion([], { release: ['top'], only: true })).toBeUndefined()
  })

  test('says nothing of another environment', async () => {
    expect(await promotion([], { env: 'test' })).toBeUndefined()
  })
})

describe('--image', () => {
  test('takes the place of what forge.yaml says, and nothing is built', async () => {
    const run = shop.run()
    const found: unknown[] = []
    run.events.on(['step'], (event) => {
      if ('found' in event) found.push(event.found)
    })
    const { report } = await run.deploy({ images: readGivenImages([`app=${REF}`]), skipBuild: false })
    expect(report.outcome).toBe('deployed')
    expect(JSON.stringify(found)).toContain('app as --image gives it, other as forge.yaml gives it')
    expect(JSON.stringify(shop.state())).toContain(REF)
  })

  test.each([
    [['app'], 'E_USAGE: --image "app" is not NAME=REFERENCE'],
    [['app=a/UPPER'], /^E_IMAGE_REFERENCE: --image app: "a\/UPPER" is not a valid image reference/u],
    [['app=a:1', 'app=a:2'], 'E_USAGE: --image names app twice'],
    [['ap=a:1'], 'E_USAGE: forge.yaml has no image "ap"; did you mean "app"?'],
    [['other=a:1'], 'E_USAGE: image other goes to no chart value: it has no "to" in forge.yaml'],
  ])('%j is refused: %s', async (texts, message) => {
    const run = async (): Promise<unknown> => await shop.run().deploy({ images: readGivenImages(texts) })
    const error = (await run().catch((one: unknown) => one)) as ForgeError
    expect(`${error.code}: ${error.message}`).toEqual(
      typeof message === 'string' ? message : expect.stringMatching(message),
    )
  })

  test('is refused for an image that no release of the run takes', async () => {
    const images = readGivenImages([`app=${REF}`])
    const choice = { release: ['top'], only: true }
    const error = (await shop
      .run()
      .deploy({ images, ...choice })
      .catch((one: unknown) => one)) as ForgeError
    expect(error.message).toBe('no release of this run takes image app')
  })
})
