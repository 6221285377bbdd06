import { describe, expect, test } from '@jest/globals'
import { strikeWhere } from '../../support/fake-cluster/faults.ts'
import { Shop } from '../../support/fake-cluster/shop.ts'
import { deploys, lostRevisions, momentsOf, struck } from '../../support/fake-cluster/walk.ts'

const before = new Shop()
await before.run().deploy()
/** A deploy that changes all that there is, and fails when it is nearly through. */
const failing = before.copy().change('top:broken')
const all = await momentsOf(failing, deploys)
const moments = all.slice(all.findIndex(({ effect }) => effect === 'evidence'))
const back = moments.filter(({ effect }) => !/^(?:evidence|journal|lock)/u.test(effect))
const beside = moments.filter((one) => !back.includes(one))

describe('what goes wrong beside the way back does not end it', () => {
  test.each((['refused', 'answer lost', 'bug'] as const).flatMap((kind) => beside.map((one) => ({ ...one, kind }))))(
    '$kind at $at, $effect',
    async ({ kind, ...moment }) => {
      const { shop, error, end } = await struck(failing, deploys, kind, moment)
      expect([end, error?.code]).toEqual(['restored 4', 'E_IMAGE_PULL'])
      expect(error?.details.now).toBe('test runs #1 again, proven')
      expect(shop.state()).toEqual(before.state())
      expect(shop.holder()).toBeUndefined()
    },
  )
})

describe('what goes wrong on the way back leaves exit 5, the cause, and a way out', () => {
  test.each((['refused', 'bug'] as const).flatMap((kind) => back.map((one) => ({ ...one, kind }))))(
    '$kind at $at, $effect',
    async ({ kind, ...moment }) => {
      const { shop, error, end } = await struck(failing, deploys, kind, moment)
      expect([end, error?.code]).toEqual(['failed 5', 'E_IMAGE_PULL'])
      expect(error?.details.now).toContain(`the rollback failed: `)
      expect(error?.details.now).toContain(moment.effect)
      expect(lostRevisions(shop, before)).toEqual([])
      expect(shop.holder()).toBeUndefined()
      const isStuck = [...shop.history('base'), ...shop.history('top')].some((one) => one.includes('pending'))
      expect(shop.journal()[0]?.state).toBe(isStuck ? 'interrupted' : 'failed')
      if (isStuck) expect(error?.details.hint).toEqual({ kind: 'forge', args: ['recover', '--env', 'test'] })
    },
  )
})

test.each(moments)('Ctrl-C at $at, $effect, does not end the way back', async (moment) => {
  const { shop, end } = await struck(failing, deploys, 'interrupted', moment)
  expect(end).toBe('restored 4')
  expect(shop.state()).toEqual(before.state())
  expect(shop.journal()[0]?.state).toBe('restored')
})

describe('a second signal leaves all as it is', () => {
  const last = moments.findIndex(({ effect }) => effect.startsWith('journal #2: restored'))

  test.each(moments.slice(0, last))('at $at, $effect, and recovery goes on with it', async (moment) => {
    const { shop, error, end } = await struck(failing, deploys, 'left alone', moment)
    expect([end, shop.journal()[0]?.state]).toEqual(['failed 5', 'interrupted'])
    expect(error?.details.now).toMatch(/everything stays as it is/u)
    expect(error?.details.hint).toEqual({ kind: 'forge', args: ['recover', '--env', 'test'] })
    const { outcome } = await shop.run().recover()
    expect(outcome).toBe('restored')
    expect(shop.state()).toEqual(before.state())
  })
})

describe('the end of the way back', () => {
  test('--no-rollback: what was made stays', async () => {
    const shop = failing.copy()
    const run = shop.run()
    const { report, error } = await run.deploy({ rollback: false })
    expect([report.outcome, error?.exitStatus]).toEqual(['failed', 5])
    expect(error?.details.now).toMatch(/^--no-rollback: /u)
    expect(run.effects.list.filter((one) => one.startsWith('helm rollback'))).toEqual([])
    expect([shop.history('top')[0], shop.journal()[0]?.state]).toEqual(['2 deployed', 'failed'])
    expect(shop.journal()[0]?.releases.map(({ left }) => left)).not.toContain(undefined)
  })

  test('what does not become ready again is not called restored', async () => {
    const shop = failing.copy()
    shop.cluster.controller.decide('Deployment/base', 'stuck')
    const { report, error } = await shop.run().deploy()
    expect([report.outcome, error?.exitStatus]).toEqual(['failed', 5])
  })

  test('what somebody changes meanwhile is named', async () => {
    const shop = failing.copy()
    const run = shop.run()
    run.effects.onEach((name) => {
      if (name !== 'helm rollback base: revision 3 deployed') return
      const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'shop', name: 'top' }
      shop.cluster.store.put({ ...ref, metadata: { name: 'top', namespace: 'shop' }, data: { COLOUR: 'grey' } })
    })
    const { report, error } = await run.deploy()
    expect([report.outcome, error?.exitStatus]).toEqual(['failed', 5])
    expect(error?.details.now).toMatch(/not as before: ConfigMap\/top/u)
  })

  test('a first install that fails stays, with its evidence', async () => {
    const shop = new Shop().set('top', { image: 'top:broken' })
    const run = shop.run()
    const { report, error } = await run.deploy()
    expect([report.outcome, error?.exitStatus, report.evidence]).toEqual(['failed', 5, '/evidence/1'])
    expect(error?.details.now).toMatch(/never deployed before, so there is nothing to return to/u)
    expect(run.effects.list.filter((one) => one.startsWith('helm rollback'))).toEqual([])
  })

  test('evidence that cannot be kept does not keep the old state from coming back', async () => {
    const run = failing.copy().run()
    strikeWhere(run, 'refused', /^evidence$/u)
    const { report } = await run.deploy()
    expect([report.outcome, report.evidence]).toEqual(['restored', null])
  })
})
