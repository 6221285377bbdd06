import { describe, expect, test } from '@jest/globals'
import {
  fieldsOf,
  foreignOf,
  legacyShop,
  marksIn,
  migrates,
  migrating,
  policyOf,
  undoes,
} from '../../support/fake-cluster/legacy-shop.ts'
import type { Shop } from '../../support/fake-cluster/shop.ts'
import { cut, deploys, momentsOf, struck, type Action } from '../../support/fake-cluster/walk.ts'

const before = legacyShop()
const failing = before.copy().set('top', { image: 'top:broken' })
const done = before.copy()
await migrates(done.run())

const migration = await momentsOf(before, migrates)
const failure = await momentsOf(failing, migrates)
const undoing = await momentsOf(done, undoes)

/** The walks together visit every moment; each run takes a tenth of a second. */
function each<T>(nth: number, moments: readonly T[]): T[] {
  return moments.filter((_, at) => at % nth === 0)
}

/** The old stack as it was: nothing of helm's, and nothing that forge had kept for this. */
function expectGivenBack(shop: Shop): void {
  expect(fieldsOf(shop)).toEqual(fieldsOf(before))
  expect(marksIn(shop)).toEqual([])
  expect(policyOf(shop)).toBe('Delete')
}

function expectMigrated(shop: Shop): void {
  expect(shop.state()).toEqual(done.state())
  expect(policyOf(shop)).toBe('Delete')
  expect(shop.journal().map(({ state }) => state)).not.toContain('running')
}

test('claims and volumes are held before helm runs; what only the old stack had goes when all is proven', () => {
  const effects = migration.map(({ effect }) => effect)
  expect(effects.filter((effect) => !/: running \((?:retire .*|.* done)\)$|superseded$/u.test(effect))).toEqual([
    'lock: taken',
    'journal #1: running',
    'lock: deploy 1',
    'evidence',
    'journal #1: running (adopt base running)',
    'journal #1: running (adopt top running)',
    'create Secret/forge-shop-legacy-1',
    'replace PersistentVolumeClaim/data',
    'replace PersistentVolume/pv-data',
    'create Secret/sh.helm.release.v1.base.v1',
    'create Secret/sh.helm.release.v1.top.v1',
    'journal #1: running (adopt top running)',
    'journal #1: running (upgrade base running)',
    'delete Job/seed',
    'helm upgrade base: revision 2 pending-upgrade',
    'helm upgrade base: ConfigMap/base',
    'helm upgrade base: Deployment/base',
    'helm upgrade base: PersistentVolumeClaim/data',
    'helm upgrade base: Job/seed',
    'helm upgrade base: revision 2 deployed',
    'journal #1: running (upgrade top running)',
    'helm upgrade top: revision 2 pending-upgrade',
    'helm upgrade top: ConfigMap/top',
    'helm upgrade top: Deployment/top',
    'helm upgrade top: revision 2 deployed',
    'delete ConfigMap/left',
    'delete Service/left',
    'replace ConfigMap/base',
    'replace Deployment/base',
    'replace PersistentVolumeClaim/data',
    'replace ConfigMap/top',
    'replace Deployment/top',
    'replace PersistentVolume/pv-data',
    'replace Secret/forge-shop-legacy-1',
    'journal #1: deployed (retire done)',
    'lock: released',
  ])
})

describe('a migration that is killed', () => {
  test.each(migration)('before $at, $effect: the same command reaches the same end', async (moment) => {
    const shop = await cut(before, migrates, moment)
    const { report } = await migrates(shop.run('next@here'))
    expect(['deployed', 'unchanged']).toContain(report.outcome)
    expectMigrated(shop)
    expect(foreignOf(shop)).toEqual(foreignOf(before))
  })

  test.each(each(2, migration))(
    'before $at, $effect: a recovery completes it or gives the old stack back',
    async (moment) => {
      const shop = await cut(before, migrates, moment)
      const { outcome, why } = await shop.run('next@here').recover()
      expect(why).toBeUndefined()
      if (outcome === 'deployed' || moment.effect === 'lock: released') expectMigrated(shop)
      else expectGivenBack(shop)
      expect(foreignOf(shop)).toEqual(foreignOf(before))
    },
  )

  test.each(each(5, migration))('before $at, $effect: --undo gives the old stack back', async (moment) => {
    const shop = await cut(before, migrates, moment)
    await undoes(shop.run('next@here')).catch((error: unknown) =>
      expect(error).toMatchObject({ code: 'E_MIGRATE_NONE' }),
    )
    expectGivenBack(shop)
  })

  test.each(each(6, migration))(
    'before $at, $effect: a deploy does not take the old stack for a release',
    async (moment) => {
      const shop = await cut(before, migrates, moment)
      const { report, error } = await deploys(shop.run('next@here'))
      if (report.outcome === 'unchanged' || report.outcome === 'deployed') expectMigrated(shop)
      else {
        expect(error?.code).toBe('E_OBJECT_OWNED')
        expectGivenBack(shop)
      }
    },
  )
})

describe('a migration that fails', () => {
  test('gives the old stack back', async () => {
    const shop = failing.copy()
    const { report } = await migrates(shop.run())
    expect(report.outcome).toBe('restored')
    expectGivenBack(shop)
  })

  test.each(each(3, failure))(
    'and is killed before $at, $effect: a recovery gives the old stack back',
    async (moment) => {
      const shop = await cut(failing, migrates, moment)
      const { why } = await shop.run('next@here').recover()
      expect(why).toBeUndefined()
      expectGivenBack(shop)
      expect(foreignOf(shop)).toEqual(foreignOf(before))
    },
  )

  test.each(['refused', 'answer lost', 'bug', 'interrupted', 'left alone'] as const)(
    '%s at any moment: what it leaves is put right',
    async (fault) => {
      for (const moment of each(7, failure)) {
        const { shop, end } = await struck(failing, migrates, fault, moment)
        await shop.run('next@here').recover()
        expect([moment.at, moment.effect, end, fieldsOf(shop)]).toEqual([
          moment.at,
          moment.effect,
          end,
          fieldsOf(before),
        ])
        expect([moment.effect, marksIn(shop)]).toEqual([moment.effect, []])
      }
    },
  )

  test('a second one leaves what the first has made', async () => {
    const shop = done.copy().set('top', { image: 'top:broken' })
    const { report } = await migrates(shop.run())
    expect(report.outcome).toBe('restored')
    expect(shop.state()).toEqual(done.state())
    expect(shop.history('top')[0]).toMatch(/deployed$/u)
    expect((await undoes(shop.copy().run())).report.outcome).toBe('rolled-back')
  })
})

describe('a way back that is killed', () => {
  test.each(each(3, undoing))('before $at, $effect: the same command gets there', async (moment) => {
    const shop = await cut(done, undoes, moment)
    if (moment.effect === 'lock: released')
      await expect(undoes(shop.run('next@here'))).rejects.toMatchObject({ code: 'E_MIGRATE_NONE' })
    else expect(['unchanged', 'rolled-back']).toContain((await undoes(shop.run('next@here'))).report.outcome)
    expectGivenBack(shop)
  })

  test.each(each(3, undoing))('before $at, $effect: a recovery gets to one of both', async (moment) => {
    const shop = await cut(done, undoes, moment)
    await shop.run('next@here').recover()
    if (shop.history('top').length === 0) expectGivenBack(shop)
    else expectMigrated(shop)
  })
})

describe('a way back that meets a fault', () => {
  const begin = undoing.findIndex(({ effect }) => effect.includes('(hand-back '))
  const marksBeside = (shop: Shop): readonly string[] => marksIn(shop).filter((one) => !/^sh\.helm/u.test(one))

  // What nobody can take back any more is completed: helm's marks and records are off in part.
  test.each(['refused', 'answer lost', 'bug', 'interrupted', 'left alone'] as const)(
    '%s at any moment: one of both, and the same command gets there',
    async (fault) => {
      for (const moment of undoing.filter((_, at) => at >= begin || at % 4 === 0)) {
        const { shop, end } = await struck(done, undoes, fault, moment)
        const again = shop.copy()
        await shop.run('next@here').recover()
        const isBack = shop.history('top').length === 0
        const wanted = isBack ? before : done
        const found = {
          ...moment,
          end,
          isBack,
          fields: fieldsOf(shop),
          marks: isBack ? marksIn(shop) : marksBeside(shop),
        }
        const marks = isBack ? [] : marksBeside(done)
        expect(found).toEqual({
          ...moment,
          end,
          isBack: moment.at > begin + 1 || isBack,
          fields: fieldsOf(wanted),
          marks,
        })
        await undoes(again.run('next@here')).catch((error: unknown) =>
          expect(error).toMatchObject({ code: 'E_MIGRATE_NONE' }),
        )
        expect({ ...moment, end, fields: fieldsOf(again) }).toEqual({ ...moment, end, fields: fieldsOf(before) })
      }
    },
    60_000,
  )
})

describe('how the old stack was is forgotten', () => {
  const isKept = (shop: Shop): boolean => marksIn(shop).includes('forge-shop-legacy-1')

  test('with the releases', async () => {
    const shop = done.copy()
    expect(isKept(shop)).toBe(true)
    await shop.run().uninstall({ confirm: 'prod' })
    expect(isKept(shop)).toBe(false)
  })

  test('with its deploy in the journal', async () => {
    const shop = done.copy()
    for (let at = 1; at <= 19; at++) await deploys(shop.set('top', { image: `top:more-${at}` }).run())
    expect(isKept(shop)).toBe(true)
    await deploys(shop.set('top', { image: 'top:last' }).run())
    expect(isKept(shop)).toBe(false)
  })
})

test('one release after the other: a failure of the second leaves the first, and one way back takes both', async () => {
  const only = (name: string): Action => migrating({ release: [name], only: true })
  const shop = before.copy()
  expect((await only('base')(shop.run())).report.outcome).toBe('deployed')
  const first = shop.state()
  shop.set('top', { image: 'top:broken' })
  expect((await only('top')(shop.run())).report.outcome).toBe('restored')
  expect(shop.state()).toEqual(first)
  shop.set('top', {})
  expect((await only('top')(shop.run())).report.outcome).toBe('deployed')
  expect((await undoes(shop.run())).report.outcome).toBe('rolled-back')
  expectGivenBack(shop)
})
