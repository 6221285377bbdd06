import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { stringify } from 'yaml'
import { document, forge, type Ran } from '../support/forge.ts'
import { projectOf, type TestProject } from '../support/project.ts'
import { currentContext, kube, KUBECONFIG, RealNamespace } from '../support/real-cluster.ts'
import { smallFiles, type Manifest } from '../support/small.ts'
import type { StatusDocument } from '../../src/domain/status/model.ts'
import type { DeployReport } from '../../src/flows/deploy/report.ts'

/** CloudNativePG and Flux as they really answer. Without them these tests fail: they are for a cluster that has both. */
const OPERATORS = [
  ['cnpg-system', 'cnpg-controller-manager'],
  ['flux-system', 'helm-controller'],
  ['flux-system', 'kustomize-controller'],
  ['flux-system', 'source-controller'],
] as const

beforeAll(async () => {
  for (const [namespace, name] of OPERATORS) {
    const { stdout, stderr } = await kube(
      ['-n', namespace, 'get', 'deployment', name, '-o', 'jsonpath={.status.availableReplicas}'],
      { reject: false },
    )
    if (stdout !== '1') throw new Error(`${namespace}/${name} does not run here: ${stdout}${stderr}`)
  }
})

let namespace: RealNamespace
let project: TestProject

beforeEach(async () => {
  namespace = await RealNamespace.create('operators')
  const environment = { cluster: { context: await currentContext() }, namespace: namespace.name }
  project = await projectOf(smallFiles(environment, []))
})
afterEach(async () => await namespace.remove())

async function run(command: string, ...flags: string[]): Promise<Ran> {
  return await forge([command, '--env', 'test', '-C', project.dir, '--kubeconfig', KUBECONFIG, ...flags])
}

async function render(...objects: Manifest[]): Promise<void> {
  await project.write('values.yaml', stringify({ objects }))
}

async function deploy(
  objects: readonly Manifest[],
  ...flags: string[]
): Promise<{ readonly status: number | undefined; readonly report: DeployReport }> {
  await render(...objects)
  const ran = await run('deploy', '--json', ...flags)
  return { status: ran.status, report: document<DeployReport>(ran) }
}

const IMAGE = 'ghcr.io/cloudnative-pg/postgresql'

interface Database {
  tag?: string
  instances?: number
  parameters?: Readonly<Record<string, string>>
}

const database = ({ tag = '15', instances = 1, parameters = { shared_buffers: '32MB' } }: Database = {}): Manifest => ({
  apiVersion: 'postgresql.cnpg.io/v1',
  kind: 'Cluster',
  metadata: { name: 'db' },
  spec: { instances, imageName: `${IMAGE}:${tag}`, storage: { size: '1Gi' }, postgresql: { parameters } },
})

interface LiveCluster {
  readonly phase: string
  readonly readyInstances?: number
}

async function live(): Promise<LiveCluster> {
  const [found] = await namespace.objects('clusters.postgresql.cnpg.io')
  return found?.['status'] as unknown as LiveCluster
}

async function psql(statement: string): Promise<string> {
  return await namespace.kubectl([
    'exec',
    'db-1',
    '-c',
    'postgres',
    '--',
    'psql',
    '-U',
    'postgres',
    '-At',
    '-c',
    statement,
  ])
}

async function workloads(): Promise<StatusDocument['stages'][number]['workloads']> {
  return document<StatusDocument>(await run('status', '--json')).stages.flatMap((stage) => stage.workloads)
}

/** Each start of an instance takes 10 to 20 s. */
const LONG = 300_000

const HEALTHY = 'Cluster in healthy state'

describe('a database of CloudNativePG', () => {
  test(
    'a deploy ends when its settings and its instances are those that were asked for',
    async () => {
      expect((await deploy([database()])).status).toBe(0)
      expect(await live()).toMatchObject({ phase: HEALTHY, readyInstances: 1 })

      expect((await deploy([database({ parameters: { shared_buffers: '40MB' } })])).status).toBe(0)
      expect(await psql('show shared_buffers')).toBe('40MB')

      const both = { instances: 2, parameters: { shared_buffers: '40MB' } }
      expect((await deploy([database(both)])).status).toBe(0)
      expect(await live()).toMatchObject({ phase: HEALTHY, readyInstances: 2 })

      // Its operator takes the image into the status while all is still healthy, before the first pod goes.
      expect((await deploy([database({ ...both, tag: '15.20' })])).status).toBe(0)
      const pods = await namespace.objects('pods', 'cnpg.io/podRole=instance')
      const images = pods.map(({ spec }) => (spec?.['containers'] as { image: string }[])[0]?.image)
      expect(images).toEqual([`${IMAGE}:15.20`, `${IMAGE}:15.20`])
    },
    LONG,
  )

  test(
    'what only takes a reload moves nothing in its status: that is said, with where to look',
    async () => {
      expect((await deploy([database()])).status).toBe(0)
      const { status, report } = await deploy([
        database({ parameters: { shared_buffers: '32MB', work_mem: 'nonsense' } }),
      ])
      expect({ status, remarks: report.remarks }).toEqual({
        status: 0,
        remarks: [
          {
            workload: 'db',
            what: 'its controller has written no status since its spec changed',
            hint: expect.stringContaining('logs db-1 --container postgres'),
          },
        ],
      })
    },
    LONG,
  )

  test(
    'an image that does not exist is told by the pod that lacks it',
    async () => {
      expect((await deploy([database()])).status).toBe(0)
      const { status, report } = await deploy([database({ tag: '15.99' })], '--no-rollback')
      expect({ status, code: report.verdict?.code }).toEqual({ status: 5, code: 'E_IMAGE_PULL' })

      // Mended, and yet the operator waits for the pod of before.
      const mended = await deploy([database()], '--no-rollback')
      expect(mended.report.verdict).toMatchObject({
        code: 'E_RESOURCE_STALLED',
        message: expect.stringContaining('db-1 has the image of before and does not get ready'),
      })
      await namespace.kubectl(['delete', 'pod', '--wait=false', 'db-1'])
      expect((await deploy([database()])).status).toBe(0)
    },
    LONG,
  )

  test(
    'fenced and hibernated it is paused, and no deploy begins',
    async () => {
      expect((await deploy([database()])).status).toBe(0)
      const annotate = async (...what: string[]): Promise<unknown> =>
        await namespace.kubectl(['annotate', 'clusters.postgresql.cnpg.io', 'db', ...what])
      const state = async (): Promise<unknown> => (await workloads()).map((one) => [one.state, one.reason])

      await annotate('cnpg.io/fencedInstances=["*"]')
      expect(await state()).toEqual([['paused', 'fenced (cnpg.io/fencedInstances)']])
      const refused = await deploy([database({ instances: 2 })])
      expect(refused.report.verdict).toMatchObject({ code: 'E_PAUSED' })
      await annotate('cnpg.io/fencedInstances-')
      expect((await deploy([database()])).status).toBe(0)

      await annotate('cnpg.io/hibernation=on')
      await namespace.kubectl([
        ...['wait', '--for=condition=cnpg.io/hibernation', 'clusters.postgresql.cnpg.io/db', '--timeout=60s'],
      ])
      expect(await state()).toEqual([['paused', 'hibernated']])
      expect((await deploy([database({ instances: 2 })])).report.verdict).toMatchObject({ code: 'E_PAUSED' })
      await annotate('cnpg.io/hibernation=off', '--overwrite')
      expect((await deploy([database()])).status).toBe(0)
      expect(await live()).toMatchObject({ phase: HEALTHY, readyInstances: 1 })
    },
    LONG,
  )

  test(
    'a catalog that is not there ends the deploy by its own words',
    async () => {
      const cluster = database()
      const spec = {
        ...{ instances: 1, storage: { size: '1Gi' } },
        imageCatalogRef: { apiGroup: 'postgresql.cnpg.io', kind: 'ImageCatalog', name: 'absent', major: 15 },
      }
      await project.configure(['stages'], { data: { wait: ['Cluster/db'], grace: { missing: '5s' } } })
      const { report } = await deploy([{ ...cluster, spec }], '--no-rollback')
      expect(report.verdict).toMatchObject({
        code: 'E_RESOURCE_STALLED',
        message:
          'db is stalled: Cluster has incomplete or invalid image catalog (catalog ImageCatalog/absent not found)',
      })
    },
    LONG,
  )
})

/** Sources that every cluster with Flux can read: one that does not exist. */
const source = (): Manifest => ({
  apiVersion: 'source.toolkit.fluxcd.io/v1',
  kind: 'GitRepository',
  metadata: { name: 'source' },
  spec: { interval: '10s', url: 'http://nowhere.invalid/repository.git', ref: { branch: 'main' } },
})

const kustomization = (more: object = {}): Manifest => ({
  apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
  kind: 'Kustomization',
  metadata: { name: 'made' },
  spec: { interval: '1m', prune: true, path: './', sourceRef: { kind: 'GitRepository', name: 'source' }, ...more },
})

describe('what Flux is told', () => {
  const stage = async (...wait: string[]): Promise<void> => {
    await project.configure(['stages'], { data: { wait, timeout: '20s', grace: { missing: '5s', controller: '5s' } } })
  }

  test('a source that cannot be fetched', async () => {
    await stage('GitRepository/source')
    const { report } = await deploy([source()], '--no-rollback')
    expect(report.verdict).toMatchObject({
      code: 'E_RESOURCE_STALLED',
      message: expect.stringContaining('failed to checkout'),
    })
  })

  test('a Kustomization without its source, when the time of the stage is up', async () => {
    await stage('Kustomization/made')
    const { report } = await deploy([kustomization()], '--no-rollback')
    expect(report.verdict).toMatchObject({
      code: 'E_RESOURCE_STALLED',
      message:
        'made does not get ready: GitRepository.source.toolkit.fluxcd.io "source" not found (stage data waited 20s)',
    })
  })

  test('one that its chart suspends is ready as it is', async () => {
    await stage('Kustomization/made')
    expect((await deploy([kustomization({ suspend: true })])).status).toBe(0)
    expect(await workloads()).toMatchObject([{ state: 'paused', reason: 'suspended (spec.suspend)' }])
  })
})
