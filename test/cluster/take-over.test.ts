import { describe, expect, test } from '@jest/globals'
import { freshNamespace, kubectl, snapshot } from '../support/cluster.ts'
import { startForge } from '../support/forge.ts'
import { helmOf } from '../support/helms.ts'
import { send } from '../support/processes.ts'
import { testSandbox } from '../support/sandbox.ts'
import * as sample from '../support/manifests.ts'
import {
  app,
  database,
  databaseObjects,
  identities,
  ownersOf,
  splitProject,
  watchDeletions,
  type Split,
} from '../support/split.ts'

const GOOD = { outcome: 'deployed', verdict: null }

async function monolith(prefix: string, major: 3 | 4): Promise<Split> {
  const split = await splitProject(freshNamespace(`${prefix}${major}`), major)
  await split.releases({ shop: [app(), ...database()] })
  expect((await split.deploy()).report).toMatchObject(GOOD)
  return split
}

const owners = async ({ namespace }: Split): Promise<string[]> =>
  [...new Set(Object.values(ownersOf(await databaseObjects(namespace))))].filter((one) => one !== undefined)

/** Whether helm's own record of a release has the database. */
const has = async (split: Split, release: string): Promise<boolean> =>
  (await split.helm('get', 'manifest', release)).includes('name: postgres')

describe.each([3, 4] as const)('with helm %i', (major) => {
  test.concurrent('a database moves to a release of its own without being touched, back, and forth', async () => {
    const split = await monolith('split', major)
    const { namespace } = split
    const before = await databaseObjects(namespace)
    const whole = await snapshot(namespace)
    await split.releases({ shop: [app('example.test/web:2')], db: database({ shared: '64MB' }) }, true)
    const moving = (await split.plan()).objects.filter(({ movesFrom }) => movesFrom === 'shop')
    expect(moving.map(({ object }) => object).sort()).toEqual([
      'ConfigMap/postgres-config',
      'PersistentVolumeClaim/backups',
      'Secret/postgres-login',
      'Service/postgres',
      'StatefulSet/postgres',
    ])
    const screen = await split.run('plan')
    expect(screen.stdout).toMatch(/~ StatefulSet\/postgres +moves from shop/u)
    expect(screen.stdout).toMatch(/~ ConfigMap\/postgres-config +shared +added 64MB  db\.yaml:\d+\n +moves from shop/u)

    const watch = await watchDeletions(namespace)
    const { report } = await split.deploy()
    expect(report).toMatchObject(GOOD)
    const after = await databaseObjects(namespace)
    expect(identities(after)).toEqual(identities(before))
    expect(after.get('StatefulSet/postgres')?.metadata.generation).toBe(
      before.get('StatefulSet/postgres')?.metadata.generation,
    )
    expect([await owners(split), await has(split, 'shop'), await has(split, 'db')]).toEqual([['db'], false, true])
    expect((await split.deploy()).report.outcome).toBe('unchanged')

    const two = await snapshot(namespace)
    expect((await split.run('rollback', '1', '--yes')).status).toBe(0)
    expect([await owners(split), await has(split, 'shop'), await has(split, 'db')]).toEqual([['shop'], true, false])
    expect(identities(await databaseObjects(namespace))).toEqual(identities(before))
    expect(await snapshot(namespace)).toEqual(whole)
    expect((await split.run('rollback', '2', '--yes')).status).toBe(0)
    expect(await snapshot(namespace)).toEqual(two)
    expect(await watch.stop()).toEqual([])
    expect([await owners(split), await has(split, 'shop')]).toEqual([['db'], false])

    expect((await split.run('uninstall', '--yes')).status).toBe(0)
    const left = await databaseObjects(namespace)
    expect([...left.keys()].filter((name) => !/^PersistentVolumeClaim|^Secret|^Pod/u.test(name))).toEqual([])
  })

  test.concurrent('a deploy that fails after the move brings everything back', async () => {
    const split = await monolith('back', major)
    const { namespace } = split
    const own = sample.configMap('db-own', { a: '1' })
    await split.releases({ shop: [app(), ...database()], db: [own] })
    expect((await split.deploy()).report).toMatchObject(GOOD)
    const [before, whole] = [await databaseObjects(namespace), await snapshot(namespace)]
    await split.releases({ shop: [app('registry.invalid/web:2')], db: [own, ...database({ shared: '64MB' })] }, true)
    const watch = await watchDeletions(namespace)
    const { status, report } = await split.deploy()
    expect({ status, outcome: report.outcome, code: report.verdict?.code }).toEqual({
      status: 4,
      outcome: 'restored',
      code: 'E_IMAGE_PULL',
    })
    expect(identities(await databaseObjects(namespace))).toEqual(identities(before))
    expect(await snapshot(namespace)).toEqual(whole)
    expect([await owners(split), await has(split, 'shop'), await has(split, 'db')]).toEqual([['shop'], true, false])
    expect(await watch.stop()).toEqual([])

    await split.releases({ shop: [app()], db: [own, ...database({ shared: '64MB' })] }, true)
    expect((await split.deploy()).report).toMatchObject(GOOD)
    expect([identities(await databaseObjects(namespace)), await owners(split)]).toEqual([identities(before), ['db']])
  })

  test.concurrent(
    'a release that forge.yaml names no more gives up what another takes, and keeps the rest',
    async () => {
      const split = await monolith('gone', major)
      const { namespace } = split
      const before = await databaseObjects(namespace)
      await split.releases({ db: database() }, true)
      expect((await split.deploy()).report).toMatchObject(GOOD)
      expect(identities(await databaseObjects(namespace))).toEqual(identities(before))
      expect([await owners(split), await has(split, 'shop')]).toEqual([['db'], false])
      await split.helm('uninstall', 'shop')
      expect(identities(await databaseObjects(namespace))).toEqual(identities(before))
      expect((await split.deploy()).report.outcome).toBe('unchanged')
    },
  )
})

test.concurrent('killed once the objects bear their new marks: recover gives them back', async () => {
  const split = await monolith('killed', 4)
  const { namespace, project } = split
  const [before, whole] = [await databaseObjects(namespace), await snapshot(namespace)]
  await split.releases({ shop: [app('example.test/web:2')], db: database({ shared: '64MB' }) }, true)
  const { name } = await testSandbox()
  const env = { FORGE_SANDBOX: name, FORGE_HELM: await helmOf(4) }
  const deploy = startForge(['deploy', '-e', 'test', '-C', project.dir, '--yes'], { env })
  const mark = String.raw`jsonpath={.metadata.annotations.meta\.helm\.sh/release-name}=db`
  await kubectl(['wait', 'configmap/postgres-config', '-n', namespace, `--for=${mark}`, '--timeout=60s'])
  send(deploy.pid ?? 0, 'SIGKILL')
  await deploy
  const past = JSON.stringify({ spec: { renewTime: '2026-01-01T00:00:00.000000Z' } })
  await kubectl(['patch', 'lease/forge-split', '-n', namespace, '--type=merge', '-p', past])
  const recovered = await split.run('recover')
  expect([recovered.status, recovered.stdout + recovered.stderr]).toEqual([
    0,
    expect.stringContaining('objects of db back to shop'),
  ])
  expect(identities(await databaseObjects(namespace))).toEqual(identities(before))
  expect([await owners(split), await has(split, 'shop')]).toEqual([['shop'], true])
  expect(await snapshot(namespace)).toMatchObject(whole)
})

describe('is refused before anything is written', () => {
  test.concurrent('where an object would have to be made anew', async () => {
    const split = await monolith('anew', 4)
    const before = await snapshot(split.namespace)
    const other = database().map((one) =>
      one.kind === 'StatefulSet' ? { ...one, spec: { ...(one['spec'] as object), serviceName: 'another' } } : one,
    )
    await split.releases({ shop: [app()], db: other }, true)
    const { status, report } = await split.deploy()
    expect({ status, code: report.verdict?.code }).toEqual({ status: 3, code: 'E_TAKE_OVER' })
    expect(report.verdict?.message).toContain('StatefulSet/postgres cannot move from release shop to db as it is')
    expect(await snapshot(split.namespace)).toEqual(before)
  })

  test.concurrent('where the release that gives is left out', async () => {
    const split = await monolith('left', 4)
    await split.releases({ shop: [app()], db: database() }, true)
    const { status, report } = await split.deploy('--release', 'db', '--only')
    expect({ status, code: report.verdict?.code }).toEqual({ status: 3, code: 'E_TAKE_OVER' })
  })
})
