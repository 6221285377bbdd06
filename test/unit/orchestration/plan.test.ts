import { describe, expect, test } from '@jest/globals'
import { Shop } from '../../support/fake-cluster/shop.ts'

const one = new Shop()
await one.run().deploy()
const changed = one.copy().set('base', { colour: 'red' }).write('login.txt', 'another-password-long-enough')

describe('a plan writes nothing', () => {
  test.each([
    ['of a first install', new Shop(), ['create', 'create', 'create', 'create']],
    ['of what runs already', one, []],
    ['of a change', changed, ['change', 'change', 'change']],
  ])('%s', async (_what, shop, actions) => {
    const run = shop.copy().run()
    const { report, plan } = await run.plan()
    expect([report.outcome, run.effects.list]).toEqual(['planned', []])
    const touched = plan?.objects.filter(({ action }) => action !== 'unchanged')
    expect(touched?.map(({ action }) => action)).toEqual(actions)
  })
})

test('a plan says what the deploy after it restarts', async () => {
  const { report: planned } = await changed.copy().run().plan()
  const { report } = await changed.copy().run().deploy()
  expect(planned.restarted).toEqual([])
  expect(report.restarted.map(({ workload }) => workload)).toEqual(['base', 'top'])
})

test('a plan does without what it may not read, and a deploy is refused', async () => {
  const shop = changed.copy()
  shop.cluster.forbidden.add('list Secret')
  const { report, plan } = await shop.run().plan()
  expect([report.outcome, plan?.notChecked.length]).toEqual(['planned', expect.any(Number)])
  expect(plan?.notChecked.join('\n')).toContain('not checked')
  const run = shop.run()
  const refused = await run.deploy()
  expect([refused.report.outcome, refused.error?.code, run.effects.list]).toEqual(['refused', 'E_FORBIDDEN', []])
})

test('a plan that meets a bug fails', async () => {
  const run = changed.copy().run()
  Object.assign(run.ports, { connect: () => Promise.reject(new TypeError('nothing is not a function')) })
  const { report } = await run.plan()
  expect([report.outcome, report.verdict?.code]).toEqual(['failed', 'E_BUG'])
})
