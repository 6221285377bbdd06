import { afterEach, expect, test } from '@jest/globals'
import { forgeHere, freshNamespace, kubectl, object, objects } from '../support/cluster.ts'
import { document } from '../support/forge.ts'
import { externalPostgres, type TestProject } from '../support/project.ts'
import type { DeployReport } from '../../src/flows/deploy/report.ts'

// The checklist of its owner: internal, external, a key that is missing, a change, a failure.
const made: string[] = []

afterEach(async () => {
  await kubectl(['delete', 'namespace', '--wait=false', ...made.splice(0)])
})

async function scene(name: string): Promise<{ namespace: string; project: TestProject }> {
  const namespace = freshNamespace(name)
  await kubectl(['create', 'namespace', namespace])
  made.push(namespace)
  return { namespace, project: await externalPostgres(namespace) }
}

async function deploy({ dir }: TestProject, env: string, ...more: string[]) {
  const ran = await forgeHere(['deploy', '--env', env, '-C', dir, '--json', '--yes', ...more])
  return { status: ran.status, report: document<DeployReport>(ran), stderr: ran.stderr }
}

/** The Secret that a database's administrator hands over. */
async function handOver(namespace: string, name: string, without?: string): Promise<void> {
  const all = { host: 'db.elsewhere.svc', port: '5432', username: 'postgres', password: 'a-password-of-the-database' }
  const stringData = Object.fromEntries(Object.entries(all).filter(([key]) => key !== without))
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name }, stringData }
  await kubectl(['-n', namespace, 'create', '-f', '-'], JSON.stringify(secret))
}

const names = async (kind: string, namespace: string): Promise<string[]> =>
  (await objects(kind, namespace)).map(({ metadata }) => metadata.name.replace(/-[0-9a-f]{8}$/u, '')).sort()

/** Which Secret and key the host of the database comes from, or the host itself. */
async function hostOf(namespace: string): Promise<unknown> {
  const found = await object('deployment', 'temporal-history', namespace)
  const pod = found?.spec?.['template'] as { spec: { containers: { env: { name: string }[] }[] } }
  return pod.spec.containers[0]?.env.find(({ name }) => name === 'DATABASE_HOST')
}

const steps = (report: DeployReport): string[] => report.steps.map(({ name, outcome }) => `${name} ${outcome}`)
const STAGES = ['schema done', 'temporal done', 'app done']

test('internal: one command brings a database, its schema, Temporal and the application up, in this order', async () => {
  const { namespace, project } = await scene('internal')
  expect(await forgeHere(['secrets', 'generate', '--env', 'dev', '-C', project.dir])).toMatchObject({ status: 0 })
  const { status, report } = await deploy(project, 'dev')
  expect({ status, outcome: report.outcome, stages: steps(report).slice(-3) }).toEqual({
    status: 0,
    outcome: 'deployed',
    stages: STAGES,
  })
  expect(await names('statefulsets', namespace)).toEqual(['temporal-postgres'])
  expect(await names('jobs', namespace)).toEqual(['temporal-namespaces', 'temporal-schema'])
  expect(await names('deployments', namespace)).toEqual([
    'backend',
    'backend-worker',
    ...['admin-tools', 'frontend', 'history', 'matching', 'web', 'worker'].map((name) => `temporal-${name}`),
  ])
  expect(await hostOf(namespace)).toEqual({ name: 'DATABASE_HOST', value: 'temporal-postgres' })
})

test('external, by environment alone: the Secret of another, and no database here', async () => {
  const { namespace, project } = await scene('external')
  await handOver(namespace, 'shared-postgres-credentials')
  expect(await deploy(project, 'shared')).toMatchObject({ status: 0, report: { outcome: 'deployed' } })
  expect(await names('statefulsets', namespace)).toEqual([])
  expect(await hostOf(namespace)).toEqual({
    name: 'DATABASE_HOST',
    valueFrom: { secretKeyRef: { name: 'shared-postgres-credentials', key: 'host' } },
  })
})

test.each(['host', 'port', 'username', 'password'])(
  'prod without the key %s of its Secret is refused before anything is written, with the key and the nodes named',
  async (key) => {
    const { namespace, project } = await scene('lacking')
    await handOver(namespace, 'managed-postgres-credentials', key)
    const { status, stderr } = await forgeHere(['deploy', '--env', 'prod', '-C', project.dir, '--yes'])
    expect({ status, stderr }).toEqual({ status: 3, stderr: expect.stringContaining('managed-postgres-credentials') })
    expect(stderr).toMatch(new RegExp(`\\b${key}\\b`, 'u'))
    expect(stderr).toMatch(/pool[=:] ?temporal/u)
    expect(await names('deployments', namespace)).toEqual([])
  },
)

test('changed: what changed goes on, the schema Job does not run again; failed: what ran before runs again', async () => {
  const { namespace, project } = await scene('changed')
  await handOver(namespace, 'shared-postgres-credentials')
  expect(await deploy(project, 'shared')).toMatchObject({ status: 0 })
  const jobs = async (): Promise<string[]> => (await objects('jobs', namespace)).map(({ metadata }) => metadata.uid)
  const image = async (): Promise<unknown> => {
    const found = await object('deployment', 'temporal-frontend', namespace)
    return (found?.spec?.['template'] as { spec: { containers: { image: string }[] } }).spec.containers[0]?.image
  }
  const before = await jobs()

  const values = await project.read('deploy/values.shared.yaml')
  await project.write('deploy/values.shared.yaml', `${values}history: { replicas: 2 }\n`)
  expect(await deploy(project, 'shared')).toMatchObject({ status: 0, report: { outcome: 'deployed' } })
  expect((await object('deployment', 'temporal-history', namespace))?.spec).toMatchObject({ replicas: 2 })
  expect(await jobs()).toEqual(before)

  const broken = 'server: { image: { repository: registry.invalid/temporal, tag: "2" } }\n'
  await project.write('deploy/values.shared.yaml', `${values}${broken}`)
  const { status, report } = await deploy(project, 'shared')
  expect({ status, outcome: report.outcome, code: report.verdict?.code }).toEqual({
    status: 4,
    outcome: 'restored',
    code: 'E_IMAGE_PULL',
  })
  expect(await image()).toBe('temporalio/server:1.29.0')
  expect((await object('deployment', 'temporal-history', namespace))?.spec).toMatchObject({ replicas: 2 })
})
