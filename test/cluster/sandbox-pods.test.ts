import { beforeEach, describe, expect, test } from '@jest/globals'
import { freshNamespace, kubectl, object, objects, type LiveObject } from '../support/cluster.ts'
import { apply, claim, deployment, job, service, until, untilPod } from '../support/pods.ts'

let namespace: string

beforeEach(async () => {
  namespace = freshNamespace('sim')
  await kubectl(['create', 'namespace', namespace])
})

interface ContainerStatus {
  readonly name: string
  readonly restartCount: number
  readonly state: Readonly<
    Record<string, { readonly reason?: string; readonly message?: string; readonly exitCode?: number }>
  >
  readonly lastState: Readonly<Record<string, { readonly reason?: string; readonly exitCode?: number }>>
}

async function podOf(name: string): Promise<LiveObject> {
  const [pod] = await objects('pods', namespace, `app.kubernetes.io/name=${name}`)
  if (pod === undefined) throw new Error(`no pod of ${name}`)
  return pod
}

async function containerOf(name: string): Promise<ContainerStatus> {
  const statuses = (await podOf(name)).status?.['containerStatuses'] as ContainerStatus[]
  return statuses[0] as ContainerStatus
}

async function eventsOf(name: string): Promise<string[]> {
  const pod = (await podOf(name)).metadata.name
  const text = await kubectl([
    'get',
    'events',
    '-n',
    namespace,
    '--field-selector',
    `involvedObject.name=${pod}`,
    '-o',
    'json',
  ])
  return (JSON.parse(text) as { items: { reason: string; message: string }[] }).items.map(
    ({ reason, message }) => `${reason}: ${message}`,
  )
}

const WAITING = '.status.containerStatuses[0].state.waiting.reason'

test('accounts have no rights of their own, and pods get the account of their namespace', async () => {
  await apply(namespace, deployment({ name: 'app' }))
  await until(namespace, 'deployment', ['app'], 'condition=Available')
  expect((await podOf('app')).spec).toMatchObject({ serviceAccountName: 'default', volumes: [{ projected: {} }] })
  const account = `system:serviceaccount:${namespace}:default`
  await expect(kubectl(['auth', 'can-i', 'list', 'secrets', '-n', namespace, '--as', account])).rejects.toThrow('no')
})

describe('pods that work', () => {
  test('a claim waits for its first consumer, is bound, grows, and its volume goes with it', async () => {
    await apply(namespace, claim('data'))
    expect((await object('pvc', 'data', namespace))?.status?.['phase']).toBe('Pending')
    const volumes = [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }]
    await apply(namespace, deployment({ name: 'db', spec: { volumes } }))
    await until(namespace, 'deployment', ['db'], 'condition=Available')
    const bound = await object('pvc', 'data', namespace)
    expect(bound?.status).toMatchObject({ phase: 'Bound', capacity: { storage: '1Gi' } })

    const larger = JSON.stringify({ spec: { resources: { requests: { storage: '2Gi' } } } })
    await kubectl(['patch', 'pvc', 'data', '-n', namespace, '--patch', larger])
    await until(namespace, 'pvc', ['data'], 'jsonpath={.status.capacity.storage}=2Gi')

    await kubectl(['delete', 'deployment,pvc', '--all', '-n', namespace])
    await until(namespace, 'pv', [String(bound?.spec?.['volumeName'])], 'delete')
  })

  test('init containers run one after another, and wait-for-X holds until the service X has a ready endpoint', async () => {
    const initContainers = [
      { name: 'first', image: 'example.test/init:1' },
      { name: 'wait-for-db', image: 'example.test/init:1' },
      { name: 'last', image: 'example.test/init:1' },
    ]
    await apply(namespace, service('db'), deployment({ name: 'app', spec: { initContainers } }))
    await untilPod(namespace, 'app', '.status.initContainerStatuses[1].started', 'true')
    const held = (await podOf('app')).status?.['initContainerStatuses'] as ContainerStatus[]
    expect(held.map(({ state }) => Object.keys(state)[0])).toEqual(['terminated', 'running', 'waiting'])

    await apply(namespace, deployment({ name: 'db' }))
    await until(namespace, 'deployment', ['app'], 'condition=Available')
    const log = await kubectl(['logs', 'deployment/app', '-c', 'wait-for-db', '-n', namespace])
    expect(log).toContain('waiting for db\ndb is there')
  })

  test('wait-for-X follows a Job where there is no service X', async () => {
    const initContainers = [{ name: 'wait-for-schema', image: 'example.test/init:1' }]
    await apply(
      namespace,
      deployment({ name: 'app', spec: { initContainers } }),
      job({ name: 'schema', steer: { delay: '1s' } }),
    )
    await until(namespace, 'deployment', ['app'], 'condition=Available')
    const completed = await object('job', 'schema', namespace)
    expect(completed?.status?.['succeeded']).toBe(1)
  })

  test('a container takes its delay to become ready, and only then its service has an endpoint', async () => {
    const containers = [
      { name: 'main', image: 'example.test/main:1', readinessProbe: { httpGet: { path: '/', port: 80 } } },
    ]
    await apply(
      namespace,
      service('slow'),
      deployment({ name: 'slow', steer: { delay: '1500ms' }, spec: { containers } }),
    )
    await untilPod(namespace, 'slow', '.status.phase', 'Running')
    expect((await podOf('slow')).status?.['conditions']).toContainEqual(
      expect.objectContaining({ type: 'Ready', status: 'False' }),
    )
    await until(namespace, 'deployment', ['slow'], 'condition=Available')
    const [slice] = await objects('endpointslices', namespace)
    expect(slice?.['endpoints']).toMatchObject([{ conditions: { ready: true } }])
  })

  test('a Job completes, and its log can be read', async () => {
    await apply(namespace, job({ name: 'work', steer: { log: 'step one\nstep two', delay: '100ms' } }))
    await until(namespace, 'job', ['work'], 'condition=Complete')
    const log = await kubectl(['logs', 'job/work', '-n', namespace, '--timestamps', '--tail', '3'])
    expect(log.split('\n').map((line) => line.replace(/^\d{4}-\d\d-\d\dT\S+Z /u, ''))).toEqual([
      'step one',
      'step two',
      'done after 100ms',
    ])
  })

  test('a sidecar runs beside the init containers after it, and does not keep a Job from completing', async () => {
    const initContainers = [
      { name: 'proxy', image: 'example.test/proxy:1', restartPolicy: 'Always' },
      { name: 'prepare', image: 'example.test/init:1' },
    ]
    await apply(namespace, job({ name: 'work', spec: { initContainers } }))
    await until(namespace, 'job', ['work'], 'condition=Complete')
  })

  test('a deleted pod takes a moment and is replaced', async () => {
    await apply(namespace, deployment({ name: 'app' }))
    await until(namespace, 'deployment', ['app'], 'condition=Available')
    const before = await podOf('app')
    const begin = performance.now()
    await kubectl(['delete', 'pod', before.metadata.name, '-n', namespace])
    expect(performance.now() - begin).toBeGreaterThan(200)
    await until(namespace, 'deployment', ['app'], 'condition=Available')
  })
})

describe('pods that fail', () => {
  test.each([
    ['image-pull', 'ErrImagePull'],
    ['image-pull', 'ImagePullBackOff'],
    ['image-denied', 'ImagePullBackOff'],
    ['image-network', 'ImagePullBackOff'],
    ['start', 'RunContainerError'],
    ['liveness', 'CrashLoopBackOff'],
    ['crash-loop', 'CrashLoopBackOff'],
    ['oom', 'CrashLoopBackOff'],
    ['config-error', 'CreateContainerConfigError'],
  ])('%s waits as %s', async (fail, reason) => {
    await apply(namespace, deployment({ name: 'app', steer: { fail } }))
    await untilPod(namespace, 'app', WAITING, reason)
  })

  test('a crash loop counts its restarts, keeps the last exit and the last log', async () => {
    await apply(
      namespace,
      deployment({ name: 'app', steer: { fail: 'oom', 'fail-attempts': '3', log: 'out of everything' } }),
    )
    // It heals then: a count that goes on may have passed before anybody looks.
    await untilPod(namespace, 'app', '.status.containerStatuses[0].restartCount', '3')
    const { lastState } = await containerOf('app')
    expect(lastState['terminated']).toMatchObject({ reason: 'OOMKilled', exitCode: 137 })
    const log = await kubectl(['logs', 'deployment/app', '-n', namespace, '--previous'])
    expect(log).toContain('out of everything')
    expect(await eventsOf('app')).toContainEqual(
      expect.stringMatching(/^BackOff: Back-off restarting failed container main/u),
    )
  })

  test('a failure heals after as many attempts as it is given', async () => {
    await apply(namespace, deployment({ name: 'app', steer: { fail: 'crash-loop', 'fail-attempts': '2' } }))
    await until(namespace, 'deployment', ['app'], 'condition=Available')
    await untilPod(namespace, 'app', '.status.containerStatuses[0].restartCount', '2')
  })

  test('an image of a host that ends in .invalid cannot be pulled', async () => {
    const containers = [{ name: 'main', image: 'registry.invalid/team/app:2' }]
    await apply(namespace, deployment({ name: 'app', spec: { containers } }))
    await untilPod(namespace, 'app', WAITING, 'ImagePullBackOff')
    expect(await eventsOf('app')).toContainEqual(
      expect.stringMatching(/^Failed: Failed to pull image "registry.invalid\/team\/app:2": .*not found$/u),
    )
  })

  test('never-ready runs, and is not ready', async () => {
    await apply(namespace, deployment({ name: 'app', steer: { fail: 'never-ready' } }))
    await untilPod(namespace, 'app', '.status.phase', 'Running')
    expect(await containerOf('app')).toMatchObject({ ready: false, state: { running: {} } })
  })

  test('a missing Secret holds the container until it is there', async () => {
    const env = [{ name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'later', key: 'password' } } }]
    const containers = [{ name: 'main', image: 'example.test/main:1', env }]
    await apply(namespace, deployment({ name: 'app', spec: { containers } }))
    await untilPod(namespace, 'app', WAITING, 'CreateContainerConfigError')
    expect((await containerOf('app')).state['waiting']?.message).toBe('secret "later" not found')
    await kubectl(['create', 'secret', 'generic', 'later', '-n', namespace, '--from-literal=password=x'])
    await until(namespace, 'deployment', ['app'], 'condition=Available')
  })

  test('a pod that no node has room for stays unscheduled', async () => {
    const containers = [{ name: 'main', image: 'example.test/main:1', resources: { requests: { cpu: '100' } } }]
    await apply(namespace, deployment({ name: 'app', spec: { containers } }))
    await untilPod(namespace, 'app', '.status.conditions[0].reason', 'Unschedulable')
    expect((await podOf('app')).status?.['conditions']).toMatchObject([
      { message: expect.stringContaining('Insufficient cpu') },
    ])
  })

  test('a failing Job fails for good, and its log says why', async () => {
    await apply(
      namespace,
      job({ name: 'work', steer: { fail: 'job', log: 'relation "users" does not exist' } }, { backoffLimit: 0 }),
    )
    await until(namespace, 'job', ['work'], 'condition=Failed')
    expect((await containerOf('work')).state['terminated']).toMatchObject({ exitCode: 1, reason: 'Error' })
    const log = await kubectl(['logs', 'job/work', '-n', namespace])
    expect(log).toContain('relation "users" does not exist\nsimulated failure (job): exit status 1')
  })

  test('a Job whose first two pods fail completes with the third', async () => {
    await apply(namespace, job({ name: 'work', steer: { fail: 'job', 'fail-attempts': '2', 'exit-code': '3' } }))
    await until(namespace, 'job', ['work'], 'condition=Complete')
    expect((await object('job', 'work', namespace))?.status).toMatchObject({ failed: 2, succeeded: 1 })
  })

  test('flapping is ready, and then not, and then again', async () => {
    await apply(namespace, deployment({ name: 'app', steer: { fail: 'flapping', delay: '500ms' } }))
    for (const status of ['True', 'False', 'True'])
      await untilPod(namespace, 'app', '.status.conditions[?(@.type=="Ready")].status', status)
  })

  test('an annotation that says nothing sensible is complained of', async () => {
    await apply(namespace, deployment({ name: 'app', steer: { fail: 'sometimes' } }))
    await until(namespace, 'deployment', ['app'], 'condition=Available')
    const [event] = (await eventsOf('app')).filter((text) => text.startsWith('SandboxAnnotation'))
    expect(event).toContain('does not know "sometimes"')
  })
})
