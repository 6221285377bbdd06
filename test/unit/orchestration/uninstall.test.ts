import { describe, expect, test } from '@jest/globals'
import { Shop } from '../../support/fake-cluster/shop.ts'
import { lostRevisions, momentOf, momentsOf, struck, type Action } from '../../support/fake-cluster/walk.ts'

const uninstalls: Action = async (run) => await run.uninstall()

const one = new Shop()
await one.run().deploy()
const moments = await momentsOf(one, uninstalls)
const writing = moments.slice(3, -2).filter(({ effect }) => !/: running \(.* done\)$/u.test(effect))

test('what needs others goes first; secrets and the journal stay', async () => {
  const shop = one.copy()
  const run = shop.run()
  const { report } = await run.uninstall()
  expect([report.outcome, report.deploy, report.removed]).toEqual([
    'uninstalled',
    2,
    ['ConfigMap/top', 'Deployment/top', 'ConfigMap/base', 'Deployment/base'],
  ])
  expect(run.effects.list.filter((name) => !/: running \(.* done\)$/u.test(name))).toEqual([
    'lock: taken',
    'journal #2: running',
    'lock: deploy 2',
    'journal #2: running (uninstall top running)',
    'helm uninstall top: revision 1 uninstalling',
    'helm uninstall top: delete ConfigMap/top',
    'helm uninstall top: delete Deployment/top',
    'helm uninstall top: forget revision 1',
    'journal #2: running (uninstall base running)',
    'helm uninstall base: revision 1 uninstalling',
    'helm uninstall base: delete ConfigMap/base',
    'helm uninstall base: delete Deployment/base',
    'helm uninstall base: forget revision 1',
    'journal #2: uninstalled (uninstall base done)',
    'lock: released',
  ])
  expect(Object.keys(shop.state())).toEqual(['Secret/login'])
  expect([lostRevisions(shop, one), shop.journal().map(({ state }) => state)]).toEqual([
    [],
    ['uninstalled', 'deployed'],
  ])
})

test('a second time there is nothing to do', async () => {
  const shop = one.copy()
  await shop.run().uninstall()
  const run = shop.run()
  const { report } = await run.uninstall()
  expect([report.outcome, run.effects.list]).toEqual(['unchanged', []])
})

test('--dry-run writes nothing', async () => {
  const run = one.copy().run()
  const { report } = await run.uninstall({ dryRun: true })
  expect([report.outcome, run.effects.list]).toEqual(['planned', []])
})

describe('an uninstallation that breaks off', () => {
  test.each(writing)('at $at, $effect: says what is gone, and can be gone on with', async (moment) => {
    const { shop, error, end } = await struck(one, uninstalls, 'refused', moment)
    expect(end).toBe('failed 5')
    expect(error?.details.now).toMatch(
      /nothing (?:of \w+ )?was taken away|went, and helm's record|(?:is|are) taken away/u,
    )
    expect([shop.journal()[0]?.state, shop.holder()]).toEqual(['failed', undefined])
    const { report } = await shop.run('next@here').uninstall()
    expect(report.outcome).toBe('uninstalled')
    expect(Object.keys(shop.state())).toEqual(['Secret/login'])
  })

  test.each(writing)('by Ctrl-C at $at, $effect: helm comes to its end', async (moment) => {
    const { shop, end } = await struck(one, uninstalls, 'interrupted', moment)
    expect([end, shop.journal()[0]?.state]).toEqual(['interrupted 130', 'interrupted'])
    expect([shop.history('top'), shop.history('base')].flat().filter((it) => it.includes('uninstalling'))).toEqual([])
  })

  test('nothing went: helm says again that it is deployed', async () => {
    const moment = momentOf(moments, 'helm uninstall top: delete ConfigMap/top')
    const { shop, error } = await struck(one, uninstalls, 'refused', moment)
    expect(error?.details.now).toBe("nothing of top was taken away, and helm's record of it says deployed again")
    expect(shop.state()).toEqual(one.state())
  })

  test('a part went: helm says that it failed, and a deploy makes it again', async () => {
    const moment = momentOf(moments, 'helm uninstall base: delete Deployment/base')
    const { shop, error } = await struck(one, uninstalls, 'refused', moment)
    expect(error?.details.now).toMatch(/^top is taken away, the rest is as it was; 1 object of base of 2 went/u)
    await shop.run('next@here').deploy()
    expect(shop.unnumbered()).toEqual(one.unnumbered())
  })

  test.each([
    ['helm uninstall top: delete Deployment/top', 'how much of top is gone is not known'],
    ['helm uninstall base: delete Deployment/base', 'top is taken away; how much of base is gone is not known'],
  ])('by the loss of the lock at %s: %s', async (effect, now) => {
    const { error, end } = await struck(one, uninstalls, 'lock lost', momentOf(moments, effect))
    expect([end, error?.code, error?.details.now]).toEqual(['failed 5', 'E_LOCK_LOST', now])
  })
})

test.each([
  ['interrupted', 'interrupted 130'],
  ['bug', 'failed 1'],
  ['refused', 'refused 3'],
  ['lock lost', 'refused 6'],
] as const)('before anything has begun: %s is %s', async (kind, expected) => {
  const { shop, end } = await struck(one, uninstalls, kind, momentOf(moments, 'lock: taken'))
  expect(end).toBe(expected)
  expect(shop.state()).toEqual(one.state())
})
