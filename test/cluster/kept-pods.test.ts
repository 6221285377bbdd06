import { describe, expect, test } from '@jest/globals'
import { execa } from 'execa'
import { freshNamespace, kubectl, objects } from '../support/cluster.ts'
import { document, type Ran } from '../support/forge.ts'
import { web } from '../support/manifests.ts'
import { smallProject, type Manifest, type Small } from '../support/small.ts'
import type { DeployReport } from '../../src/flows/deploy/report.ts'
import type { StatusDocument, WorkloadStatus } from '../../src/domain/status/model.ts'

const BROKEN = 'registry.invalid/main:1'

interface Sketch {
  readonly image?: string
  readonly spec?: Readonly<Record<string, unknown>>
}

/** A workload called `db` of a kind that makes pods, each with a readiness probe. */
function workload(kind: string, { image = 'example.test/main:1', spec = {} }: Sketch = {}): Manifest {
  const labels = { app: 'db' }
  const container = { name: 'main', image, readinessProbe: { httpGet: { path: '/', port: 80 } } }
  const pod = { containers: [container] }
  const metadata = { name: 'db' }
  if (kind === 'Pod') return { apiVersion: 'v1', kind, metadata, spec: { ...pod, ...spec } }
  const old = kind === 'ReplicationController'
  const more = kind === 'StatefulSet' ? { serviceName: 'db' } : {}
  const selector = old ? labels : { matchLabels: labels }
  return {
    apiVersion: old ? 'v1' : 'apps/v1',
    kind,
    metadata,
    spec: { selector, template: { metadata: { labels }, spec: pod }, ...more, ...spec },
  }
}

async function small(prefix: string, manifests: readonly Manifest[], helm: 3 | 4 = 4, timeout = '30s'): Promise<Small> {
  const made = await smallProject(freshNamespace(prefix), helm, manifests)
  await made.project.configure(['stages'], { all: { optional: [], timeout } })
  return made
}

async function statusOf(
  project: Small,
): Promise<{ readonly exit: number | undefined; readonly found: StatusDocument }> {
  const ran = await project.run('status', ['--json'])
  return { exit: ran.status, found: document<StatusDocument>(ran) }
}

async function rowOf(project: Small): Promise<WorkloadStatus | undefined> {
  return (await statusOf(project)).found.stages.flatMap(({ workloads }) => workloads)[0]
}

/** The command as somebody would paste it. */
async function paste(command: string): Promise<void> {
  await execa('bash', ['-c', command], { stdin: 'ignore' })
}

describe('what makes pods is waited for, whatever its kind', () => {
  test.each(['Pod', 'ReplicaSet', 'ReplicationController'])('%s', async (kind) => {
    const project = await small('bare', [workload(kind, { image: BROKEN })])
    const { status, report } = await project.deploy()
    expect({ status, code: report.verdict?.code, first: report.verdict?.chain[0] }).toEqual({
      status: 5,
      code: 'E_IMAGE_PULL',
      first: `${kind}/db`,
    })
    expect(await statusOf(project)).toMatchObject({ exit: 8, found: { verdict: { code: 'E_IMAGE_PULL' } } })
    const well = await small('bare', [workload(kind)])
    expect(await well.deploy()).toMatchObject({ status: 0 })
    expect(await statusOf(well)).toMatchObject({ exit: 0 })
  })
})

describe('what a stage names is judged by what its controller says', () => {
  const budget = (minAvailable: number): Manifest => ({
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'web' },
    spec: { minAvailable, selector: { matchLabels: { app: 'web' } } },
  })
  const autoscaler = (target: string): Manifest => ({
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'web' },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: target },
      minReplicas: 1,
      maxReplicas: 2,
    },
  })
  const deployed = async (
    named: string,
    manifest: Manifest,
    timeout: string,
  ): Promise<Awaited<ReturnType<Small['deploy']>>> => {
    const made = await smallProject(freshNamespace('named'), 4, [web({ probe: true }), manifest])
    await made.project.configure(['stages'], { all: { wait: [named], timeout } })
    return await made.deploy()
  }

  test('a budget that is kept, and one that cannot be', async () => {
    const name = 'PodDisruptionBudget/web'
    expect(await deployed(name, budget(1), '30s')).toMatchObject({ status: 0 })
    const { status, report } = await deployed(name, budget(3), '3s')
    expect({ status, message: report.verdict?.message }).toEqual({
      status: 5,
      message: 'web is not ready: 1 of the 3 pods that it demands are healthy (stage all waited 3s)',
    })
  })

  test('an autoscaler whose target does not exist', async () => {
    const { report } = await deployed('HorizontalPodAutoscaler/web', autoscaler('other'), '20s')
    expect(report.verdict?.message).toMatch(/^web is not ready: .*"other" not found \(stage all waited 20s\)$/u)
  })
})

describe.each([3, 4] as const)('helm %i: pods that a new template does not replace', (helm) => {
  test('of a StatefulSet with OnDelete are named before, after, and in status', async () => {
    const onDelete = { replicas: 2, podManagementPolicy: 'Parallel', updateStrategy: { type: 'OnDelete' } }
    const project = await small('ondelete', [workload('StatefulSet', { spec: onDelete })], helm)
    expect(await project.deploy()).toMatchObject({ status: 0, report: { remarks: [] } })
    await project.render([workload('StatefulSet', { image: 'example.test/main:2', spec: onDelete })])

    const plan = await project.plan()
    const why = 'updateStrategy OnDelete'
    expect({ restarts: plan.restarts, left: plan.left }).toEqual({
      restarts: [],
      left: [
        {
          workload: 'db',
          what: `db-1, db-0 go on as they are until they are deleted (${why})`,
          because: ['image 2'],
        },
      ],
    })
    const ran = await project.run('deploy', [])
    const [, command = ''] = /^Remark +db: .*\n +(kubectl .*)$/mu.exec(ran.stdout) ?? []
    expect({ status: ran.status, stdout: ran.stdout }).toMatchObject({
      status: 0,
      stdout: expect.stringContaining(`db: db-1, db-0 run an older revision until they are deleted (${why})`),
    })
    expect(await rowOf(project)).toMatchObject({
      state: 'ready',
      image: 'main:1',
      remark: `db-1, db-0 run an older revision until they are deleted (${why})`,
    })
    await paste(command)
    expect((await project.deploy()).report).toMatchObject({ outcome: 'unchanged', remarks: [] })
    const row = await rowOf(project)
    expect({ state: row?.state, image: row?.image, remark: row?.remark }).toEqual({ state: 'ready', image: 'main:2' })
  })

  test('of a StatefulSet with a partition', async () => {
    const partition = {
      replicas: 3,
      podManagementPolicy: 'Parallel',
      updateStrategy: { rollingUpdate: { partition: 2 } },
    }
    const project = await small('partition', [workload('StatefulSet', { spec: partition })], helm)
    expect(await project.deploy()).toMatchObject({ status: 0 })
    await project.render([workload('StatefulSet', { image: 'example.test/main:2', spec: partition })])
    expect(await project.plan()).toMatchObject({
      restarts: [{ workload: 'db' }],
      left: [{ what: 'db-1, db-0 go on as they are (partition 2)' }],
    })
    expect(await project.deploy()).toMatchObject({
      status: 0,
      report: {
        restarted: [{ workload: 'db' }],
        remarks: [{ workload: 'db', what: 'db-1, db-0 keep an older revision (partition 2)', hint: null }],
      },
    })
    expect(await rowOf(project)).toMatchObject({ image: 'main:1, main:2' })
  })
})

test.each(['DaemonSet', 'ReplicaSet'])('pods of a %s that nothing replaces', async (kind) => {
  const spec = kind === 'DaemonSet' ? { updateStrategy: { type: 'OnDelete' } } : { replicas: 1 }
  const project = await small('left', [workload(kind, { spec })])
  expect(await project.deploy()).toMatchObject({ status: 0 })
  await project.render([workload(kind, { spec, image: 'example.test/main:2' })])
  const plan = await project.plan()
  expect({ restarts: plan.restarts, left: plan.left }).toEqual({
    restarts: [],
    left: [expect.objectContaining({ what: expect.stringMatching(/^its \d+ pods? go on as they are until/u) })],
  })
  const { status, report } = await project.deploy()
  const pods = (await objects('pods', project.namespace)).map(({ metadata }) => metadata.name)
  expect({ status, count: report.remarks.length, hint: report.remarks[0]?.hint }).toEqual({
    status: 0,
    count: 1,
    hint: expect.stringMatching(/ delete pod \S+/u),
  })
  expect(pods.some((name) => report.remarks[0]?.hint?.includes(name))).toBe(true)
  expect(await rowOf(project)).toMatchObject({ image: 'main:1' })
})

describe.each([3, 4] as const)('helm %i: a paused Deployment', (helm) => {
  const image = (tag: number, replicas = 1): Manifest =>
    web({ image: `example.test/web:${tag}`, replicas, probe: true })
  const verdictOf = (ran: Ran): DeployReport['verdict'] => document<DeployReport>(ran).verdict

  test('is refused in the preview of a deploy and of a rollback, and let go by the hint', async () => {
    const project = await small('paused', [image(1)], helm)
    expect(await project.deploy()).toMatchObject({ status: 0 })
    await project.render([image(2)])
    expect(await project.deploy()).toMatchObject({ status: 0 })
    await kubectl(['rollout', 'pause', 'deployment/web', '-n', project.namespace])

    // What does not need it goes on: it can be scaled, and a deploy without changes is one.
    expect(await statusOf(project)).toMatchObject({ exit: 0 })
    expect((await project.deploy()).report.outcome).toBe('unchanged')
    await project.render([image(2, 2)])
    expect(await project.deploy()).toMatchObject({
      status: 0,
      report: { remarks: [{ what: 'its rollout is paused' }] },
    })

    await project.render([image(3, 2)])
    const { status, report } = await project.deploy()
    expect({ status, verdict: report.verdict }).toMatchObject({
      status: 3,
      verdict: {
        code: 'E_PAUSED',
        message: 'Deployment/web is paused (spec.paused), so the change of its pods would never roll out',
        hint: expect.stringMatching(/^kubectl .*rollout resume deployment\/web$/u),
      },
    })
    const back = await project.run('rollback', ['1', '--json'])
    expect({ status: back.status, code: verdictOf(back)?.code }).toEqual({ status: 3, code: 'E_PAUSED' })
    const plan = await project.plan()
    expect(plan.warnings).toEqual([expect.stringMatching(/^a deploy is refused: Deployment\/web is paused/u)])

    await paste(report.verdict?.hint ?? '')
    expect(await project.deploy()).toMatchObject({ status: 0 })
  })
})

test('a Deployment that its chart pauses is refused where it would never run', async () => {
  const paused = web({ probe: true })
  const spec = { ...(paused['spec'] as object), paused: true }
  const project = await small('first', [{ ...paused, spec }])
  const { status, report } = await project.deploy()
  expect({ status, verdict: report.verdict }).toMatchObject({
    status: 3,
    verdict: { code: 'E_PAUSED', message: expect.stringContaining('rendered with spec.paused: true') },
  })
})

test('a project without workloads is ready once it is deployed, and not when its release is gone', async () => {
  const project = await small('none', [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'one' } }])
  expect(await statusOf(project)).toMatchObject({ exit: 8 })
  expect(await project.deploy()).toMatchObject({ status: 0 })
  expect(await statusOf(project)).toMatchObject({
    exit: 0,
    found: { ready: true, sentence: 'small on test is ready: it is deployed, and has no workloads.' },
  })
  await kubectl(['delete', 'secrets', '-n', project.namespace, '-l', 'owner=helm'])
  expect(await statusOf(project)).toMatchObject({
    exit: 8,
    found: { ready: false, sentence: 'small on test is not ready: small is not installed.' },
  })
})
