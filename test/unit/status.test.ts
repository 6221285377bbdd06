import { describe, expect, test } from '@jest/globals'
import type { KubeObject } from '../../src/domain/kube.ts'
import { standsFor } from '../../src/domain/status/age.ts'
import { shortAge } from '../../src/screen/ago.ts'
import { behindOf } from '../../src/domain/status/behind.ts'
import { runningStatus } from '../../src/screen/running.ts'
import type { StageStatus, StatusDocument, WorkloadStatus } from '../../src/domain/status/model.ts'
import { pausedReason } from '../../src/domain/status/paused.ts'
import { isReady } from '../../src/domain/status/ready.ts'
import { sentenceOf } from '../../src/screen/status-sentence.ts'
import { changedRows, statusRows } from '../../src/screen/status.ts'
import { membersOf } from '../../src/domain/logs/component.ts'
import { runsOf } from '../../src/domain/logs/runs.ts'

const NOW = Date.parse('2026-11-03T12:00:00Z')

function object(kind: string, name: string, more: Record<string, unknown> = {}, meta: object = {}): KubeObject {
  const apiVersion = kind === 'Cluster' ? 'postgresql.cnpg.io/v1' : kind === 'Pod' ? 'v1' : 'apps/v1'
  return { apiVersion, kind, metadata: { name, ...meta }, ...more }
}

const app: WorkloadStatus = {
  object: 'Deployment/app',
  name: 'app',
  state: 'ready',
  counts: { ready: 2, wanted: 2 },
  reason: undefined,
  remark: undefined,
  image: 'api-forge-app@1f3c9a2e',
  restarts: 0,
  since: '2026-11-03T11:48:00Z',
  behind: [],
}
const worker: WorkloadStatus = { ...app, object: 'Deployment/worker', name: 'worker' }
const paused: WorkloadStatus = { ...worker, state: 'paused', reason: 'scaled to 0', counts: { ready: 0, wanted: 0 } }
const waits: WorkloadStatus = {
  ...worker,
  state: 'progressing',
  reason: '1/2 available',
  counts: { ready: 1, wanted: 2 },
}

describe('what is paused', () => {
  test.each([
    ['a Deployment scaled to 0', object('Deployment', 'a', { spec: { replicas: 0 } }), 'scaled to 0'],
    ['a StatefulSet scaled to 0', object('StatefulSet', 'a', { spec: { replicas: 0 } }), 'scaled to 0'],
    [
      'a hibernated database',
      object('Cluster', 'a', {}, { annotations: { 'cnpg.io/hibernation': 'on' } }),
      'hibernated',
    ],
    [
      'a database that woke up',
      object('Cluster', 'a', {}, { annotations: { 'cnpg.io/hibernation': 'off' } }),
      undefined,
    ],
    ['a Deployment with the default of one', object('Deployment', 'a', { spec: {} }), undefined],
  ])('%s', (_, found, reason) => expect(pausedReason(found)).toBe(reason))
})

describe('for how long an object has been as it is', () => {
  const made = { creationTimestamp: '2026-11-03T10:00:00Z' }
  test.each([
    ['since it was made', object('Pod', 'a', {}, made), 7_200_000],
    [
      'since its last condition',
      object(
        'Pod',
        'a',
        { status: { conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: '2026-11-03T11:59:00Z' }] } },
        made,
      ),
      60_000,
    ],
    [
      'an Event since it was first seen',
      object('Event', 'a', { firstTimestamp: '2026-11-03T11:00:00Z', lastTimestamp: '2026-11-03T11:59:00Z' }, made),
      3_600_000,
    ],
    ['a clock that is ahead counts as now', object('Pod', 'a', {}, { creationTimestamp: '2026-11-03T12:00:05Z' }), 0],
  ])('%s', (_, found, ms) => expect(standsFor(found, NOW)).toBe(ms))
  test.each([
    [5_000, '5s'],
    [119_000, '119s'],
    [120_000, '2m'],
    [7_200_000, '2h'],
    [200_000_000, '2d'],
  ])('%i ms is %s', (ms, text) => expect(shortAge(ms)).toBe(text))
})

describe('pods that are behind', () => {
  const secret = object(
    'Secret',
    'db',
    {},
    {
      annotations: { 'forge.api-forge.io/revision': '7', 'forge.api-forge.io/key-revisions': '{"owner":7,"reader":3}' },
    },
  )
  const pod = (key: string, noted: string): KubeObject =>
    object(
      'Pod',
      'p',
      { spec: { containers: [{ name: 'c', env: [{ valueFrom: { secretKeyRef: { name: 'db', key } } }] }] } },
      { annotations: { 'forge.api-forge.io/secret-db': noted } },
    )
  const none = { configMaps: new Map(), renderedMaps: new Map() }
  test.each([
    ['a key that changed since', 'owner', '6', ['db r6, the cluster holds r7']],
    ['the key that it runs with', 'owner', '7', []],
    ['another key changed', 'reader', '3', []],
  ])('%s', (_, key, noted, wanted) => {
    expect(behindOf(pod(key, noted), { secrets: new Map([['db', secret]]), ...none })).toEqual(wanted)
  })

  const map = (level: string, time: string): KubeObject =>
    object(
      'ConfigMap',
      'env',
      { data: { LEVEL: level, OTHER: 'x' } },
      { managedFields: [{ manager: 'kubectl', time }] },
    )
  const reader = object(
    'Pod',
    'p',
    { spec: { containers: [{ name: 'c', env: [{ valueFrom: { configMapKeyRef: { name: 'env', key: 'LEVEL' } } }] }] } },
    { creationTimestamp: '2026-11-03T11:00:00Z' },
  )
  test.each([
    ['changed after the pod began', map('DEBUG', '2026-11-03T11:30:00Z'), ['env LEVEL, changed after the pod began']],
    ['changed before it began', map('DEBUG', '2026-11-03T10:30:00Z'), []],
    ['written anew, the same', map('INFO', '2026-11-03T11:30:00Z'), []],
  ])('a ConfigMap %s', (_, live, wanted) => {
    const renderedMaps = new Map([['env', map('INFO', '2026-11-03T10:00:00Z')]])
    expect(behindOf(reader, { secrets: new Map(), configMaps: new Map([['env', live]]), renderedMaps })).toEqual(wanted)
  })
})

describe('the sentence', () => {
  const told = {
    project: 'api-forge',
    environment: 'prod',
    failure: undefined,
    deployed: true,
    missing: [],
    live: true,
  }
  const stages = (...workloads: WorkloadStatus[]): StatusDocument['stages'] => [{ name: 'app', workloads }]
  test.each([
    ['all is well', stages(app, worker), 'api-forge on prod is ready: 2 workloads.'],
    ['one is paused', stages(app, paused), 'api-forge on prod is ready: 2 workloads; worker is paused.'],
    [
      'one is behind',
      stages({ ...app, behind: ['x'] }),
      'api-forge on prod is ready: 1 workload; app runs older secrets or configuration than the cluster holds.',
    ],
    [
      'one keeps old pods',
      stages({ ...app, remark: 'app-0 keeps an older revision (partition 1)' }),
      'api-forge on prod is ready: 1 workload; app: app-0 keeps an older revision (partition 1).',
    ],
    ['one waits', stages(app, waits), 'api-forge on prod is not ready yet: worker 1/2: 1/2 available.'],
    [
      'old pods serve on',
      stages({ ...waits, reason: 'both are counted here', servesOn: true }),
      'api-forge on prod is not ready yet: worker: both are counted here.',
    ],
    ['it has no workloads', [], 'api-forge on prod is ready: it is deployed, and has no workloads.'],
  ])('%s', (_, some, sentence) => expect(sentenceOf({ ...told, stages: some })).toBe(sentence))
  test('what is not installed is said before anything else', () => {
    const more = { stages: stages(app), missing: ['web', 'api'] }
    expect(sentenceOf({ ...told, ...more })).toBe('api-forge on prod is not ready: web, api are not installed.')
    expect(sentenceOf({ ...told, stages: [], live: false })).toBe(
      'api-forge on prod has no workloads, and no deploy of it has succeeded.',
    )
  })
  test('paused holds nothing back; what is not installed, or was never deployed well, is not ready', () => {
    const ready = (some: readonly StageStatus[], more = {}): boolean => isReady({ ...told, stages: some, ...more })
    expect([ready(stages(app, paused)), ready(stages(app, waits)), ready([])]).toEqual([true, false, true])
    expect([ready([], { live: false }), ready(stages(app), { missing: ['web'] })]).toEqual([false, false])
    expect([ready([], { unread: ['revision 2'] }), ready(stages(app), { unread: ['revision 2'] })]).toEqual([
      false,
      true,
    ])
  })
})

const document: StatusDocument = {
  apiVersion: 'forge/v1',
  command: 'status',
  project: 'api-forge',
  environment: 'prod',
  namespace: 'api-forge-prod',
  cluster: 'prod-eu',
  ready: true,
  sentence: 'api-forge on prod is ready: 2 workloads; worker is paused.',
  live: { number: 42, state: 'deployed', at: '2026-11-03T11:48:00Z', by: 'ops@ci', code: undefined, target: undefined },
  last: {
    number: 43,
    state: 'restored',
    at: '2026-11-03T11:57:00Z',
    by: 'ops@ci',
    code: 'E_CRASH_LOOP',
    target: undefined,
  },
  running: null,
  stages: [{ name: 'app', workloads: [{ ...app, behind: ['app-secrets r6, the cluster holds r7'] }, paused] }],
  leaving: [],
  unread: [],
  verdict: null,
}

test('the screen', () => {
  expect(statusRows(document, { width: 80, now: NOW })).toEqual([
    'api-forge on prod is ready: 2 workloads; worker is paused.',
    'deployed #42 12 minutes ago by ops@ci',
    'restored #43 3 minutes ago by ops@ci: E_CRASH_LOOP',
    'cluster prod-eu   namespace api-forge-prod',
    '',
    '  STAGE  WORKLOAD  READY   AGE  RESTARTS  IMAGE',
    '✔ app    app       2/2     12m         0  api-forge-app@1f3c9a2e',
    '         older: app-secrets r6, the cluster holds r7',
    '–        worker    paused  12m         0  api-forge-app@1f3c9a2e',
    '         scaled to 0',
  ])
})

test('a rollback is told with both of its numbers', () => {
  const live = {
    number: 44,
    state: 'rolled-back',
    at: '2026-11-03T11:59:56Z',
    by: 'ops@ci',
    code: undefined,
    target: 41,
  }
  expect(statusRows({ ...document, live, last: null }, { width: 80, now: NOW })[1]).toBe(
    'rolled back to #41 as #44, 4 seconds ago, by ops@ci',
  )
})

test('a watch that is a log says what is another, and nothing twice', () => {
  expect(changedRows(document, document)).toEqual([])
  const after: StatusDocument = {
    ...document,
    ready: false,
    sentence: 'it waits',
    stages: [{ name: 'app', workloads: [app, waits] }],
  }
  expect(changedRows(document, after)).toEqual(['· worker 1/2: 1/2 available', '· it waits'])
})

describe('who writes now', () => {
  const holder = { identity: 'ops@ci', pid: 7, command: 'forge deploy', since: '2026-11-03T11:59:00Z', deploy: 43 }
  test('a holder that renews runs, one that is silent for long was cut off, nobody is nobody', () => {
    expect(
      runningStatus({ ...holder, renewed: '2026-11-03T11:59:58Z' }, [], 'forge recover --env prod', NOW),
    ).toMatchObject({
      state: 'running',
    })
    expect(runningStatus({ ...holder, renewed: '2026-11-03T11:50:00Z' }, [], 'forge recover --env prod', NOW)).toEqual({
      state: 'interrupted',
      text: '#43 of ops@ci was cut off: its lock was last renewed 10 minutes ago',
      next: 'forge recover --env prod',
    })
    expect(runningStatus(undefined, [], 'forge recover --env prod', NOW)).toBeNull()
  })
})

describe('logs', () => {
  const labelled = (name: string, labels: Record<string, string>): KubeObject => object('Pod', name, {}, { labels })
  test('a component is meant before a name', () => {
    const all = [
      labelled('db', { 'app.kubernetes.io/component': 'postgres', 'app.kubernetes.io/name': 'postgresql' }),
      labelled('check', { 'app.kubernetes.io/component': 'postgres', 'app.kubernetes.io/name': 'verifier' }),
    ]
    const names = (component: string): string[] | undefined => {
      const isMember = membersOf(component, all)
      return isMember === undefined ? undefined : all.filter(isMember).map(({ metadata }) => metadata.name)
    }
    expect([names('postgres'), names('verifier'), names('nobody')]).toEqual([['db', 'check'], ['check'], undefined])
  })
  test('a restart is another run, and init containers speak until another container has run', () => {
    const running = { name: 'app', restartCount: 2, state: { running: {} } }
    const init = { name: 'wait', restartCount: 0, state: { running: {} } }
    const spec = { containers: [{ name: 'app' }] }
    const pod = (status: object): KubeObject => object('Pod', 'app-1', { spec, status }, { uid: 'u' })
    expect(runsOf(pod({ containerStatuses: [running], initContainerStatuses: [init] }))).toMatchObject([
      { source: 'app-1', key: 'u/app/2' },
    ])
    expect(
      runsOf(pod({ containerStatuses: [{ name: 'app', state: { waiting: {} } }], initContainerStatuses: [init] })),
    ).toMatchObject([{ source: 'app-1/wait', key: 'u/wait/0' }])
  })
})
