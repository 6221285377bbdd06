import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { execa } from 'execa'
import { lookUpHelm } from '../../src/adapters/tools/helm.ts'
import { appOf, KUBECONFIG, RealNamespace, restarts } from '../support/real-cluster.ts'
import { realProject, useImage } from '../support/real-project.ts'
import type { TestProject } from '../support/project.ts'

// Redis goes and comes back (scenarios 2 and 7 of the stack; 1 and 6 are in stack.test.ts and upgrade.test.ts).
let namespace: RealNamespace
let project: TestProject

beforeAll(async () => {
  namespace = await RealNamespace.create('scenarios')
  project = await realProject(namespace)
  await switchRedis('false')
  expect(await namespace.deploy(project)).toMatchObject({ status: 0, report: { outcome: 'deployed', verdict: null } })
}, 300_000)

afterAll(async () => await namespace.remove())

async function switchRedis(to: 'true' | 'false'): Promise<void> {
  await project.write('config.yaml', (await project.read('config.yaml')).replace(/(redis:\s+enabled: )\w+/u, `$1${to}`))
}

const apps = async (): Promise<string[]> =>
  [...new Set((await namespace.pods()).filter(({ status }) => status.phase === 'Running').map(appOf))].sort()

const redis = async (command: string): Promise<string> =>
  (await namespace.exec('redis', `REDISCLI_AUTH="$(cat /run/secrets/redis_password)" redis-cli ${command}`)).output

const ALL = ['app', 'postgres', 'redis', 'temporal', 'temporal-admin-tools', 'temporal-web', 'worker']

test('2: without Redis there is no pod and no claim of it, and the app counts by itself', async () => {
  expect(await apps()).toEqual(ALL.filter((name) => name !== 'redis'))
  expect((await namespace.objects('persistentvolumeclaims')).map(({ metadata }) => metadata.name).sort()).toEqual([
    'postgres-backups',
    'postgres-data',
  ])
  expect((await namespace.exec('app', 'ls /run/secrets')).output).not.toContain('redis')
  expect(await namespace.get('/health')).not.toHaveProperty('redis')
  expect(await namespace.get('/hello?name=Ann')).toEqual({ result: expect.stringMatching(/^Hello, Ann/u) })
  expect(restarts(await namespace.pods())).toEqual([])
})

test('Redis is switched on in a stack that runs', async () => {
  await switchRedis('true')

  expect(await namespace.deploy(project)).toMatchObject({ status: 0, report: { outcome: 'deployed' } })

  expect(await apps()).toEqual(ALL)
  expect(await namespace.get('/health')).toMatchObject({ status: 'ok', redis: expect.stringMatching(/^\d/u) })
  expect(await redis('set kept yes')).toBe('OK')
}, 120_000)

test('7: a deploy that fails without Redis brings it back, with its data', async () => {
  await switchRedis('false')
  await useImage(project, 'broken')

  const { status, report } = await namespace.deploy(project)

  expect({ status, outcome: report.outcome, code: report.verdict?.code }).toEqual({
    status: 4,
    outcome: 'restored',
    code: 'E_CRASH_LOOP',
  })
  expect(await apps()).toEqual(ALL)
  expect(await redis('get kept')).toBe('yes')
  expect(await namespace.get('/health')).toMatchObject({ status: 'ok', redis: expect.stringMatching(/^\d/u) })
  await useImage(project, '1.0.0')
}, 200_000)

test('7: a rollback by hand brings Redis back with its data, and forge goes on from there', async () => {
  await switchRedis('false')
  expect(await namespace.deploy(project)).toMatchObject({ status: 0, report: { outcome: 'deployed' } })
  expect(await apps()).toEqual(ALL.filter((name) => name !== 'redis'))
  expect((await namespace.objects('persistentvolumeclaims')).map(({ metadata }) => metadata.name)).toContain(
    'redis-data',
  )

  const helm = await lookUpHelm()
  await execa(helm?.path ?? 'helm', ['--kubeconfig', KUBECONFIG, '-n', namespace.name, 'rollback', 'api-forge'])
  await namespace.waitFor('deploy/redis', 'condition=Available')
  expect(await redis('get kept')).toBe('yes')

  await switchRedis('true')
  expect(await namespace.deploy(project)).toMatchObject({ status: 0, report: { outcome: 'unchanged' } })
  expect(await namespace.get('/health')).toMatchObject({ status: 'ok', redis: expect.stringMatching(/^\d/u) })
}, 200_000)
