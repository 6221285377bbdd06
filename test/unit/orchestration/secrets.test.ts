import { describe, expect, test } from '@jest/globals'
import { restarts, rotates } from '../../support/fake-cluster/secret-flows.ts'
import { Shop } from '../../support/fake-cluster/shop.ts'
import { strikeWhere } from '../../support/fake-cluster/faults.ts'
import { lostRevisions, momentsOf, struck } from '../../support/fake-cluster/walk.ts'

const OLD = 'a-password-that-is-long-enough'
const NEW = 'another-password-long-enough'

const one = new Shop()
await one.run().deploy()
/** The project has moved on, too: nothing of that is deployed by the way. */
const changed = one.copy().set('base', { colour: 'not-yet' }).write('login.txt', NEW)
const moments = await momentsOf(changed, restarts)
const writing = moments.slice(3, -2).filter(({ effect }) => !/: running \(.* done\)$/u.test(effect))

const passwordIn = (shop: Shop): string => {
  const secret = shop.cluster.see({ apiVersion: 'v1', kind: 'Secret', namespace: 'shop', name: 'login' })
  return atob((secret?.['data'] as { readonly password?: string } | undefined)?.password ?? '')
}

describe('secrets apply --restart', () => {
  test('writes the secret, restarts its consumers and nothing else', async () => {
    const shop = changed.copy()
    const run = shop.run()
    const { report } = await restarts(run)
    expect([report.command, report.outcome, report.restarted.map(({ workload }) => workload)]).toEqual([
      'secrets apply',
      'deployed',
      ['base', 'top'],
    ])
    expect(run.effects.list.filter((name) => name.includes('ConfigMap'))).toEqual([])
    expect(passwordIn(shop)).toBe(NEW)
  })

  test('nothing changed: nothing is written', async () => {
    const run = one.copy().run()
    const { report } = await restarts(run)
    expect([report.outcome, run.effects.list]).toEqual(['unchanged', []])
  })

  test.each(writing)('that fails at $at, $effect, brings the old secret back', async (moment) => {
    const { shop, end } = await struck(changed, restarts, 'refused', moment)
    expect(end).toBe('restored 4')
    expect([passwordIn(shop), lostRevisions(shop, one)]).toEqual([OLD, []])
    expect(shop.state()).toEqual(one.state())
  })
})

describe('secrets rotate', () => {
  const made = one.copy().configure((config) => ({
    ...config,
    secrets: { login: { files: { password: 'login.txt' }, generate: { length: 30 } } },
  }))
  const fileOf = (shop: Shop): unknown => {
    const content = shop.files.contents.get('/p/login.txt')
    return typeof content === 'string' ? content : new TextDecoder().decode(content)
  }

  test('makes a new value, in the file and in the cluster, and restarts its consumers', async () => {
    const shop = made.copy()
    const { end, keys, files } = await rotates(shop.run())
    expect([end.report.outcome, keys, files.map(({ outcome }) => outcome)]).toEqual([
      'deployed',
      ['password'],
      ['replaced'],
    ])
    expect([passwordIn(shop), fileOf(shop)]).toEqual(['n'.repeat(30), 'n'.repeat(30)])
  })

  test.each([
    ['refused before anything is written', 'refused', /^lock: taken$/u, 'refused'],
    ['that fails when it has begun', 'refused', /^helm upgrade base: Deployment/u, 'restored'],
    ['in which forge fails', 'bug', /^helm upgrade base: Deployment/u, 'restored'],
    ['that is interrupted', 'interrupted', /^helm upgrade base: Deployment/u, 'interrupted'],
  ] as const)('%s puts the old file back, as the cluster has it', async (_what, kind, effect, outcome) => {
    const shop = made.copy()
    const run = shop.run()
    strikeWhere(run, kind, effect)
    const { end, files } = await rotates(run)
    expect([end.report.outcome, files]).toEqual([outcome, []])
    expect([passwordIn(shop), fileOf(shop)]).toEqual([OLD, OLD])
  })

  test('that loses its lock with the new value written keeps the new file', async () => {
    const shop = made.copy()
    const run = shop.run()
    run.effects.onEach(async (name) => {
      if (name === 'helm upgrade base: Deployment/base') await run.loseLock()
    })
    const { end, files } = await rotates(run)
    expect([end.report.outcome, files.map(({ outcome }) => outcome)]).toEqual(['failed', ['replaced']])
    expect(fileOf(shop)).toBe(passwordIn(shop))
  })
})
