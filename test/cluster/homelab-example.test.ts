import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { loadAll } from 'js-yaml'
import type { KubeObject } from '../../src/domain/kube.ts'
import type { PauseReport } from '../../src/flows/pause/pause.ts'
import type { DeployReport } from '../../src/flows/deploy/report.ts'
import { forgeHere, freshNamespace, kubectl, objects, snapshot } from '../support/cluster.ts'
import { document, type Ran } from '../support/forge.ts'
import { homelabProject, type TestProject } from '../support/project.ts'

// The checklist of its owner: one command on this machine, order down and up, a failure, and what Flux owns is Flux's.
const SERVERS = ['frontend', 'history', 'matching', 'worker'].map((name) => `temporal-${name}`)

let project: TestProject
let namespace: string

beforeAll(async () => {
  namespace = freshNamespace('homelab')
  project = await homelabProject(namespace)
})

afterAll(async () => {
  await kubectl(['delete', 'namespace', namespace, '--wait=false'])
})

async function run(command: string, ...flags: string[]): Promise<Ran> {
  return await forgeHere([...command.split(' '), '--env', 'sandbox', '-C', project.dir, ...flags])
}

async function deploy(...flags: string[]): Promise<{ status: number | undefined; report: DeployReport }> {
  const ran = await run('deploy', '--json', ...flags)
  return { status: ran.status, report: document<DeployReport>(ran) }
}

async function pods(): Promise<number> {
  return (await objects('pods', namespace)).filter(({ metadata }) => metadata.labels?.['job-name'] === undefined).length
}

test('on this machine: deployed in the order of its stages, changed, failed and restored', async () => {
  expect(await run('secrets generate')).toMatchObject({ status: 0 })
  const first = await deploy()
  expect({ status: first.status, steps: first.report.steps.map(({ name }) => name).slice(-3) }).toEqual({
    status: 0,
    steps: ['postgres', 'schema', 'temporal'],
  })
  expect((await objects('services', namespace)).map(({ metadata }) => metadata.name)).toEqual(
    expect.arrayContaining(['temporal-frontend-lb', 'temporal-web-lb', 'temporal-frontend', 'temporal-web']),
  )
  // The values stand in the HelmRelease alone.
  await project.edit('clusters/um890/temporal/helmrelease.yaml', 'cpu: 250m, memory: 512Mi', 'cpu: 200m, memory: 512Mi')
  const changed = await deploy()
  expect(changed).toMatchObject({ status: 0, report: { restarted: [{ workload: 'web' }] } })
  const before = await snapshot(namespace)
  const failed = await deploy('--set', 'temporal:web.podAnnotations.sandbox\\.forge\\.api-forge\\.io/fail=crash-loop')
  expect(failed).toMatchObject({ status: 4, report: { outcome: 'restored', verdict: { code: 'E_CRASH_LOOP' } } })
  expect(await snapshot(namespace)).toEqual(before)
})

test('to rest from the servers to the database, and back in the other order, with nothing changed', async () => {
  const down = document<PauseReport>(await run('pause', '--json'))
  expect(down).toMatchObject({ outcome: 'paused' })
  expect(down.objects.at(-1)).toMatchObject({ object: 'StatefulSet/temporal-postgres', from: 1, to: 0, state: 'done' })
  expect(down.objects.map(({ object }) => object)).toEqual(
    expect.arrayContaining([...SERVERS, 'temporal-web'].map((name) => `Deployment/${name}`)),
  )
  expect(await pods()).toBe(0)
  expect(await deploy()).toMatchObject({ status: 3, report: { verdict: { code: 'E_ENVIRONMENT_PAUSED' } } })
  const up = document<PauseReport>(await run('resume', '--json'))
  expect(up).toMatchObject({ outcome: 'resumed' })
  expect(up.objects[0]).toMatchObject({ object: 'StatefulSet/temporal-postgres', from: 0, to: 1, state: 'done' })
  expect(await pods()).toBeGreaterThan(SERVERS.length)
  expect(await deploy()).toMatchObject({ status: 0, report: { outcome: 'unchanged' } })
})

test('by what people call it', async () => {
  const { stdout } = await run('status')
  expect(stdout).toMatch(/postgres \(temporal-postgres\) +1\/1/u)
  expect(await run('logs', 'frontend')).toMatchObject({ status: 0 })
})

test('in the cluster itself: checked and rendered, and left to Flux', async () => {
  const at = ['--env', 'um890', '-C', project.dir]
  expect(await forgeHere(['validate', ...at])).toMatchObject({ status: 0 })
  const { stdout } = await forgeHere(['render', ...at])
  const rendered = loadAll(stdout) as KubeObject[]
  const names = rendered.map(({ kind, metadata }) => `${kind}/${metadata.name}`)
  expect(names).toEqual(
    expect.arrayContaining(
      'Cluster/temporal-postgres Database/temporal-visibility ExternalSecret/temporal-postgres-credentials ServiceMonitor/temporal Ingress/temporal-web'.split(
        ' ',
      ),
    ),
  )
  expect(await forgeHere(['deploy', ...at])).toMatchObject({
    status: 3,
    stderr: expect.stringContaining('E_GITOPS_OWNED'),
  })
})
