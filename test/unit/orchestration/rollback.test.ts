import { describe, expect, test } from '@jest/globals'
import { Shop } from '../../support/fake-cluster/shop.ts'
import { momentsOf, struck, type Action } from '../../support/fake-cluster/walk.ts'

const rollsBack: Action = async (run) => await run.rollback({ to: 1 })

const one = new Shop()
await one.run().deploy()
const two = one.copy().change()
await two.run().deploy()
const moments = await momentsOf(two, rollsBack)
/** Before the journal has an entry, what is done under it, what only says so afterwards. */
const early = moments.slice(0, 3)
const writing = moments.slice(3, -2).filter(({ effect }) => !/: running \(.* done\)$/u.test(effect))

test('secrets go back first, then what needs others before the others', async () => {
  const shop = two.copy()
  const run = shop.run()
  const { report, target } = await run.rollback({ to: 1 })
  expect([report.outcome, report.deploy, report.target, target.number]).toEqual(['rolled-back', 3, 1, 1])
  expect(run.effects.list.filter((name) => !/: running \(.* done\)$/u.test(name))).toEqual([
    'lock: taken',
    'journal #3: running',
    'lock: deploy 3',
    'journal #3: running (write-secrets running)',
    'create Secret/forge-login-r2, which exists',
    'create Secret/forge-login-r1, which exists',
    'apply Secret/login',
    'journal #3: running (rollback top running)',
    'helm rollback top: revision 3 pending-rollback',
    'helm rollback top: Deployment/top',
    'helm rollback top: revision 2 superseded',
    'helm rollback top: revision 3 deployed',
    'journal #3: running (rollback base running)',
    'helm rollback base: revision 3 pending-rollback',
    'helm rollback base: ConfigMap/base',
    'helm rollback base: Deployment/base',
    'helm rollback base: revision 2 superseded',
    'helm rollback base: revision 3 deployed',
    'journal #3: rolled-back (rollback base done)',
    'lock: released',
  ])
  expect(shop.state()).toEqual(one.state())
})

test('without a number it goes to what ran before', async () => {
  const { report, target } = await two.copy().run().rollback()
  expect([report.outcome, target.number]).toEqual(['rolled-back', 1])
})

test('what runs already is not written again', async () => {
  const run = two.copy().run()
  const { report } = await run.rollback({ to: 2 })
  expect([report.outcome, run.effects.list]).toEqual(['unchanged', []])
})

test('--dry-run writes nothing', async () => {
  const run = two.copy().run()
  const { report, plan } = await run.rollback({ to: 1, dryRun: true })
  expect([report.outcome, run.effects.list]).toEqual(['planned', []])
  expect(plan?.objects.filter(({ action }) => action === 'change').map(({ object }) => object)).toEqual([
    'ConfigMap/base',
    'Deployment/base',
    'Deployment/top',
  ])
})

test('there is nothing to go back to: E_ROLLBACK_TARGET', async () => {
  await expect(one.copy().run().rollback()).rejects.toMatchObject({ code: 'E_ROLLBACK_TARGET', exitStatus: 3 })
})

describe('a rollback that fails brings back what ran before it', () => {
  test.each(writing)('refused at $at, $effect', async (moment) => {
    const { shop, error, end } = await struck(two, rollsBack, 'refused', moment)
    expect([end, error?.details.now]).toEqual(['restored 4', 'test runs #2 again, proven'])
    expect(shop.state()).toEqual(two.state())
    expect([shop.journal()[0]?.state, shop.holder()]).toEqual(['restored', undefined])
  })

  test.each(writing)('a bug at $at, $effect', async (moment) => {
    const { shop, error, end } = await struck(two, rollsBack, 'bug', moment)
    expect([end, error?.code]).toEqual(['restored 1', 'E_BUG'])
    expect(shop.state()).toEqual(two.state())
  })

  test.each(early)('refused at $at, $effect: nothing has begun', async (moment) => {
    const { shop, end } = await struck(two, rollsBack, 'refused', moment)
    expect(end).toBe('refused 3')
    expect(shop.state()).toEqual(two.state())
    expect(shop.holder()).toBeUndefined()
  })

  test('also where what it goes back to does not become ready', async () => {
    const shop = two.copy()
    const run = shop.run()
    run.effects.onEach((name) => {
      if (name.startsWith('helm rollback base: revision 3 pending'))
        shop.cluster.controller.decide('Deployment/base', 'broken')
      if (name.startsWith('helm rollback base: revision 4 pending'))
        shop.cluster.controller.decide('Deployment/base', 'ready')
    })
    const { report, error } = await run.rollback({ to: 1 })
    expect([report.outcome, error?.code, error?.exitStatus]).toEqual(['restored', 'E_IMAGE_PULL', 4])
    expect(shop.state()).toEqual(two.state())
  })
})

test('a deploy that was cut off is put right before anything is gone back to', async () => {
  const shop = two.copy().set('base', { colour: 'green' })
  const dead = shop.run()
  dead.effects.onEach((name) => {
    if (name === 'helm upgrade base: Deployment/base') dead.effects.kill()
  })
  await expect(dead.deploy()).rejects.toMatchObject({ name: 'Killed' })
  const { report } = await shop.run('next@here').rollback({ to: 1 })
  expect(report.outcome).toBe('rolled-back')
  expect(shop.state()).toEqual(one.state())
  expect(shop.journal().map(({ state }) => state)).toEqual(['rolled-back', 'restored', 'deployed', 'deployed'])
})
