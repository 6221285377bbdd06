import { describe, expect, test } from '@jest/globals'
import { Shop } from '../../support/fake-cluster/shop.ts'

/** Without what is written in the background: that a step is done is written while the next thing happens. */
const essential = (effects: readonly string[]): string[] =>
  effects.filter((one) => !/: running \(.* done\)$/u.test(one))

const deployed = async (): Promise<Shop> => {
  const shop = new Shop()
  await shop.run().deploy()
  return shop
}

describe('a first install', () => {
  test('takes the lock, writes down what it is about to do, does it, and writes down that it is done', async () => {
    const shop = new Shop()
    const run = shop.run()
    const { report, error } = await run.deploy()
    expect([report.outcome, report.deploy, error]).toEqual(['deployed', 1, undefined])
    expect(essential(run.effects.list)).toEqual([
      'create Namespace/shop',
      'lock: taken',
      'journal #1: running',
      'lock: deploy 1',
      'journal #1: running (write-secrets running)',
      'create Secret/forge-login-r1',
      'apply Secret/login',
      'journal #1: running (upgrade base running)',
      'helm upgrade base: revision 1 pending-install',
      'helm upgrade base: ConfigMap/base',
      'helm upgrade base: Deployment/base',
      'helm upgrade base: revision 1 deployed',
      'journal #1: running (upgrade top running)',
      'helm upgrade top: revision 1 pending-install',
      'helm upgrade top: ConfigMap/top',
      'helm upgrade top: Deployment/top',
      'helm upgrade top: revision 1 deployed',
      'journal #1: deployed (upgrade top done)',
      'lock: released',
    ])
    expect(shop.holder()).toBeUndefined()
  })

  test('leaves an entry that says what was done', async () => {
    const [entry] = (await deployed()).journal()
    expect(entry).toMatchObject({ number: 1, state: 'deployed', steps: [{ op: 'write-secrets' }, {}, {}] })
    expect(entry?.steps.map(({ outcome }) => outcome)).toEqual(['done', 'done', 'done'])
    expect(entry?.releases.map(({ name, revisionAfter }) => `${name} ${revisionAfter ?? '?'}`)).toEqual([
      'base 1',
      'top 1',
    ])
  })
})

test('nothing changed: nothing is written, not even the lock', async () => {
  const shop = await deployed()
  const run = shop.run()
  const { report } = await run.deploy()
  expect([report.outcome, report.deploy, run.effects.list]).toEqual(['unchanged', 1, []])
})

describe('a change', () => {
  test('of one release writes no object of the other', async () => {
    const shop = await deployed()
    const run = shop.set('base', { colour: 'red' }).run()
    const { report } = await run.deploy()
    expect([report.outcome, report.restarted.map(({ workload }) => workload)]).toEqual(['deployed', ['base']])
    expect(essential(run.effects.list)).toEqual([
      'lock: taken',
      'journal #2: running',
      'lock: deploy 2',
      'journal #2: running (upgrade base running)',
      'helm upgrade base: revision 2 pending-upgrade',
      'helm upgrade base: ConfigMap/base',
      'helm upgrade base: Deployment/base',
      'helm upgrade base: revision 1 superseded',
      'helm upgrade base: revision 2 deployed',
      'journal #2: running (upgrade top running)',
      'helm upgrade top: revision 2 pending-upgrade',
      'helm upgrade top: revision 1 superseded',
      'helm upgrade top: revision 2 deployed',
      'journal #2: deployed (upgrade top done)',
      'lock: released',
    ])
  })

  test('of a secret keeps the new content under a number before it is written', async () => {
    const shop = await deployed()
    const run = shop.write('login.txt', 'another-password-long-enough').run()
    const { report } = await run.deploy()
    expect(report.outcome).toBe('deployed')
    expect(run.effects.list.slice(3, 7)).toEqual([
      'journal #2: running (write-secrets running)',
      'create Secret/forge-login-r1, which exists',
      'create Secret/forge-login-r2',
      'apply Secret/login',
    ])
    expect(shop.revisions()).toEqual(['forge-login-r1', 'forge-login-r2'])
  })

  test('that does not become ready: evidence, then all goes back in reverse order, and is proven', async () => {
    const shop = await deployed()
    const before = shop.state()
    const run = shop.set('base', { colour: 'green' }).set('top', { image: 'top:broken' }).run()
    const { report, error } = await run.deploy()
    expect([report.outcome, report.verdict?.code, error?.exitStatus]).toEqual(['restored', 'E_IMAGE_PULL', 4])
    expect(error?.details.now).toBe('test runs #1 again, proven')
    const effects = essential(run.effects.list)
    expect(effects.slice(effects.indexOf('evidence'))).toEqual([
      'evidence',
      'journal #2: running (return top running)',
      'helm rollback top: revision 3 pending-rollback',
      'helm rollback top: Deployment/top',
      'helm rollback top: revision 2 superseded',
      'helm rollback top: revision 3 deployed',
      'journal #2: running (return base running)',
      'helm rollback base: revision 3 pending-rollback',
      'helm rollback base: ConfigMap/base',
      'helm rollback base: Deployment/base',
      'helm rollback base: revision 2 superseded',
      'helm rollback base: revision 3 deployed',
      'journal #2: restored (return base done)',
      'lock: released',
    ])
    expect(shop.state()).toEqual(before)
    expect(shop.journal()[0]).toMatchObject({ state: 'restored', verdict: { code: 'E_IMAGE_PULL' } })
  })
})
