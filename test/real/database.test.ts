import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { stringify } from 'yaml'
import { forge } from '../support/forge.ts'
import { projectOf, type TestProject } from '../support/project.ts'
import { currentContext, KUBECONFIG, RealNamespace } from '../support/real-cluster.ts'
import { smallFiles, type Manifest } from '../support/small.ts'

const LABELS = { 'app.kubernetes.io/name': 'db' }

let namespace: RealNamespace

beforeEach(async () => {
  namespace = await RealNamespace.create('database')
})
afterEach(async () => await namespace.remove())

/** The usual database: OrderedReady, one claim, and settings that a typo makes it refuse. */
function postgres(sharedBuffers = '16MB', whenDeleted = 'Retain'): Manifest {
  const env = [
    { name: 'POSTGRES_PASSWORD', value: 'only-a-test' },
    { name: 'PGDATA', value: '/data/pg' },
  ]
  const container = {
    name: 'db',
    image: 'postgres:15',
    args: ['-c', `shared_buffers=${sharedBuffers}`],
    env,
    volumeMounts: [{ name: 'data', mountPath: '/data' }],
    readinessProbe: { exec: { command: ['pg_isready', '-U', 'postgres', '-h', '127.0.0.1'] }, periodSeconds: 2 },
  }
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'db' },
    spec: {
      serviceName: 'db',
      persistentVolumeClaimRetentionPolicy: { whenDeleted, whenScaled: 'Retain' },
      selector: { matchLabels: LABELS },
      template: { metadata: { labels: LABELS }, spec: { containers: [container] } },
      volumeClaimTemplates: [
        {
          metadata: { name: 'data' },
          spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
        },
      ],
    },
  }
}

const SETTINGS: Manifest = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' } }

async function make(): Promise<TestProject> {
  const environment = { cluster: { context: await currentContext() }, namespace: namespace.name }
  return await projectOf(smallFiles(environment, []))
}

async function run(project: TestProject, command: string, ...flags: string[]): ReturnType<typeof forge> {
  return await forge([command, '--env', 'test', '-C', project.dir, '--kubeconfig', KUBECONFIG, ...flags])
}

async function deploy(
  project: TestProject,
  objects: readonly Manifest[],
  ...flags: string[]
): ReturnType<typeof forge> {
  await project.write('values.yaml', stringify({ objects }))
  return await run(project, 'deploy', ...flags)
}

/** The disk behind the one claim of the database. Undefined: there is no claim. */
async function volume(): Promise<string | undefined> {
  const [claim] = await namespace.objects('persistentvolumeclaims')
  return claim?.spec?.['volumeName'] as string | undefined
}

async function psql(statement: string): Promise<string> {
  return await namespace.kubectl(['exec', 'db-0', '--', 'psql', '-U', 'postgres', '-At', '-c', statement])
}

test('a PostgreSQL whose new revision crashes is back by itself, with its data', async () => {
  const project = await make()
  expect(await deploy(project, [postgres()])).toMatchObject({ status: 0 })
  await psql("create table kept (what text); insert into kept values ('a row')")

  const { status, stderr } = await deploy(project, [postgres('nonsense')])

  expect({ status, stderr }).toMatchObject({ status: 4 })
  expect(stderr).toMatch(/^FAILED {2}db cannot start/mu)
  expect(stderr).toMatch(/^now +test runs #1 again, proven/mu)
  expect(await psql('select what from kept')).toBe('a row')
  expect(await psql('show shared_buffers')).toBe('16MB')
})

test('claims that go with their StatefulSet (whenDeleted) go only where that is confirmed, and are kept otherwise', async () => {
  const project = await make()
  expect(await deploy(project, [SETTINGS, postgres('16MB', 'Delete')])).toMatchObject({ status: 0 })
  await psql("create table kept (what text); insert into kept values ('a row')")
  const disk = await volume()

  const refused = await deploy(project, [SETTINGS])
  expect(refused).toMatchObject({ status: 3, stderr: expect.stringMatching(/E_DATA_LOSS[^]*--confirm db/u) })
  expect(refused.stderr).toContain('data-db-0')
  expect(await run(project, 'uninstall', '--yes')).toMatchObject({
    status: 3,
    stderr: expect.stringMatching(/E_CONFIRM_NAME[^]*data-db-0|data-db-0[^]*E_CONFIRM_NAME/u),
  })
  expect(await psql('select what from kept')).toBe('a row')

  // Kept: the same steps, once the policy says so.
  expect(await deploy(project, [SETTINGS, postgres()])).toMatchObject({ status: 0 })
  expect(await run(project, 'uninstall', '--yes')).toMatchObject({ status: 0 })
  await namespace.waitFor('pod/db-0', 'delete')
  expect(await volume()).toBe(disk)
  expect(await deploy(project, [SETTINGS, postgres('16MB', 'Delete')])).toMatchObject({ status: 0 })
  expect(await psql('select what from kept')).toBe('a row')

  // Confirmed: gone, the disk with it.
  expect(await deploy(project, [SETTINGS], '--confirm', 'db')).toMatchObject({ status: 0 })
  await namespace.waitFor('persistentvolumeclaim/data-db-0', 'delete')
  await namespace.waitFor(`persistentvolume/${disk ?? ''}`, 'delete')
})
