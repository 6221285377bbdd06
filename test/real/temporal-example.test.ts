import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { forge } from '../support/forge.ts'
import { externalPostgres, type TestProject } from '../support/project.ts'
import { currentContext, RealNamespace, restarts } from '../support/real-cluster.ts'

// examples/external-postgres as its owner deploys it, with its own database, on containers that run.
let namespace: RealNamespace
let project: TestProject

beforeAll(async () => {
  namespace = await RealNamespace.create('temporal-example')
  project = await externalPostgres(namespace.name)
  await project.configure(['environments', 'real'], {
    cluster: { context: await currentContext() },
    namespace: namespace.name,
    releases: { temporal: { values: ['deploy/values.internal.yaml'] } },
    requirements: { secrets: { 'managed-postgres-credentials': null }, nodes: [] },
  })
  expect(await forge(['secrets', 'generate', '--env', 'real', '-C', project.dir, '--offline'])).toMatchObject({
    status: 0,
  })
}, 60_000)

afterAll(async () => await namespace.remove())

test('the stages come in order, and a workflow of the application runs', async () => {
  const { status, report } = await namespace.deploy(project)
  expect({ status, outcome: report.outcome, verdict: report.verdict }).toEqual({
    status: 0,
    outcome: 'deployed',
    verdict: null,
  })
  expect(report.steps.slice(-3).map(({ name, outcome }) => `${name} ${outcome}`)).toEqual([
    'schema done',
    'temporal done',
    'app done',
  ])
  expect(restarts(await namespace.pods())).toEqual([])
  expect(await namespace.get('/hello?name=Ann', 'backend:8000')).toEqual({
    result: expect.stringMatching(/^Hello, Ann/u),
  })
}, 300_000)

test('nothing changed: nothing is done; a change restarts its pods alone, and workflows run', async () => {
  expect((await namespace.deploy(project)).report.outcome).toBe('unchanged')
  const uids = async (app: string): Promise<string[]> => (await namespace.pods(app)).map(({ metadata }) => metadata.uid)
  const [schema, history] = [await uids('temporal-schema'), await uids('temporal-history')]
  await project.edit('deploy/values.internal.yaml', 'matching: { ', 'matching: { extraEnv: [{ name: A, value: b }], ')
  expect(await namespace.deploy(project)).toMatchObject({ status: 0, report: { outcome: 'deployed' } })
  expect([await uids('temporal-schema'), await uids('temporal-history')]).toEqual([schema, history])
  expect(await namespace.get('/hello?name=Bob', 'backend:8000')).toEqual({
    result: expect.stringMatching(/^Hello, Bob/u),
  })
}, 200_000)
