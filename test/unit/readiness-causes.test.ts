import { describe, expect, test } from '@jest/globals'
import type { KubeObject } from '../../src/domain/kube.ts'
import { hostsIn } from '../../src/domain/readiness/dependencies.ts'
import { rootFailure } from '../../src/domain/readiness/failure.ts'
import type { Failure, Target } from '../../src/domain/readiness/model.ts'
import {
  APP,
  claim,
  crashed,
  deployment,
  event,
  jobPod,
  job,
  pod,
  replicaSet,
  service,
  set,
  statefulSet,
  unschedulable,
  waiting,
  JOB,
} from './readiness-objects.ts'
import { Deploy, failure, installed, notReady, rollingOut } from './readiness-scene.ts'
import { kubectl } from '../../src/hint.ts'

const POSTGRES: Target = { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'postgres' }
const running = (name: string): Record<string, unknown> => ({ name, state: { running: {} } })

/** app's pod, whose init container asks for a host until it answers. */
const waits = (command = 'until nc -z postgres 5432; do sleep 1; done', name = 'wait-for-postgres'): KubeObject =>
  pod({
    ...notReady,
    init: [running(name)],
    containers: [waiting('PodInitializing')],
    commands: { [name]: ['sh', '-c', command] },
  })

const postgresPod = (state: Parameters<typeof pod>[0] = {}): KubeObject =>
  pod({
    name: 'postgres-0',
    owner: ['StatefulSet', 'postgres'],
    labels: { app: 'postgres', 'controller-revision-hash': 'r1' },
    ...notReady,
    ...state,
  })

const pending = claim('Pending', 'postgres-data')
const unclaimed = [
  statefulSet('postgres'),
  service('postgres'),
  postgresPod({
    node: null,
    containers: [],
    conditions: [unschedulable('pod has unbound immediate PersistentVolumeClaims')],
    volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'postgres-data' } }],
  }),
  pending,
]
const noClass = event(pending, 'ProvisioningFailed', 'storageclass.storage.k8s.io "fast" not found')

const FOLDED =
  'app cannot start: postgres is not ready, because claim postgres-data is Pending: StorageClass fast does not exist'

describe('an init container that waits for a Service', () => {
  test('is explained by the claim of the workload behind it, down to the StorageClass', () => {
    const deploy = installed([APP], set(rollingOut, replicaSet(), waits(), ...unclaimed, noClass))
    expect(failure(deploy)).toMatchObject({
      code: 'E_VOLUME',
      message: FOLDED,
      chain: [
        'Deployment/app',
        'ReplicaSet/app-r1',
        'Pod/app-r1-x',
        'wait-for-postgres',
        'Service/postgres',
        'StatefulSet/postgres',
        'Pod/postgres-0',
        'PersistentVolumeClaim/postgres-data',
        'StorageClass/fast',
      ],
      hint: kubectl(['describe', 'persistentvolumeclaim', 'postgres-data'], 'prod'),
      root: 'apps/StatefulSet/prod/postgres',
    })
  })

  test('is judged again when only the other workload changes', () => {
    const deploy = installed([APP], set(rollingOut, replicaSet(), waits(), ...unclaimed))
    for (const target of deploy.judge.dirty(0)) deploy.verdict(target)
    expect(deploy.says(APP)).toBe('progressing waits for postgres: claim postgres-data is Pending')
    deploy.see(set(noClass), 500)
    expect(deploy.judge.dirty(500)).toEqual([APP])
    expect(failure(deploy).message).toBe(FOLDED)
  })

  test('goes on while the other workload merely starts, and is told when the time is up', () => {
    const starting = postgresPod({ containers: [waiting('ContainerCreating')] })
    const deploy = installed(
      [APP],
      set(rollingOut, replicaSet(), waits(), statefulSet('postgres'), service('postgres'), starting),
    )
    expect(deploy.says(APP, 3_600_000)).toBe('progressing waits for postgres')
    expect(deploy.judge.timedOut({ name: 'app', targets: [APP], timeoutMs: 180_000 }, 180_000)).toMatchObject({
      code: 'E_INIT_STUCK',
      message:
        'app cannot start: its init container wait-for-postgres waits for postgres, which is not ready (0/1 ready) (stage app waited 3m)',
      hint: kubectl(['logs', 'app-r1-x', '--container', 'wait-for-postgres'], 'prod'),
    })
  })

  test('may say it by its name alone', () => {
    const deploy = installed([APP], set(rollingOut, replicaSet(), waits('/scripts/wait.sh'), ...unclaimed, noClass))
    expect(failure(deploy).message).toBe(FOLDED)
  })

  test('whose Service nobody knows is stuck by itself', () => {
    const deploy = installed([APP], set(rollingOut, replicaSet(), waits()))
    expect(deploy.judge.timedOut({ name: 'app', targets: [APP], timeoutMs: 60_000 }, 60_000)).toMatchObject({
      code: 'E_INIT_STUCK',
      message: 'app cannot start: its init container wait-for-postgres runs and does not end (stage app waited 1m)',
    })
  })

  test('an init container is no reason to end at the progress deadline', () => {
    const late = { type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }
    const stuck = deployment({ status: { availableReplicas: 0, readyReplicas: 0 }, conditions: [late] })
    expect(installed([APP], set(stuck, replicaSet(), waits())).says(APP)).toMatch(/^progressing/u)
  })

  test('two that wait for each other come to an end', () => {
    const other = pod({
      name: 'b-r1-x',
      owner: ['ReplicaSet', 'b-r1'],
      ...notReady,
      init: [running('wait-for-app')],
      commands: { 'wait-for-app': ['nc', '-z', 'app:80'] },
    })
    const labelled = (name: string): KubeObject => {
      const one = deployment({ name, status: { availableReplicas: 0 } })
      return { ...one, spec: { replicas: 1, template: { metadata: { labels: { app: name } } } } }
    }
    const all = [
      labelled('app'),
      replicaSet(),
      waits('nc -z b 80'),
      labelled('b'),
      replicaSet(1, { owner: 'b' }),
      other,
    ]
    const deploy = installed([APP], set(...all, service('app'), service('b')))
    expect(deploy.says(APP)).toMatch(/^progressing waits for b/u)
  })

  test('through several workloads in a row', () => {
    const temporal = pod({
      name: 'temporal-r1-x',
      owner: ['ReplicaSet', 'temporal-r1'],
      ...notReady,
      init: [running('wait')],
      commands: { wait: ['sh', '-c', 'pg_isready -h postgres'] },
    })
    const server = deployment({ name: 'temporal', status: { availableReplicas: 0 } })
    const labelled = { ...server, spec: { replicas: 1, template: { metadata: { labels: { app: 'temporal' } } } } }
    const middle = [labelled, replicaSet(1, { owner: 'temporal' }), temporal, service('temporal')]
    const deploy = installed(
      [APP],
      set(rollingOut, replicaSet(), waits('nc -z temporal 7233', 'wait'), ...middle, ...unclaimed, noClass),
    )
    expect(failure(deploy)).toMatchObject({
      code: 'E_VOLUME',
      message:
        'app cannot start: temporal is not ready, because postgres is not ready, because claim postgres-data is Pending: StorageClass fast does not exist',
      root: 'apps/StatefulSet/prod/postgres',
    })
  })
})

describe('a symptom of another workload', () => {
  const unpulled = [
    statefulSet('postgres'),
    service('postgres'),
    postgresPod({ image: 'postgres:99', containers: [waiting('ErrImagePull', 'manifest unknown')] }),
  ]

  test.each([
    ['a crash loop', pod({ ready: false, env: [{ name: 'DB_HOST', value: 'postgres' }], containers: [crashed(3)] })],
    [
      'an init container that gives up',
      pod({
        ...notReady,
        init: [crashed(3, { name: 'wait' })],
        containers: [waiting('PodInitializing')],
        commands: { wait: ['nc', '-w', '60', 'postgres', '5432'] },
      }),
    ],
  ])('%s is explained by it', (_, broken) => {
    expect(failure(installed([APP], set(rollingOut, replicaSet(), broken, ...unpulled)))).toMatchObject({
      code: 'E_IMAGE_PULL',
      message: 'app cannot start: postgres is not ready, because it cannot pull image postgres:99: it does not exist',
      image: 'postgres:99',
      pods: ['app-r1-x', 'postgres-0'],
    })
  })

  test('a Job that cannot reach it', () => {
    const failed = { conditions: [{ type: 'Failed', status: 'True', reason: 'BackoffLimitExceeded' }], failed: 1 }
    const last = jobPod('schema-x', {
      ready: false,
      phase: 'Failed',
      env: [{ name: 'DATABASE_URL', value: 'postgresql://app@postgres:5432/app' }],
      containers: [{ name: 'app', state: { terminated: { exitCode: 1 } } }],
    })
    const deploy = installed([JOB], set(job(failed), last, ...unpulled))
    expect(deploy.verdict(JOB)).toMatchObject({ code: 'E_IMAGE_PULL', root: 'apps/StatefulSet/prod/postgres' })
  })

  test('one that is well explains nothing', () => {
    const well = [
      statefulSet('postgres', { readyReplicas: 1 }),
      service('postgres'),
      postgresPod({ ready: true, phase: 'Running' }),
    ]
    const broken = pod({ ready: false, env: [{ name: 'DB_HOST', value: 'postgres' }], containers: [crashed(3)] })
    expect(failure(installed([APP], set(rollingOut, replicaSet(), broken, ...well))).code).toBe('E_CRASH_LOOP')
  })

  test('one that was broken before helm ran ends nothing by itself', () => {
    const deploy = new Deploy([APP])
      .see(set(...unclaimed, noClass))
      .begin()
      .see(set(rollingOut, replicaSet(), waits()))
      .helmExits()
    expect(deploy.says(APP, 60_000)).toMatch(/^progressing/u)
    expect(deploy.judge.timedOut({ name: 'app', targets: [APP], timeoutMs: 60_000 }, 60_000).message).toBe(
      `${FOLDED} (stage app waited 1m)`,
    )
  })
})

describe('when several fail, the cause is told', () => {
  test('not a workload that waits for it', () => {
    const deploy = installed([APP, POSTGRES], set(rollingOut, replicaSet(), waits(), ...unclaimed, noClass))
    const failed = [APP, POSTGRES].map((target) => {
      const verdict = deploy.verdict(target)
      if (verdict.state !== 'failed') throw new Error(verdict.state)
      const group = 'apps'
      return { key: `${group}/${target.kind}/prod/${target.name}`, failure: verdict }
    })
    expect(rootFailure(failed)?.failure.message).toBe(
      'postgres cannot start: claim postgres-data is Pending: StorageClass fast does not exist',
    )
  })

  test.each([
    [['E_CRASH_LOOP', 'E_IMAGE_PULL'], 'E_IMAGE_PULL'],
    [['E_PROBE_FAILING', 'E_OOM_KILLED'], 'E_OOM_KILLED'],
  ] as const)('of %j it is %s', (codes, root) => {
    const failed = codes.map((code) => ({ key: code, failure: { code } as Failure }))
    expect(rootFailure(failed)?.key).toBe(root)
  })

  test('a stage whose time is up tells the workload behind, too', () => {
    const slow = postgresPod({ ready: false, phase: 'Running' })
    const deploy = installed(
      [APP, POSTGRES],
      set(rollingOut, replicaSet(), waits(), statefulSet('postgres'), service('postgres'), slow),
    )
    expect(deploy.judge.timedOut({ name: 'all', targets: [APP, POSTGRES], timeoutMs: 60_000 }, 60_000)).toMatchObject({
      code: 'E_PROBE_FAILING',
      message: expect.stringMatching(/^postgres runs, but never becomes ready/u),
    })
  })
})

// Shells, clients and URLs name a host in these ways (https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/).
test.each([
  ['nc -z postgres 5432', ['nc', 'postgres']],
  ['pg_isready --host=postgres', ['postgres']],
  ['postgresql://app:x@postgres:5432/app', ['postgres']],
  ['curl -f http://app.prod.svc.cluster.local:8000/health', ['curl', 'app']],
  ['echo > /dev/tcp/redis/6379', ['echo', 'redis']],
  ['(redis-cli -h "redis" ping)', ['redis-cli', 'redis', 'ping']],
  ['/app/run.sh --config /etc/postgres/x', []],
  ['postgres.example.com:5432', []],
  ['app.py', []],
])('hosts in %p', (text, hosts) => expect([...hostsIn(text, 'prod')]).toEqual(hosts))
