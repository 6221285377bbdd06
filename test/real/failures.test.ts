import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { image, print, RealNamespace } from '../support/real-cluster.ts'
import { failForReal, type RealFailure, type RealVerdict, type Status } from '../support/real-failure.ts'
import type { Manifest } from '../support/small.ts'

const SHELL = 'busybox:1.36'
const LABELS = { 'app.kubernetes.io/name': 'web' }

let namespace: RealNamespace

beforeEach(async () => {
  namespace = await RealNamespace.create('failures')
})
afterEach(async () => await namespace.remove())

function web(container: Readonly<Record<string, unknown>>): Manifest {
  const template = { metadata: { labels: LABELS }, spec: { containers: [{ name: 'web', image: SHELL, ...container }] } }
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: { selector: { matchLabels: LABELS }, template },
  }
}

function schema(script: string): Manifest {
  const labels = { 'app.kubernetes.io/name': 'schema' }
  const containers = [{ name: 'schema', image: SHELL, command: ['sh', '-c', script] }]
  const template = { metadata: { labels }, spec: { restartPolicy: 'Never', containers } }
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'schema-1' },
    spec: { backoffLimit: 0, template },
  }
}

interface ContainerStatus {
  readonly restartCount: number
  readonly state: { readonly waiting?: { readonly reason: string }; readonly terminated?: unknown }
}

const containerOf = ({ containerStatuses }: Status): ContainerStatus | undefined =>
  (containerStatuses as ContainerStatus[] | undefined)?.[0]

const waits =
  (...reasons: readonly string[]) =>
  (status: Status): boolean =>
    reasons.includes(containerOf(status)?.state.waiting?.reason ?? '')

/** The third end of the container, which uses up what forge allows. */
const crashedThrice = (status: Status): boolean => {
  const { restartCount = 0, state } = containerOf(status) ?? {}
  return restartCount >= 2 && state?.terminated !== undefined
}

const hasCondition =
  (type: string, status: string) =>
  ({ conditions = [] }: Status): boolean =>
    (conditions as { type: string; status: string }[]).some((one) => one.type === type && one.status === status)

interface Wanted extends RealFailure {
  readonly code: string
  readonly message: RegExp
  /** In a log of the evidence. */
  readonly log?: string
}

const FAILURES: [name: string, wanted: Wanted][] = [
  [
    'a missing image',
    {
      kind: 'pods',
      objects: [web({ image: 'busybox:no-such-tag' })],
      shows: waits('ErrImagePull', 'ImagePullBackOff'),
      code: 'E_IMAGE_PULL',
      message: /^FAILED {2}web cannot pull image busybox:no-such-tag: /mu,
    },
  ],
  [
    'an image that crashes',
    {
      kind: 'pods',
      objects: [web({ image: image('broken'), readinessProbe: { tcpSocket: { port: 8000 } } })],
      shows: crashedThrice,
      code: 'E_CRASH_LOOP',
      message: /^FAILED {2}web cannot start: it exits with status 1 at once, 3 times/mu,
      log: 'fatal: ',
    },
  ],
  [
    'an image that exits at once, with 0 and without a probe',
    {
      kind: 'pods',
      objects: [web({ command: ['sh', '-c', 'echo nothing to do'] })],
      shows: crashedThrice,
      code: 'E_CRASH_LOOP',
      message: /^FAILED {2}web cannot start: it exits with status 0 at once, 3 times/mu,
      log: 'nothing to do',
    },
  ],
  [
    'a failing schema Job',
    {
      kind: 'jobs',
      objects: [schema('echo "ERROR:  relation \\"users\\" does not exist"; exit 3')],
      shows: hasCondition('FailureTarget', 'True'),
      code: 'E_JOB_FAILED',
      message: /^FAILED {2}schema-1 failed: it exits with status 3 at once/mu,
      log: 'ERROR:  relation "users" does not exist',
    },
  ],
]

test.each(FAILURES)('%s', fails, 150_000)

test('more CPU than is free', async () => {
  const nodes = (await namespace.objects('nodes')).map(({ status }) => cpuOf(status?.['allocatable']))
  const request = `${Math.floor(Math.max(...nodes) * 600)}m`
  const resources = { requests: { cpu: request } }
  // Somebody else's pod on each node: what would not fit on empty nodes is refused before (E_CAPACITY).
  const others = nodes.map((_, at) => ({
    ...{ apiVersion: 'v1', kind: 'Pod', metadata: { name: `other-${at}` } },
    spec: { containers: [{ name: 'other', image: SHELL, command: ['sleep', '600'], resources }] },
  }))
  await namespace.kubectl(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items: others }))
  await namespace.kubectl(['wait', '--for=condition=PodScheduled', 'pods', '--all', '--timeout=60s'])
  await fails('more CPU than is free', {
    kind: 'pods',
    objects: [web({ command: ['sleep', '600'], resources })],
    shows: hasCondition('PodScheduled', 'False'),
    code: 'E_UNSCHEDULABLE',
    message: /^FAILED {2}web fits on no node: no node has enough free cpu/mu,
  })
}, 150_000)

function cpuOf(allocatable: unknown): number {
  const { cpu } = allocatable as { cpu: string }
  return cpu.endsWith('m') ? Number.parseInt(cpu, 10) / 1000 : Number.parseFloat(cpu)
}

async function fails(name: string, wanted: Wanted): Promise<void> {
  const { status, stderr, evidence, seconds }: RealVerdict = await failForReal(namespace, wanted)
  print(`${name}: ${wanted.code}, ${seconds?.toFixed(2) ?? '?'} s after the cluster showed it`)

  expect({ status, stderr }).toEqual({ status: 5, stderr: expect.stringMatching(wanted.message) })
  expect(stderr).toMatch(new RegExp(`^ +${wanted.code}$`, 'mu'))
  expect(seconds).toBeDefined()
  const logs = Object.entries(evidence).filter(([file]) => file.startsWith('logs/'))
  if (wanted.log !== undefined) expect(logs.map(([, text]) => text)).toContainEqual(expect.stringContaining(wanted.log))
  expect(evidence['events.txt']).toContain(wanted.objects[0]?.metadata.name)
}

test('a wrong key of a Secret is refused before anything is written', async () => {
  await namespace.kubectl(['create', 'secret', 'generic', 'web', '--from-literal=password=x'])
  const env = [{ name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'web', key: 'token' } } }]
  await refused([web({ env, command: ['sleep', '600'] })], 'E_SECRET_MISSING', 'needs key token of Secret web')
})

test('CPU that no node has is refused before anything is written', async () => {
  const resources = { requests: { cpu: '900' } }
  await refused([web({ command: ['sleep', '600'], resources })], 'E_CAPACITY', 'asks for 900 CPU')
})

async function refused(objects: readonly Manifest[], code: string, message: string): Promise<void> {
  const { status, stderr } = await failForReal(namespace, { kind: 'pods', objects, shows: () => false })
  expect({ status, stderr }).toEqual({ status: 3, stderr: expect.stringContaining(message) })
  expect(stderr).toMatch(new RegExp(`^ +${code}$`, 'mu'))
  expect(await namespace.objects('deployments')).toEqual([])
}
