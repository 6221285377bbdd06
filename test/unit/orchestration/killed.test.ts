import { describe, expect, test } from '@jest/globals'
import { Shop } from '../../support/fake-cluster/shop.ts'
import {
  cut,
  deploys,
  lostRevisions,
  momentOf,
  momentsOf,
  recovers,
  struck,
  type Action,
} from '../../support/fake-cluster/walk.ts'

const rollsBack: Action = async (run) => await run.rollback({ to: 1 })
const uninstalls: Action = async (run) => await run.uninstall()

const first = new Shop()
const one = first.copy()
await one.run().deploy()
const changed = one.copy().change()
const two = changed.copy()
await two.run().deploy()
const failing = changed.copy().set('top', { image: 'top:broken' })
const gone = two.copy()
await gone.run().uninstall()

const installing = await momentsOf(first, deploys)
const deploying = await momentsOf(failing, deploys)
const returning = await momentsOf(two, rollsBack)
const removing = await momentsOf(two, uninstalls)

/** Cut off in the middle of the way back: a rollback of helm's is pending. */
const half = await cut(failing, deploys, momentOf(deploying, 'helm rollback top: revision 3 deployed'))
const steps = await momentsOf(half, recovers)

/** Nothing is pending, and the journal is closed. A dead holder may have the lock: nobody had anything to write since. */
function expectClosed(shop: Shop): void {
  const statuses = [...shop.history('base'), ...shop.history('top')]
  expect(statuses.filter((one) => /pending|uninstalling/u.test(one))).toEqual([])
  expect(shop.journal().map(({ state }) => state)).not.toContain('running')
}

function expectSettled(shop: Shop): void {
  expectClosed(shop)
  expect(shop.holder()).toBeUndefined()
}

describe('a first install that is killed', () => {
  test.each(installing)('before $at, $effect: the next one takes it up', async (moment) => {
    const shop = await cut(first, deploys, moment)
    const { report } = await shop.run('next@here').deploy()
    expect(['deployed', 'unchanged']).toContain(report.outcome)
    expect(shop.unnumbered()).toEqual(one.unnumbered())
    expectClosed(shop)
  })
})

describe('a deploy that is killed, also on its way back', () => {
  test.each(deploying)('before $at, $effect: what ran before runs again', async (moment) => {
    const shop = await cut(failing, deploys, moment)
    const { outcome, why } = await shop.run('next@here').recover()
    const isOver = ['lock: taken', 'journal #2: running', 'lock: released'].includes(moment.effect)
    expect([outcome, why]).toEqual([isOver ? 'unchanged' : 'restored', undefined])
    expect(shop.state()).toEqual(one.state())
    expect(lostRevisions(shop, one)).toEqual([])
    expectSettled(shop)
  })

  test.each(deploying.filter((_, at) => at % 4 === 0))(
    'before $at, $effect: the next deploy goes on',
    async (moment) => {
      const shop = (await cut(failing, deploys, moment)).set('top', { image: 'top:2' })
      const { report } = await shop.run('next@here').deploy()
      expect(report.outcome).toBe('deployed')
      expect(shop.unnumbered()).toEqual(two.unnumbered())
      expectSettled(shop)
    },
  )
})

describe('a rollback that is killed', () => {
  const proven = returning.findIndex(({ effect }) => effect === 'helm rollback base: revision 3 deployed') + 1

  test.each(returning)('before $at, $effect: one of both states, and proven', async (moment) => {
    const shop = await cut(two, rollsBack, moment)
    const { why } = await shop.run('next@here').recover()
    expect(why).toBeUndefined()
    expect(shop.state()).toEqual((moment.at > proven ? one : two).state())
    expectSettled(shop)
  })
})

describe('an uninstallation that is killed', () => {
  test.each(removing)('before $at, $effect: the next one takes the rest away', async (moment) => {
    const shop = await cut(two, uninstalls, moment)
    const { report } = await shop.run('next@here').uninstall()
    expect(['uninstalled', 'unchanged']).toContain(report.outcome)
    expect(shop.state()).toEqual(gone.state())
    expect(lostRevisions(shop, two)).toEqual([])
    expectClosed(shop)
  })

  test.each(removing)('before $at, $effect: or a deploy makes all of it again', async (moment) => {
    const shop = await cut(two, uninstalls, moment)
    const { report } = await shop.run('next@here').deploy()
    expect(['deployed', 'unchanged']).toContain(report.outcome)
    expect(shop.unnumbered()).toEqual(two.unnumbered())
    expectClosed(shop)
  })
})

describe('a recovery', () => {
  test.each(steps)('that is killed before $at, $effect, is taken up by the next', async (moment) => {
    const shop = await cut(half, recovers, moment)
    await shop.run('third@here').recover()
    expect(shop.state()).toEqual(one.state())
    expectSettled(shop)
  })

  test.each(steps)('that fails at $at, $effect, may be tried again', async (moment) => {
    const { shop } = await struck(half, async (run) => await recovers(run).catch(refusedRecovery), 'refused', moment)
    await shop.run('third@here').recover()
    expect(shop.state()).toEqual(one.state())
    expectSettled(shop)
  })

  test('only looks where it shall change nothing', async () => {
    const shop = half.copy()
    const run = shop.run()
    const { outcome, plan } = await run.recover({ dryRun: true })
    expect([outcome, plan.end]).toEqual(['planned', 'restored'])
    expect(run.effects.list).toEqual(['lock: taken', 'lock: released'])
  })

  test('does not touch what a holder who lives is at', async () => {
    const shop = half.copy()
    const alive = shop.run('alive@there')
    const refusals: unknown[] = []
    alive.effects.onEach(async (name) => {
      if (name !== 'journal #3: running') return
      const next = shop.run('next@here')
      await next.recover().catch((error: unknown) => refusals.push(error, next.effects.list))
    })
    const { report } = await alive.deploy()
    expect(report.outcome).toBe('restored')
    expect(refusals).toMatchObject([{ code: 'E_LOCKED', exitStatus: 6 }, []])
  })
})

function refusedRecovery(error: unknown): { report: { outcome: string }; error: undefined } {
  return { report: { outcome: String(error) }, error: undefined }
}
