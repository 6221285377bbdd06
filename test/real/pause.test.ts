import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { document, forge } from '../support/forge.ts'
import { projectOf, type TestProject } from '../support/project.ts'
import { currentContext, image, KUBECONFIG, RealNamespace } from '../support/real-cluster.ts'
import { smallFiles, type Manifest } from '../support/small.ts'
import type { PauseReport } from '../../src/flows/pause/pause.ts'

/** CloudNativePG has to be in the cluster. */
const database: Manifest = {
  apiVersion: 'postgresql.cnpg.io/v1',
  kind: 'Cluster',
  metadata: { name: 'shop-postgres' },
  spec: { instances: 1, storage: { size: '1Gi' } },
}
const LABELS = { 'app.kubernetes.io/name': 'web' }
const web: Manifest = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: {
    replicas: 2,
    selector: { matchLabels: LABELS },
    template: {
      metadata: { labels: LABELS },
      spec: {
        terminationGracePeriodSeconds: 0,
        containers: [
          { name: 'web', image: image('1.0.0'), imagePullPolicy: 'IfNotPresent', command: ['sleep', '3600'] },
        ],
      },
    },
  },
}

let namespace: RealNamespace
let project: TestProject
let args: readonly string[]

beforeAll(async () => {
  namespace = await RealNamespace.create('q5pause')
  const cluster = { context: await currentContext() }
  project = await projectOf(smallFiles({ cluster, namespace: namespace.name, pullCheck: 'skip' }, [database, web]))
  await project.configure(['stages'], {
    databases: { wait: ['Cluster/shop-postgres'] },
    app: { wait: ['Deployment/web'] },
  })
  await project.configure(['components'], { postgres: 'Cluster/shop-postgres' })
  args = ['-e', 'test', '-C', project.dir, '--kubeconfig', KUBECONFIG]
  const { status, stderr } = await forge(['deploy', ...args])
  expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' })
})
afterAll(async () => await namespace.remove())

const sql = async (text: string): Promise<string> => {
  const shell = ['shell', 'postgres', ...args, '--yes', '--', 'psql', '-tAc', text]
  const { stdout } = await forge(shell)
  return stdout.trim()
}

test('a database of CloudNativePG sleeps after what uses it, wakes before it, and has kept its data', async () => {
  expect(await sql('create table kept (n int); insert into kept values (42); select n from kept')).toContain('42')
  const paused = await forge(['pause', ...args, '--json'])
  const { outcome, objects, verdict } = document<PauseReport>(paused)
  expect({ status: paused.status, outcome, verdict }).toEqual({ status: 0, outcome: 'paused', verdict: null })
  expect(objects.map(({ stage, name }) => [stage, name])).toEqual([
    ['app', 'web'],
    ['databases', 'postgres'],
  ])
  expect(await namespace.kubectl(['get', 'pods', '-o', 'name'])).toBe('')
  expect(await forge(['status', ...args])).toMatchObject({ status: 0, stdout: expect.stringContaining('hibernated') })

  const resumed = await forge(['resume', ...args, '--json'])
  expect({ status: resumed.status, verdict: document<PauseReport>(resumed).verdict }).toEqual({
    status: 0,
    verdict: null,
  })
  expect(await sql('select n from kept')).toBe('42')
  expect(await forge(['deploy', ...args])).toMatchObject({ status: 0, stdout: expect.stringContaining('Unchanged') })
})
