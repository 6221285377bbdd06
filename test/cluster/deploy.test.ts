import { expect, test } from '@jest/globals'
import { document } from '../support/forge.ts'
import { forgeHere, freshNamespace, object, objects, podsByName, snapshot } from '../support/cluster.ts'
import { exampleProject, type TestProject } from '../support/project.ts'
import type { DeployReport } from '../../src/flows/deploy/report.ts'

const STACK = ['app', 'postgres', 'redis', 'temporal', 'temporal-web', 'worker']

async function deploy(
  project: TestProject,
  ...more: string[]
): Promise<{ status: number | undefined; report: DeployReport }> {
  const ran = await forgeHere(['deploy', '--env', 'sandbox', '-C', project.dir, '--json', ...more])
  return { status: ran.status, report: document<DeployReport>(ran) }
}

async function deployed(namespace = freshNamespace('deploy')): Promise<{ namespace: string; project: TestProject }> {
  const project = await exampleProject(namespace)
  const { status, report } = await deploy(project)
  expect({ status, verdict: report.verdict }).toEqual({ status: 0, verdict: null })
  return { namespace, project }
}

test('a first deploy goes through the ten steps and leaves a complete, ready stack', async () => {
  const namespace = freshNamespace('first')
  const project = await exampleProject(namespace)

  const { status, report } = await deploy(project)

  expect({ status, outcome: report.outcome, verdict: report.verdict }).toEqual({
    status: 0,
    outcome: 'deployed',
    verdict: null,
  })
  expect(report.steps.map(({ name, outcome }) => `${name} ${outcome}`)).toEqual(
    [
      'prerequisites',
      'images',
      'secrets',
      'configuration',
      'preview',
      'upgrade',
      'databases',
      'schema',
      'temporal',
      'app',
    ].map((name) => `${name} done`),
  )
  expect(report).toMatchObject({
    apiVersion: 'forge/v1',
    command: 'deploy',
    environment: 'sandbox',
    namespace,
    deploy: 1,
  })
  expect(report.releases).toEqual([{ name: 'api-forge', revisionBefore: null, revisionAfter: 1 }])
  expect(Object.keys(await podsByName(namespace))).toEqual(expect.arrayContaining(STACK))
  for (const deployment of await objects('deployments', namespace)) {
    expect({ name: deployment.metadata.name, available: deployment.status?.['availableReplicas'] }).toEqual({
      name: deployment.metadata.name,
      available: deployment.spec?.['replicas'],
    })
  }
  const claims = await objects('persistentvolumeclaims', namespace)
  expect(
    claims.filter(({ metadata }) => metadata.name.endsWith('-data')).map(({ status: { phase } = {} }) => phase),
  ).toEqual(['Bound', 'Bound'])
  const lease = await object('lease', 'forge-api-forge', namespace)
  expect(lease?.spec?.['holderIdentity'] ?? '').toBe('')
})

test('a second deploy changes nothing, runs no helm and restarts no pod', async () => {
  const { namespace, project } = await deployed()
  const before = await podsByName(namespace)

  const { status, report } = await deploy(project)

  expect({ status, outcome: report.outcome, restarted: report.restarted }).toEqual({
    status: 0,
    outcome: 'unchanged',
    restarted: [],
  })
  expect(report.releases).toEqual([{ name: 'api-forge', revisionBefore: 1, revisionAfter: 1 }])
  expect(await podsByName(namespace)).toEqual(before)
})

test('a changed configuration restarts exactly its consumers', async () => {
  const { namespace, project } = await deployed()
  const before = await podsByName(namespace)
  await project.edit('.env', 'LOG_LEVEL=INFO', 'LOG_LEVEL=DEBUG')

  const { status, report } = await deploy(project)

  expect({ status, outcome: report.outcome }).toEqual({ status: 0, outcome: 'deployed' })
  expect(report.restarted.map(({ workload }) => workload).sort()).toEqual(['app', 'worker'])
  for (const { because } of report.restarted) expect(because).toEqual(['app-env LOG_LEVEL'])
  const after = await podsByName(namespace)
  const moved = STACK.filter((name) => JSON.stringify(after[name]) !== JSON.stringify(before[name]))
  expect(moved).toEqual(['app', 'worker'])
  expect((await object('configmap', 'app-env', namespace))?.data?.['LOG_LEVEL']).toBe('DEBUG')
})

test('a changed secret key restarts its consumers, and the old content is kept', async () => {
  const { namespace, project } = await deployed()
  const before = await podsByName(namespace)
  await project.write('infra/secrets/keys/redis_password.txt', 'another-password-of-redis-long-enough')

  const { status, report } = await deploy(project)

  expect({ status, outcome: report.outcome }).toEqual({ status: 0, outcome: 'deployed' })
  expect(report.restarted.flatMap(({ because }) => because)).toContain('redis-secrets redis_password')
  const after = await podsByName(namespace)
  expect(STACK.filter((name) => JSON.stringify(after[name]) !== JSON.stringify(before[name]))).not.toContain('postgres')
  const live = await object('secret', 'redis-secrets', namespace)
  expect(Buffer.from(live?.data?.['redis_password'] ?? '', 'base64').toString()).toBe(
    'another-password-of-redis-long-enough',
  )
  expect(live?.metadata.annotations?.['forge.api-forge.io/revision']).toBe('2')
})

test('redis goes off and comes back with its claim', async () => {
  const { namespace, project } = await deployed()
  const claim = (await object('persistentvolumeclaim', 'redis-data', namespace))?.metadata.uid

  const off = await deploy(project, '--set', 'redis.enabled=false')
  expect({ status: off.status, outcome: off.report.outcome }).toEqual({ status: 0, outcome: 'deployed' })
  expect(await object('deployment', 'redis', namespace)).toBeUndefined()
  expect(await object('service', 'redis', namespace)).toBeUndefined()
  expect((await object('persistentvolumeclaim', 'redis-data', namespace))?.metadata.uid).toBe(claim)

  const on = await deploy(project)
  expect({ status: on.status, outcome: on.report.outcome }).toEqual({ status: 0, outcome: 'deployed' })
  expect((await object('deployment', 'redis', namespace))?.status?.['availableReplicas']).toBe(1)
  expect((await object('persistentvolumeclaim', 'redis-data', namespace))?.metadata.uid).toBe(claim)
})

test('an image that cannot be pulled ends with exit status 4, and every object is as before', async () => {
  const { namespace, project } = await deployed()
  const before = await snapshot(namespace)

  const { status, report } = await deploy(
    project,
    '--set',
    'app.image=registry.invalid/api-forge-app:2',
    '--set',
    'app.env.LOG_LEVEL=DEBUG',
  )

  expect({ status, outcome: report.outcome, code: report.verdict?.code }).toEqual({
    status: 4,
    outcome: 'restored',
    code: 'E_IMAGE_PULL',
  })
  expect(report.verdict?.chain[0]).toBe('Deployment/app')
  expect(report.steps.find(({ name }) => name === 'app')?.outcome).toBe('failed')
  expect(report.evidence).toMatch(/api-forge\/sandbox\/2(?:-\d+)?$/u)
  expect(await snapshot(namespace)).toEqual(before)
  expect(report.releases[0]?.revisionAfter).toBe(3)

  const again = await deploy(project)
  expect({ status: again.status, outcome: again.report.outcome }).toEqual({ status: 0, outcome: 'unchanged' })
})

test('a first install that fails stays, with its evidence: exit status 5', async () => {
  const namespace = freshNamespace('stays')
  const project = await exampleProject(namespace)

  const { status, report } = await deploy(project, '--set', 'app.image=registry.invalid/api-forge-app:2')

  expect({ status, outcome: report.outcome, code: report.verdict?.code }).toEqual({
    status: 5,
    outcome: 'failed',
    code: 'E_IMAGE_PULL',
  })
  expect(await object('deployment', 'postgres', namespace)).toBeDefined()

  const healed = await deploy(project)
  expect({ status: healed.status, outcome: healed.report.outcome }).toEqual({ status: 0, outcome: 'deployed' })
})
