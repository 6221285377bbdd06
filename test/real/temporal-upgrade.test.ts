import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { stringify } from 'yaml'
import type { TestProject } from '../support/project.ts'
import { print, RealNamespace, restarts } from '../support/real-cluster.ts'
import { SERVERS, temporalProject } from '../support/real-temporal-project.ts'
import { SMALL, temporal, underWorkflows } from '../support/real-temporal.ts'

// Temporal 1.28 wants version 1.17 of its schema, and 1.29 one that 1.28 does not have. CloudNativePG has to be in the cluster.
const BEFORE = '1.28.1'
const database = { mode: 'cnpg', cnpg: { storage: { size: '1Gi' } } }

const version = (tag: string): Readonly<Record<string, unknown>> => ({
  ...SMALL,
  database,
  server: { ...SMALL.server, image: { tag } },
  adminTools: { image: { tag } },
})

let namespace: RealNamespace
let project: TestProject

beforeAll(async () => {
  namespace = await RealNamespace.create('temporal-upgrade')
  project = await temporalProject(namespace, version(BEFORE))
  const { status, report } = await namespace.deploy(project)
  expect({ status, outcome: report.outcome, verdict: report.verdict }).toEqual({
    status: 0,
    outcome: 'deployed',
    verdict: null,
  })
}, 400_000)
afterAll(async () => await namespace.remove())

async function sql(statement: string, name = 'temporal'): Promise<string> {
  const psql = ['psql', '-U', 'postgres', '-d', name, '-Atc', statement]
  return await namespace.kubectl(['exec', 'temporal-postgres-1', '-c', 'postgres', '--', ...psql])
}
const schema = async (): Promise<string> => await sql('SELECT curr_version FROM schema_version')
const table = async (): Promise<string> => await sql("SELECT to_regclass('tasks_v2')")

interface Servers {
  readonly images: readonly string[]
  readonly uids: readonly string[]
  /** When the first of them began to run. */
  readonly began: string
}

async function servers(): Promise<Servers> {
  const pods = (await Promise.all(SERVERS.map(async (one) => await namespace.pods(`temporal-${one}`)))).flat()
  expect(restarts(pods)).toEqual([])
  const starts = pods.flatMap(
    ({ status }) => status.containerStatuses?.map(({ state }) => state.running?.startedAt) ?? [],
  )
  return {
    images: pods.map(({ spec }) => (spec.containers[0] as unknown as { image: string }).image),
    uids: pods.map(({ metadata }) => metadata.uid),
    began: starts.map(String).sort()[0] ?? '',
  }
}

test('the schema is brought on before the first server of the new version, workflows run all the while', async () => {
  const before = await servers()
  expect({ images: new Set(before.images), schema: await schema(), table: await table() }).toEqual({
    images: new Set([`temporalio/server:${BEFORE}`]),
    schema: '1.17',
    table: '',
  })
  const start = ['workflow', 'start', '--type', 'Long', '--task-queue', 'test', '--workflow-id', 'long']
  await temporal(namespace, ...start, '--input', '60')
  const report = await underWorkflows(namespace, 'deploy/app')

  await project.write('values.yaml', stringify(version('1.29.0')))
  const { status, report: deploy, begin, end } = await namespace.deploy(project)
  expect({ status, outcome: deploy.outcome, verdict: deploy.verdict }).toEqual({
    status: 0,
    outcome: 'deployed',
    verdict: null,
  })

  const after = await servers()
  expect(new Set(after.images)).toEqual(new Set(['temporalio/server:1.29.0']))
  expect(after.uids.filter((uid) => before.uids.includes(uid))).toEqual([])
  expect({ schema: await schema(), table: await table() }).toEqual({ schema: '1.18', table: 'tasks_v2' })
  const updated = await sql("SELECT max(update_time) FROM schema_update_history WHERE new_version = '1.18'")
  expect(Date.parse(`${updated.replace(' ', 'T')}Z`)).toBeLessThan(Date.parse(after.began))

  expect(await temporal(namespace, 'workflow', 'describe', '--workflow-id', 'long', '--output', 'json')).toMatch(
    /STATUS_RUNNING|"Running"/u,
  )
  expect(await temporal(namespace, 'workflow', 'result', '--workflow-id', 'long')).toContain('60 beats')
  const { ended, failed, refused, slowest } = await report()
  print(
    `Temporal ${BEFORE} to 1.29.0 with its schema, ${((end - begin) / 1000).toFixed(1)} s: ${ended} workflows ended, ${failed.length} failed, ${refused.length} calls refused, slowest ${slowest.toFixed(1)} s`,
  )
  expect({ failed, refused, enough: ended > 100 }).toEqual({ failed: [], refused: [], enough: true })
}, 400_000)

test('a rollback to the servers of before leaves the newer schema, and they serve with it', async () => {
  const report = await underWorkflows(namespace, 'deploy/app')
  const { status, report: back } = await namespace.forge('rollback', project, '--yes')
  expect({ status, outcome: back.outcome, verdict: back.verdict }).toEqual({
    status: 0,
    outcome: 'rolled-back',
    verdict: null,
  })
  expect(new Set((await servers()).images)).toEqual(new Set([`temporalio/server:${BEFORE}`]))
  expect(await schema()).toBe('1.18')
  const { ended, failed, refused } = await report()
  print(
    `back to Temporal ${BEFORE}: ${ended} workflows ended, ${failed.length} failed, ${refused.length} calls refused`,
  )
  expect({ failed, refused, enough: ended > 20 }).toEqual({ failed: [], refused: [], enough: true })
}, 400_000)
