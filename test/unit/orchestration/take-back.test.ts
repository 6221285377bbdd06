import { describe, expect, test } from '@jest/globals'
import type { KubeObject } from '../../../src/domain/kube.ts'
import { strikeWhere } from '../../support/fake-cluster/faults.ts'
import { helmRecords, readRecord, recordOf } from '../../support/fake-cluster/helm-records.ts'
import type { Run } from '../../support/fake-cluster/run.ts'
import { Shop } from '../../support/fake-cluster/shop.ts'

/** Somebody runs helm by hand at this moment: the release has one revision more. */
function byHand(shop: Shop, run: Run, release: string, when: string): void {
  const { store } = shop.cluster
  run.effects.onEach((name) => {
    if (name !== when) return
    const [newest] = helmRecords(store, release, 'shop').map(readRecord)
    if (newest !== undefined) store.put(recordOf({ ...newest, version: newest.version + 1 }))
  })
}

const before = new Shop()
await before.run().deploy()

describe('a release that somebody else has written meanwhile is left to them', () => {
  test('by a deploy that has failed', async () => {
    const shop = before.copy().change('top:broken')
    const run = shop.run()
    byHand(shop, run, 'top', 'evidence')
    const { report, error } = await run.deploy()
    expect([report.outcome, error?.exitStatus]).toEqual(['failed', 5])
    expect(error?.details.now).toContain('release top got revision 3')
    expect(shop.history('top')[0]).toMatch(/^3 /u)
    expect(run.effects.list.filter((name) => name.startsWith('helm rollback'))).toEqual([])
  })

  test('by forge rollback, and what it has taken back already comes again', async () => {
    const two = before.copy().change()
    await two.run().deploy()
    const shop = two.copy()
    const run = shop.run()
    byHand(shop, run, 'base', 'helm rollback top: revision 3 deployed')
    const { report, error } = await run.rollback({ to: 1 })
    expect([report.outcome, error?.code, error?.exitStatus]).toEqual(['restored', 'E_RELEASE_MOVED', 4])
    expect(run.effects.list.filter((name) => name.startsWith('helm rollback base'))).toEqual([])
    expect(shop.state()).toEqual(two.state())
  })
})

describe('what cannot be changed in place', () => {
  const settings = (name: string, data: string, more: object = {}): KubeObject => {
    return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { data }, ...more }
  }

  test('and was fixed by the deploy that failed is made anew', async () => {
    const first = new Shop().set('top', { more: [settings('one', 'a')] })
    await first.run().deploy()
    const shop = first.copy().set('top', { image: 'top:broken', more: [settings('one', 'b', { immutable: true })] })
    const run = shop.run()
    const { report, error } = await run.deploy()
    expect([report.outcome, error?.details.now]).toEqual(['restored', 'test runs #1 again, proven'])
    expect(run.effects.list).toContain('delete ConfigMap/one')
    expect(shop.state()).toEqual(first.state())
  })

  test('and was taken away before helm ran comes back', async () => {
    const both = (data: string): KubeObject[] => ['one', 'two'].map((name) => settings(name, data, { immutable: true }))
    const first = new Shop().set('top', { more: both('a') })
    await first.run().deploy()
    const shop = first.copy().set('top', { more: both('b') })
    const run = shop.run()
    strikeWhere(run, 'refused', /^delete ConfigMap\/two$/u)
    const { report, error } = await run.deploy()
    expect([report.outcome, error?.details.now]).toEqual(['restored', 'test runs #1 again, proven'])
    expect(shop.state()).toEqual(first.state())
  })
})
