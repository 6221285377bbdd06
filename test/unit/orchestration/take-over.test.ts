import { describe, expect, test } from '@jest/globals'
import { stringify } from 'yaml'
import type { KubeObject } from '../../../src/domain/kube.ts'
import { Shop } from '../../support/fake-cluster/shop.ts'
import { cut, deploys, momentsOf, struck, type Action, type Moment } from '../../support/fake-cluster/walk.ts'

const NAMES = ['ConfigMap/store', 'Deployment/store', 'ConfigMap/pool']

function store(image = 'store:1', colour = 'blue', env: object[] = []): KubeObject[] {
  const labels = { 'app.kubernetes.io/name': 'store' }
  const container = { name: 'store', image, env, readinessProbe: { httpGet: { path: '/', port: 80 } } }
  const template = { metadata: { labels }, spec: { containers: [container] } }
  const spec = { replicas: 1, selector: { matchLabels: labels }, template }
  return [
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'store' }, data: { COLOUR: colour } },
    { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'store', labels }, spec },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'pool' }, data: { SIZE: '1' } },
  ]
}

interface Way {
  /** Which release has the store first, and which then. */
  readonly from: string
  readonly to: string
  /** The releases of forge.yaml, before and after. */
  readonly before: readonly string[]
  readonly after: readonly string[]
}

const WAYS: Readonly<Record<string, Way>> = {
  'to one that goes before': { from: 'top', to: 'base', before: ['top', 'base'], after: ['top', 'base'] },
  'to one that comes after': { from: 'base', to: 'top', before: ['top', 'base'], after: ['top', 'base'] },
  'to a new one': { from: 'top', to: 'data', before: ['top', 'base'], after: ['top', 'base', 'data'] },
  'from one that forge.yaml names no more': { from: 'data', to: 'base', before: ['base', 'data'], after: ['base'] },
}

function configured(shop: Shop, names: readonly string[], takesOver: Readonly<Record<string, string>>): Shop {
  for (const name of names) shop.write(`${name}/Chart.yaml`, `apiVersion: v2\nname: ${name}\nversion: 1.0.0\n`)
  return shop.configure((config) => ({
    ...config,
    stages: undefined,
    releases: Object.fromEntries(
      names.map((name) => [
        name,
        {
          chart: `./${name}`,
          values: [`${name}.yaml`],
          ...(name === 'top' ? { needs: ['base'] } : {}),
          ...(takesOver[name] === undefined ? {} : { takesOver: takesOver[name] }),
        },
      ]),
    ),
  }))
}

const own = (name: string): KubeObject => {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `${name}-own` }, data: { COLOUR: 'blue' } }
}

function rendering(shop: Shop, names: readonly string[], owner: string, objects: readonly KubeObject[]): Shop {
  for (const name of names)
    shop.write(`${name}.yaml`, stringify({ objects: [own(name), ...(name === owner ? objects : [])] }))
  return shop
}

async function deployedBefore({ from, before }: Way): Promise<Shop> {
  const shop = rendering(configured(new Shop(), before, {}), before, from, store())
  expect((await shop.run().deploy()).error).toBeUndefined()
  return shop
}

function split(shop: Shop, { from, to, after }: Way, objects = store('store:2', 'red')): Shop {
  return rendering(configured(shop.copy(), after, { [to]: from }), after, to, objects)
}

const uids = (shop: Shop): Record<string, string | undefined> =>
  Object.fromEntries(
    NAMES.map((name) => {
      const found = shop.cluster.store.all().find(({ kind, metadata }) => `${kind}/${metadata.name}` === name)
      return [name, found?.metadata.uid]
    }),
  )

const owners = (shop: Shop): (string | undefined)[] =>
  shop.cluster.store
    .all()
    .filter(({ kind, metadata }) => NAMES.includes(`${kind}/${metadata.name}`))
    .map(({ metadata }) => metadata.annotations?.['meta.helm.sh/release-name'])

function expectWhole(shop: Shop, before: Shop): void {
  expect(uids(shop)).toEqual(uids(before))
  expect(new Set(owners(shop)).size).toBe(1)
}

describe.each(Object.entries(WAYS))('objects that move %s', (_, way) => {
  test('are kept, re-owned and changed, and nothing is left to do', async () => {
    const one = await deployedBefore(way)
    const shop = split(one, way)
    const planned = await shop.run().plan()
    const moving = planned.plan?.objects.filter(({ movesFrom }) => movesFrom !== undefined)
    expect(moving?.map(({ object, action, movesFrom }) => [object, action, movesFrom])).toEqual(
      NAMES.map((name) => [name, 'change', way.from]),
    )
    const { report, error } = await shop.run().deploy()
    expect([report.outcome, error]).toEqual(['deployed', undefined])
    expectWhole(shop, one)
    expect(owners(shop)).toEqual([way.to, way.to, way.to])
    expect(JSON.stringify(shop.state())).toContain('store:2')
    expect((await shop.run().deploy()).report.outcome).toBe('unchanged')
    expect((await shop.run().plan()).plan?.objects.some(({ movesFrom }) => movesFrom !== undefined)).toBe(false)
  })

  test('without a word of forge.yaml nothing moves', async () => {
    const one = await deployedBefore(way)
    const shop = split(one, way).copy()
    configured(shop, way.after, {})
    const { error } = await shop.run().deploy()
    expect(error?.code).toBe('E_OBJECT_OWNED')
    expect(shop.state()).toEqual(one.state())
  })

  test('go back when the deploy fails', async () => {
    const one = await deployedBefore(way)
    const shop = split(one, way, store('store:broken', 'red', [{ name: 'MORE', value: '1' }]))
    const { error } = await shop.run().deploy()
    expectWhole(shop, one)
    const isNew = !way.before.includes(way.to)
    expect([error?.exitStatus, owners(shop)]).toEqual([isNew ? 5 : 4, [way.from, way.from, way.from]])
    const { 'ConfigMap/data-own': _, ...state } = shop.state()
    expect(isNew ? state : shop.state()).toEqual(one.state())
    await shop.run().uninstall()
    expect(uids(shop)).toEqual(Object.fromEntries(NAMES.map((name) => [name, undefined])))
  })

  test('go back with forge rollback, and forward again', async () => {
    const one = await deployedBefore(way)
    const shop = split(one, way)
    await shop.run().deploy()
    const two = shop.copy()
    const back = await shop.run().rollback({ to: 1 })
    expect([back.report.outcome, back.error]).toEqual(['rolled-back', undefined])
    expectWhole(shop, one)
    expect(owners(shop)).toEqual([way.from, way.from, way.from])
    const forth = await shop.run().rollback({ to: 2 })
    expect([forth.report.outcome, forth.error]).toEqual(['rolled-back', undefined])
    expect(shop.state()).toEqual(two.state())
    expectWhole(shop, one)
  })
})

test.each([
  ['data', 'ConfigMap/store moves from release top, which is left out here: both go together'],
  ['top', 'ConfigMap/store goes, and release data, which may take it over, is left out here: both go together'],
])('%s alone is not deployed while objects are to move', async (name, message) => {
  const way = WAYS['to a new one']
  if (way === undefined) throw new Error('there is no such way')
  const one = await deployedBefore(way)
  const shop = split(one, way)
  const { error } = await shop.run().deploy({ release: [name], only: true })
  expect([error?.code, error?.message, shop.state()]).toEqual(['E_TAKE_OVER', message, one.state()])
})

const rollsBack: Action = async (run) => await run.rollback({ to: 1 })

/** All that moves the objects, and every third of the rest. */
const some = (moments: readonly Moment[]): Moment[] =>
  moments.filter(({ at, effect }) => at % 3 === 0 || /^(?:mark|create Secret\/sh|replace Secret\/sh)/u.test(effect))

for (const [name, way] of Object.entries(WAYS)) {
  const one = await deployedBefore(way)
  const failing = split(one, way, store('store:broken', 'red'))
  const good = split(one, way)
  const two = good.copy()
  await two.run().deploy()
  const moments = await momentsOf(failing, deploys)
  const returning = await momentsOf(two, rollsBack)
  const isNew = !way.before.includes(way.to)

  describe(`moving ${name}`, () => {
    test.each(moments)('killed before $at, $effect: recover brings it back', async (moment) => {
      const shop = await cut(failing, deploys, moment)
      const { outcome } = await shop.run('next@here').recover()
      expect(['unchanged', 'restored']).toContain(outcome)
      expectWhole(shop, one)
      const { 'ConfigMap/data-own': _, ...state } = shop.state()
      expect(isNew ? state : shop.state()).toEqual(one.state())
    })

    test.each(some(moments))('killed before $at, $effect: the next deploy goes on', async (moment) => {
      const shop = await cut(failing, deploys, moment)
      rendering(shop, way.after, way.to, store('store:2', 'red'))
      const { report, error } = await shop.run('next@here').deploy()
      expect([report.outcome, error]).toEqual(['deployed', undefined])
      expectWhole(shop, one)
      expect(shop.state()).toEqual(two.state())
    })

    test.each(some(moments))('refused at $at, $effect', async (moment) => {
      const { shop } = await struck(good, deploys, 'refused', moment)
      expectWhole(shop, one)
      await shop.run('next@here').deploy()
      expect(shop.state()).toEqual(two.state())
      expectWhole(shop, one)
    })

    test.each(some(returning))('a rollback killed before $at, $effect', async (moment) => {
      const shop = await cut(two, rollsBack, moment)
      await shop.run('next@here').recover()
      expectWhole(shop, one)
      await shop.run('next@here').rollback({ to: 1 })
      expect(owners(shop)).toEqual([way.from, way.from, way.from])
      expectWhole(shop, one)
    })
  })
}
