import { describe, expect, test } from '@jest/globals'
import type { KubeObject } from '../../src/domain/kube.ts'
import type { Target } from '../../src/domain/readiness/model.ts'
import {
  APP,
  CUSTOM,
  NAMESPACE,
  claim,
  crashed,
  custom,
  deployment,
  event,
  pod,
  replicaSet,
  set,
  unschedulable,
  waiting,
} from './readiness-objects.ts'
import { installed } from './readiness-scene.ts'
import { kubectl } from '../../src/hint.ts'

describe('custom resources', () => {
  const condition = (type: string, status: string, more = {}): Record<string, unknown> => ({ type, status, ...more })

  test.each([
    [
      'ready',
      { conditions: [condition('Ready', 'True', { message: 'Cluster is healthy' })] },
      'ready Cluster is healthy',
    ],
    ['not ready', { conditions: [condition('Ready', 'False', { reason: 'Starting' })] }, 'progressing Starting'],
    [
      'reconciling wins',
      { conditions: [condition('Reconciling', 'True', { message: 'creating replicas' }), condition('Ready', 'True')] },
      'progressing creating replicas',
    ],
    ['available', { conditions: [condition('Available', 'True')] }, 'ready available'],
    [
      'stalled',
      { conditions: [condition('Stalled', 'True', { reason: 'BadSpec', message: 'no such image' })] },
      'failed E_RESOURCE_STALLED',
    ],
    [
      'status of an older spec',
      { observedGeneration: 1, conditions: [condition('Ready', 'True')] },
      'progressing spec not observed yet',
    ],
    ['no conditions', { observedGeneration: 2 }, 'ready reports no conditions'],
  ])('%s', (_, status, says) => expect(installed([CUSTOM], set(custom({ status }, 2))).says(CUSTOM)).toBe(says))

  test('without status its controller has ten seconds', () => {
    const deploy = installed([CUSTOM], set(custom({})))
    expect(deploy.says(CUSTOM)).toBe('progressing no status yet')
    expect(deploy.judge.nextDeadline(0)).toBe(10_000)
    expect(deploy.says(CUSTOM, 10_000)).toBe('ready reports no conditions')
  })

  test('its pods, through what owns them, explain it', () => {
    const owners = {
      ownerReferences: [
        { apiVersion: CUSTOM.apiVersion, kind: 'Cluster', name: 'db', uid: 'Cluster/db', controller: true },
      ],
    }
    const inner: KubeObject = {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { name: 'db', namespace: NAMESPACE, uid: 'StatefulSet/db', ...owners },
    }
    const broken = pod({
      name: 'db-0',
      owner: ['StatefulSet', 'db'],
      ready: false,
      containers: [waiting('ErrImagePull', 'manifest unknown')],
    })
    const deploy = installed(
      [CUSTOM],
      set(custom({ status: { conditions: [condition('Ready', 'False')] } }), inner, broken),
    )
    expect(deploy.verdict(CUSTOM)).toMatchObject({
      code: 'E_IMAGE_PULL',
      chain: ['Cluster/db', 'StatefulSet/db', 'Pod/db-0', 'app'],
    })
  })
})

describe('StatefulSets and DaemonSets', () => {
  const target = (kind: string): Target => ({ apiVersion: 'apps/v1', kind, name: 'db' })
  const statefulSet = (status: Record<string, unknown>, spec = {}): KubeObject => ({
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'db', namespace: NAMESPACE, uid: 'StatefulSet/db', generation: 1 },
    spec: { replicas: 2, ...spec },
    status: { observedGeneration: 1, ...status },
  })
  const dbPod = (name: string, revision: string, state = {}): KubeObject =>
    pod({ name, owner: ['StatefulSet', 'db'], labels: { 'controller-revision-hash': revision }, ...state })
  const broken = { ready: false, containers: [crashed(3)] }

  test('pods of the new revision count, those of the old one do not', () => {
    const half = statefulSet({ readyReplicas: 1, updatedReplicas: 1, currentRevision: 'a', updateRevision: 'b' })
    expect(
      installed([target('StatefulSet')], set(half, dbPod('db-0', 'a', broken), dbPod('db-1', 'b'))).says(
        target('StatefulSet'),
      ),
    ).toBe('progressing 1/2 ready')
    expect(
      installed([target('StatefulSet')], set(half, dbPod('db-0', 'a'), dbPod('db-1', 'b', broken))).says(
        target('StatefulSet'),
      ),
    ).toBe('failed E_CRASH_LOOP')
  })

  test('a broken old pod that holds the rollout up is what a timeout tells', () => {
    const stuck = statefulSet({ readyReplicas: 1, updatedReplicas: 0, currentRevision: 'a', updateRevision: 'b' })
    const deploy = installed([target('StatefulSet')], set(stuck, dbPod('db-0', 'a'), dbPod('db-1', 'a', broken)))
    expect(
      deploy.judge.timedOut({ name: 'databases', targets: [target('StatefulSet')], timeoutMs: 180_000 }, 180_000),
    ).toMatchObject({ code: 'E_CRASH_LOOP', chain: ['StatefulSet/db', 'Pod/db-1', 'app'] })
  })

  test('an Event of a refused pod is answered by the pod that came after it', () => {
    const creating = statefulSet({ readyReplicas: 0, updatedReplicas: 0, currentRevision: 'a', updateRevision: 'a' })
    const refused = event(
      creating,
      'FailedCreate',
      'create Pod db-0 failed: pods "db-0" is forbidden: violates PodSecurity "restricted"',
    )
    const deploy = installed([target('StatefulSet')], set(creating, refused))
    expect(deploy.says(target('StatefulSet'))).toBe('failed E_ADMISSION')
    expect(deploy.see(set(dbPod('db-0', 'a', { ready: false }))).says(target('StatefulSet'))).toMatch(/^progressing/u)
  })

  test.each([
    [
      'a revision',
      [
        { revision: 1, hash: 'a' },
        { revision: 2, hash: 'b' },
      ],
      { 'controller-revision-hash': 'b' },
      {},
    ],
    [
      'a template generation',
      [],
      { 'pod-template-generation': '7' },
      { 'deprecated.daemonset.template.generation': '7' },
    ],
  ])("a DaemonSet's new pods are known by %s", (_, revisions, labels, annotations) => {
    const daemonSet: KubeObject = {
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: { name: 'db', namespace: NAMESPACE, uid: 'DaemonSet/db', generation: 1, annotations },
      status: { observedGeneration: 1, desiredNumberScheduled: 2, updatedNumberScheduled: 1, numberAvailable: 1 },
    }
    const controller = [{ apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'db', uid: 'DaemonSet/db', controller: true }]
    const history = revisions.map(({ revision, hash }): KubeObject => {
      const metadata = {
        name: `db-${hash}`,
        namespace: NAMESPACE,
        uid: hash,
        labels: { 'controller-revision-hash': hash },
        ownerReferences: controller,
      }
      return { apiVersion: 'apps/v1', kind: 'ControllerRevision', metadata, revision }
    })
    const old = pod({
      name: 'old',
      owner: ['DaemonSet', 'db'],
      labels: { 'controller-revision-hash': 'a', 'pod-template-generation': '6' },
      ...broken,
    })
    const fresh = (state = {}): KubeObject => pod({ name: 'new', owner: ['DaemonSet', 'db'], labels, ...state })
    const deploy = installed([target('DaemonSet')], set(daemonSet, ...history, old, fresh()))
    expect(deploy.says(target('DaemonSet'))).toBe('progressing 1/2 updated')
    expect(deploy.see(set(fresh(broken))).says(target('DaemonSet'))).toBe('failed E_CRASH_LOOP')
  })
})

describe('a stage whose time is up', () => {
  const other = { ...APP, name: 'web' }
  const stage = { name: 'app', targets: [APP, other], timeoutMs: 180_000 }
  const pending = (name: string): KubeObject => deployment({ name, status: { availableReplicas: 0 } })

  test('the deepest thing that looked wrong, though it had not counted yet', () => {
    const unplaced = pod({
      name: 'web-x',
      owner: ['ReplicaSet', 'web-r1'],
      ready: false,
      node: null,
      phase: 'Pending',
      containers: [],
      conditions: [unschedulable('3 Insufficient cpu.')],
    })
    const scaling = event(unplaced, 'TriggeredScaleUp', 'scale-up')
    const deploy = installed(
      [APP, other],
      set(pending('app'), pending('web'), replicaSet(1, { owner: 'web' }), unplaced, scaling),
    )
    expect(deploy.judge.timedOut(stage, 180_000)).toMatchObject({
      code: 'E_UNSCHEDULABLE',
      message: 'web fits on no node: no node has enough free cpu (an autoscaler adds one) (stage app waited 3m)',
      chain: ['Deployment/web', 'ReplicaSet/web-r1', 'Pod/web-x'],
    })
  })

  test('a probe that never succeeded', () => {
    const unready = pod({ ready: false })
    const deploy = installed(
      [APP],
      set(
        pending('app'),
        replicaSet(),
        unready,
        event(unready, 'Unhealthy', 'Readiness probe failed: Get "http://10.0.0.1/health": connection refused'),
      ),
    )
    const failure = deploy.judge.timedOut({ ...stage, targets: [APP], timeoutMs: 90_000 }, 90_000)
    expect(failure).toMatchObject({
      code: 'E_PROBE_FAILING',
      message:
        'app runs, but never becomes ready: its readiness probe fails: Get "http://10.0.0.1/health": connection refused (stage app waited 1m 30s)',
      hint: kubectl(['logs', 'app-r1-x', '--container', 'app'], 'prod'),
    })
  })

  test('nothing is known: the first that is not ready', () => {
    const deploy = installed([APP, other], set(deployment(), replicaSet(), pod(), pending('web')))
    expect(deploy.judge.timedOut(stage, 180_000)).toMatchObject({
      code: 'E_STAGE_TIMEOUT',
      message: 'web is not ready: 0/1 available (stage app waited 3m)',
      chain: ['Deployment/web'],
      hint: kubectl(['describe', 'deployment', 'web'], 'prod'),
    })
  })
})

test.each([
  ['Bound', [], 'ready bound'],
  [
    'Pending',
    [event(claim('Pending'), 'WaitForFirstConsumer', 'waiting for first consumer')],
    'ready waits for its first consumer',
  ],
  ['Pending', [], 'progressing claim data is Pending'],
  ['Lost', [], 'failed E_VOLUME'],
])('a claim that is waited for: %s', (phase, events, says) => {
  const target = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name: 'data' }
  expect(installed([target], set(claim(phase), ...events)).says(target)).toBe(says)
})
