import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { document } from '../support/forge.ts'
import type { TestProject } from '../support/project.ts'
import { appOf, print, RealNamespace } from '../support/real-cluster.ts'
import { run, temporalProject, told, type Told } from '../support/real-temporal-project.ts'
import { temporal, underWorkflows, type Worked } from '../support/real-temporal.ts'
import type { PauseReport } from '../../src/flows/pause/pause.ts'

// Temporal on a Cluster of CloudNativePG with a primary and a standby, deployed by forge. The operator has to be in the cluster.
const CLUSTER = 'clusters.postgresql.cnpg.io/temporal-postgres'
const database = { mode: 'cnpg', cnpg: { instances: 2, storage: { size: '1Gi' } } }

let namespace: RealNamespace
let project: TestProject

beforeAll(async () => {
  namespace = await RealNamespace.create('temporal-ha')
  project = await temporalProject(namespace, { database })
  const { status, report, begin, end } = await namespace.deploy(project)
  expect({ status, outcome: report.outcome, verdict: report.verdict }).toEqual({
    status: 0,
    outcome: 'deployed',
    verdict: null,
  })
  print(`Temporal on two instances of CloudNativePG, ${((end - begin) / 1000).toFixed(1)} s`)
}, 400_000)
afterAll(async () => await namespace.remove())

const primary = async (): Promise<string> =>
  await namespace.kubectl(['get', CLUSTER, '-o', 'jsonpath={.status.currentPrimary}'])

/** Waits until another instance is the primary, and both are healthy again. */
async function healthy(now: string): Promise<void> {
  await namespace.waitFor(CLUSTER, `jsonpath={.status.currentPrimary}=${now}`)
  await namespace.waitFor(CLUSTER, 'jsonpath={.status.readyInstances}=2')
  await namespace.waitFor(CLUSTER, 'jsonpath={.status.phase}=Cluster in healthy state')
}

async function start(type: 'Long' | 'Timer', id: string, seconds: number): Promise<void> {
  const flow = ['--type', type, '--task-queue', 'test', '--workflow-id', id, '--input', String(seconds)]
  await temporal(namespace, 'workflow', 'start', ...flow)
}

const result = async (id: string): Promise<string> =>
  await temporal(namespace, 'workflow', 'result', '--workflow-id', id)
const state = async (id: string): Promise<string> =>
  await temporal(namespace, 'workflow', 'describe', '--workflow-id', id, '--output', 'json')
const RUNNING = /STATUS_RUNNING|"Running"/u

test('both instances serve, and status says so', async () => {
  const { status, workloads } = await told(project)
  expect({ status, postgres: workloads.get('postgres') }).toMatchObject({
    status: 0,
    postgres: { state: 'ready', counts: { ready: 2, wanted: 2 } },
  })
}, 60_000)

interface Moved {
  /** What the screen says while it happens. */
  readonly during: Told
  readonly after: Told
  readonly worked: Worked
}

/** Another instance becomes the primary while workflows run. */
async function moved(what: string, long: string, move: (from: string, to: string) => Promise<unknown>): Promise<Moved> {
  const from = await primary()
  const to = from.endsWith('-1') ? 'temporal-postgres-2' : 'temporal-postgres-1'
  await start('Long', long, 40)
  const report = await underWorkflows(namespace, 'deploy/app')
  await move(from, to)
  const during = await told(project)
  await healthy(to)
  const after = await told(project)
  const worked = await report()
  const { ended, failed, refused, slowest } = worked
  print(
    `${what}: ${ended} workflows ended, ${failed.length} failed, ${refused.length} calls refused, slowest ${slowest.toFixed(1)} s`,
  )
  print(`  status meanwhile: ${JSON.stringify(during.workloads.get('postgres'))}`)
  return { during, after, worked }
}

const SERVING = { status: 0, postgres: { state: 'ready', counts: { ready: 2, wanted: 2 } } }

test('the primary is switched over while workflows run: none fails', async () => {
  const { during, after, worked } = await moved('switchover', 'switched', async (_from, to) => {
    // What `kubectl cnpg promote` writes.
    const promote = { status: { targetPrimary: to, phase: 'Switchover in progress', phaseReason: `to ${to}` } }
    await namespace.kubectl(['patch', CLUSTER, '--subresource=status', '--type=merge', '-p', JSON.stringify(promote)])
  })
  expect(during.workloads.get('postgres')).toMatchObject({
    state: 'progressing',
    reason: expect.stringMatching(/switch/iu),
  })
  expect({ status: after.status, postgres: after.workloads.get('postgres') }).toMatchObject(SERVING)
  expect({ failed: worked.failed, enough: worked.ended > 20 }).toEqual({ failed: [], enough: true })
  expect(await result('switched')).toContain('40 beats')
}, 300_000)

test("the primary's pod dies while workflows run: the standby takes over, and none fails", async () => {
  const { during, after, worked } = await moved('death of the primary', 'survived', async (from) => {
    await namespace.kubectl(['delete', 'pod', from, '--grace-period=0', '--force', '--wait=false'])
    await namespace.waitFor(CLUSTER, 'jsonpath={.status.phase}=Failing over')
  })
  expect(during.workloads.get('postgres')?.state).not.toBe('ready')
  expect({ status: after.status, postgres: after.workloads.get('postgres') }).toMatchObject(SERVING)
  expect({ failed: worked.failed, enough: worked.ended > 20 }).toEqual({ failed: [], enough: true })
  expect(await result('survived')).toContain('40 beats')
}, 300_000)

test('workflows with timers sleep through forge pause and end after forge resume', async () => {
  // The timer of the one is up while nothing runs, that of the other after it.
  await start('Timer', 'up-meanwhile', 20)
  await start('Timer', 'up-after', 120)
  const began = Date.now()
  const paused = await run(project, 'pause', '--json')
  expect({ status: paused.status, verdict: document<PauseReport>(paused).verdict }).toEqual({
    status: 0,
    verdict: null,
  })
  const asleep = Date.now()
  // Jobs that have ended keep their pods.
  expect((await namespace.pods()).filter(({ status }) => status.phase !== 'Succeeded').map(appOf)).toEqual([])
  const sleeping = await told(project)
  expect(sleeping.status).toBe(0)
  const states = [...sleeping.workloads.values()].filter(({ object }) => !object.startsWith('Job/'))
  expect(states.filter(({ state }) => state !== 'paused')).toEqual([])

  const resumed = await run(project, 'resume', '--json')
  expect({ status: resumed.status, verdict: document<PauseReport>(resumed).verdict }).toEqual({
    status: 0,
    verdict: null,
  })
  const awake = Date.now()
  print(
    `pause ${((asleep - began) / 1000).toFixed(1)} s, resume ${((awake - asleep) / 1000).toFixed(1)} s, awake ${((awake - began) / 1000).toFixed(1)} s after the timers began`,
  )
  expect(await state('up-after')).toMatch(RUNNING)
  expect(await result('up-meanwhile')).toContain('21')
  expect(await result('up-after')).toContain('121')
  expect(await told(project)).toMatchObject({ status: 0 })
  expect((await namespace.deploy(project)).report.outcome).toBe('unchanged')
}, 400_000)
