import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { stringify } from 'yaml'
import { chartAt } from '../support/chart.ts'
import { document, type Ran } from '../support/forge.ts'
import { homelabProject, type TestProject } from '../support/project.ts'
import { currentContext, print, RealNamespace, restarts } from '../support/real-cluster.ts'
import { Checkout } from '../support/real-git.ts'
import { run, told } from '../support/real-temporal-project.ts'
import { done, secret, SMALL, temporal } from '../support/real-temporal.ts'
import type { PlanDocument } from '../../src/domain/plan/document.ts'

// examples/homelab, exported and applied by Flux. CloudNativePG, Flux and a git server have to be in the cluster.
const OUT = 'clusters/real/temporal'

let namespace: RealNamespace
let project: TestProject
let checkout: Checkout
let SOURCE = ''

/** What this cluster has otherwise than the example's: the storage, no object store for backups, no store of secrets. */
const CLUSTER = {
  apiVersion: 'postgresql.cnpg.io/v1',
  kind: 'Cluster',
  metadata: { name: 'temporal-postgres' },
  spec: {
    instances: 1,
    bootstrap: {
      initdb: { database: 'temporal', owner: 'temporal', secret: { name: 'temporal-postgres-credentials' } },
    },
    storage: { size: '1Gi' },
  },
}
const VISIBILITY = {
  apiVersion: 'postgresql.cnpg.io/v1',
  kind: 'Database',
  metadata: { name: 'temporal-visibility' },
  spec: { cluster: { name: 'temporal-postgres' }, name: 'temporal_visibility', owner: 'temporal' },
}

async function homelab(): Promise<TestProject> {
  const made = await homelabProject(namespace.name)
  await cp(chartAt('temporal').dir, join(made.dir, 'k8s', 'charts', 'temporal'), { recursive: true })
  await made.write('real/postgres.yaml', [CLUSTER, VISIBILITY].map((one) => stringify(one)).join('---\n'))
  await made.write('real/values.yaml', stringify({ ...SMALL, mode: 'single' }))
  await made.configure(['releases', 'temporal', 'chart'], 'k8s/charts/temporal')
  await made.configure(['secrets'], {})
  await made.configure(['environments', 'real'], {
    cluster: { context: await currentContext() },
    namespace: namespace.name,
    managedBy: 'flux',
    pullCheck: 'skip',
    releases: {
      postgres: { manifests: ['real/postgres.yaml'] },
      temporal: { values: ['real/values.yaml'] },
      edge: { manifests: ['clusters/um890/temporal/services.yaml'] },
    },
    stages: { temporal: { wait: ['Deployment/temporal-server'] } },
    components: { frontend: 'Deployment/temporal-server' },
    requirements: { crds: ['clusters.postgresql.cnpg.io'], storageClass: 'any' },
  })
  return made
}

const exported = async (...more: string[]): Promise<Ran> =>
  await run(
    project,
    'export',
    '--to',
    'flux',
    '--secrets',
    'none',
    '--source',
    SOURCE,
    '--out',
    join(project.dir, OUT),
    ...more,
  )

/** What Flux is told once, by hand: where the repository is, and which folder of it is to be applied. */
const flux = (): object[] => [
  {
    apiVersion: 'source.toolkit.fluxcd.io/v1',
    kind: 'GitRepository',
    metadata: { name: 'homelab' },
    spec: { interval: '5s', url: checkout.url, ref: { branch: 'main' } },
  },
  {
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    metadata: { name: 'homelab' },
    spec: {
      ...{ interval: '10m', prune: true, path: `./${OUT}`, timeout: '1m' },
      sourceRef: { kind: 'GitRepository', name: 'homelab' },
    },
  },
]

/** Waits until Flux has applied a revision, and helm what it says. */
async function applied(revision: string): Promise<void> {
  await namespace.waitFor('kustomization/homelab', `jsonpath={.status.lastAppliedRevision}=${revision}`)
  // A commit is a version of the chart; a change of values alone may have been installed with the one of before.
  const commit = revision.slice('main@sha1:'.length).slice(0, 12)
  await namespace.waitFor('helmrelease/temporal', `jsonpath={.status.history[0].chartVersion}=1.0.0+${commit}`, '300s')
  await namespace.waitFor('helmrelease/temporal', 'condition=Ready', '300s')
}

beforeAll(async () => {
  namespace = await RealNamespace.create('flux-export')
  SOURCE = `homelab.${namespace.name}`
  project = await homelab()
  checkout = await Checkout.begin(project.dir, namespace.name)
  await secret(namespace, 'temporal-postgres-credentials', { username: 'temporal', password: 'a-password-of-temporal' })
}, 60_000)
afterAll(async () => await namespace.remove())

async function plan(): Promise<PlanDocument> {
  const ran = await run(project, 'plan', '--output', 'json')
  return document<PlanDocument>(ran)
}
const changes = ({ objects }: PlanDocument): string[] =>
  objects.flatMap(({ object, action }) => (['unchanged', 'keep'].includes(action) ? [] : [`${action} ${object}`]))

test('before Flux has done anything: status says what is not there, plan what would be made', async () => {
  const { status, stdout } = await run(project, 'status')
  expect({ status, stdout }).toEqual({ status: 8, stdout: expect.stringContaining('was never deployed to real') })
  expect(changes(await plan())).toEqual(expect.arrayContaining(['create Deployment/temporal-server']))
}, 60_000)

test('Flux applies what was exported: HelmRelease ready, all pods up, a workflow engine that serves', async () => {
  const ran = await exported()
  expect({ status: ran.status, stderr: ran.status === 0 ? '' : ran.stderr }).toEqual({ status: 0, stderr: '' })
  const begin = Date.now()
  const revision = await checkout.push('first')
  for (const one of flux()) await namespace.kubectl(['create', '-f', '-'], JSON.stringify(one))
  await applied(revision)
  print(`from push to HelmRelease Ready: ${((Date.now() - begin) / 1000).toFixed(1)} s`)
  expect(restarts(await namespace.pods())).toEqual([])
  await done(namespace, 'namespaces')
  expect(await temporal(namespace, 'operator', 'cluster', 'health')).toBe('SERVING')
}, 400_000)

test('status, plan, render, doctor and logs tell of what Flux runs, and nothing of it can be written', async () => {
  const { status, workloads } = await told(project)
  expect({ status, states: new Set([...workloads.values()].map(({ state }) => state)) }).toEqual({
    status: 0,
    states: new Set(['ready']),
  })
  expect([...workloads.keys()]).toEqual(expect.arrayContaining(['postgres', 'frontend', 'web', 'temporal-schema']))

  const now = await plan()
  expect({ changes: changes(now), unchanged: now.unchanged, notChecked: now.notChecked }).toEqual({
    changes: [],
    unchanged: true,
    notChecked: [],
  })
  expect(now.objects.flatMap(({ drift }) => drift)).toEqual([])
  expect(await run(project, 'plan', '--exit-code')).toMatchObject({ status: 0 })

  const rendered = await run(project, 'render')
  expect(rendered).toMatchObject({ status: 0, stdout: expect.stringContaining('name: temporal-server') })
  const doctor = await run(project, 'doctor')
  expect(doctor.stdout).not.toContain('✖')
  expect(doctor).toMatchObject({ status: 0, stdout: expect.stringContaining('is managed by Flux') })
  const logs = await run(project, 'logs', 'frontend', '--tail', '5')
  expect(logs).toMatchObject({ status: 0, stdout: expect.stringContaining('temporal-server-') })

  // A plain object, of which helm has no record.
  const database = await run(project, 'logs', 'postgres', '--tail', '5')
  expect(database).toMatchObject({ status: 0, stdout: expect.stringContaining('temporal-postgres-1') })

  const refused = await run(project, 'deploy', '--yes')
  expect(refused).toMatchObject({ status: 3, stderr: expect.stringContaining('E_GITOPS_OWNED') })
}, 400_000)

test('a second export of the same is the same, byte for byte', async () => {
  expect(await exported('--check')).toMatchObject({ status: 0 })
  expect(await exported()).toMatchObject({ status: 0 })
  expect(await checkout.changedFiles()).toEqual([])
}, 200_000)

test('a changed values file is what plan shows, until it is exported, pushed and applied', async () => {
  const ids = { 'limit.maxIDLength': [{ value: 255 }] }
  await project.write('real/values.yaml', stringify({ ...SMALL, mode: 'single', dynamicConfig: { values: ids } }))
  const large = { ...CLUSTER, spec: { ...CLUSTER.spec, postgresql: { parameters: { work_mem: '3MB' } } } }
  await project.write('real/postgres.yaml', [large, VISIBILITY].map((one) => stringify(one)).join('---\n'))
  const wanted = await plan()
  expect(changes(wanted)).toEqual([
    'change Cluster/temporal-postgres',
    'change ConfigMap/temporal-dynamic-config',
    'change Deployment/temporal-server',
  ])
  expect(wanted.objects.flatMap(({ conflicts }) => conflicts)).toEqual([])
  expect(wanted.objects[0]?.changes).toMatchObject([{ path: 'spec.postgresql.parameters.work_mem', after: '3MB' }])
  expect(await run(project, 'plan', '--exit-code')).toMatchObject({ status: 10 })
  expect(await exported('--check')).toMatchObject({ status: 10 })

  expect(await exported()).toMatchObject({ status: 0 })
  const pushed = await checkout.push('second')
  await applied(pushed)
  // What helm has installed is not yet what runs: the database takes its parameter up by itself.
  const followed = await run(project, 'follow', '--revision', pushed.slice('main@sha1:'.length))
  expect({ status: followed.status, stderr: followed.stderr }).toMatchObject({ status: 0 })
  expect(changes(await plan())).toEqual([])
  expect(await told(project)).toMatchObject({ status: 0 })
}, 400_000)
