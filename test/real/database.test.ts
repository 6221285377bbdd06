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
function postgres(sharedBuffers: string): Manifest {
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

async function deploy(project: TestProject, sharedBuffers: string): ReturnType<typeof forge> {
  await project.write('values.yaml', stringify({ objects: [postgres(sharedBuffers)] }))
  return await forge(['deploy', '--env', 'test', '-C', project.dir, '--kubeconfig', KUBECONFIG])
}

async function psql(statement: string): Promise<string> {
  return await namespace.kubectl(['exec', 'db-0', '--', 'psql', '-U', 'postgres', '-At', '-c', statement])
}

test('a PostgreSQL whose new revision crashes is back by itself, with its data', async () => {
  const environment = { cluster: { context: await currentContext() }, namespace: namespace.name }
  const project = await projectOf(smallFiles(environment, [postgres('16MB')]))
  expect(await deploy(project, '16MB')).toMatchObject({ status: 0 })
  await psql("create table kept (what text); insert into kept values ('a row')")

  const { status, stderr } = await deploy(project, 'nonsense')

  expect({ status, stderr }).toMatchObject({ status: 4 })
  expect(stderr).toMatch(/^FAILED {2}db cannot start/mu)
  expect(stderr).toMatch(/^now +test runs #1 again, proven/mu)
  expect(await psql('select what from kept')).toBe('a row')
  expect(await psql('show shared_buffers')).toBe('16MB')
})
