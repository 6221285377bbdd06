import { describe, expect, test } from '@jest/globals'
import type { KubeObject } from '../../src/domain/kube.ts'
import type { FieldChange, ObjectPlan } from '../../src/domain/plan/model.ts'
import { heldWorkloads } from '../../src/domain/plan/paused.ts'
import { reachOf } from '../../src/domain/plan/reach.ts'
import type { Target } from '../../src/domain/readiness/model.ts'
import { kubectl } from '../../src/hint.ts'
import { APP, NAMESPACE, deployment, replicaSet, set } from './readiness-objects.ts'
import { installed } from './readiness-scene.ts'

const target = (kind: string, apiVersion = 'apps/v1'): Target => ({ apiVersion, kind, name: 'db' })
const workload = (kind: string, spec: object, status: object, generation = 1, apiVersion = 'apps/v1'): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name: 'db', namespace: NAMESPACE, uid: `${kind}/db`, generation },
  spec: { replicas: 2, ...spec },
  status: { observedGeneration: generation, replicas: 2, readyReplicas: 2, availableReplicas: 2, ...status },
})

describe('which pods a changed template reaches', () => {
  const reach = (
    kind: string,
    spec: object,
    changes: Pick<FieldChange, 'path' | 'after'>[] = [],
    rendered = {},
  ): unknown => {
    const live = workload(kind, { replicas: 3, ...spec }, { desiredNumberScheduled: 4 })
    const plan = {
      ref: target(kind),
      action: 'change' as const,
      changes: changes.map((one) => ({ before: undefined, ...one })),
    }
    return reachOf(plan, { ...workload(kind, {}, {}), spec: rendered }, live)
  }
  const partition = (count: number): object => ({ updateStrategy: { rollingUpdate: { partition: count } } })
  const onDelete = { updateStrategy: { type: 'OnDelete' } }
  const all = { restarts: true, left: undefined }

  test.each<[string, unknown, unknown]>([
    ['a Deployment', reach('Deployment', {}), all],
    ['a StatefulSet', reach('StatefulSet', {}), all],
    [
      'OnDelete',
      reach('StatefulSet', onDelete),
      { restarts: false, left: 'db-2, db-1, db-0 go on as they are until they are deleted (updateStrategy OnDelete)' },
    ],
    [
      'OnDelete, given up with it',
      reach('StatefulSet', onDelete, [], { updateStrategy: { type: 'RollingUpdate' } }),
      all,
    ],
    [
      'OnDelete, no longer stated',
      reach('StatefulSet', onDelete, [{ path: 'spec.updateStrategy', after: undefined }]),
      all,
    ],
    [
      'a partition',
      reach('StatefulSet', partition(2)),
      { restarts: true, left: 'db-1, db-0 go on as they are (partition 2)' },
    ],
    [
      'a partition above all',
      reach('StatefulSet', { ...partition(9), ordinals: { start: 5 } }),
      { restarts: false, left: 'db-7, db-6, db-5 go on as they are (partition 9)' },
    ],
    ['a partition that the chart lowers', reach('StatefulSet', partition(2), [], partition(0)), all],
    [
      'a DaemonSet with OnDelete',
      reach('DaemonSet', onDelete),
      { restarts: false, left: 'its 4 pods go on as they are until they are deleted (updateStrategy OnDelete)' },
    ],
    [
      'a ReplicaSet',
      reach('ReplicaSet', {}),
      { restarts: false, left: 'its 2 pods go on as they are until they are deleted (a new template replaces no pod)' },
    ],
  ])('%s', (_, found, wanted) => expect(found).toEqual(wanted))
})

describe('what somebody holds is not deployed to', () => {
  const IMAGE: FieldChange = { path: 'spec.template.spec.containers[app].image', before: 'a:1', after: 'a:2' }
  const held = (
    action: ObjectPlan['action'],
    live: KubeObject | undefined,
    rendered: KubeObject,
    changes: FieldChange[] = [],
  ): unknown => {
    const { apiVersion, kind, metadata } = rendered
    const ref = { apiVersion, kind, name: metadata.name, namespace: NAMESPACE }
    const key = `${apiVersion.split('/')[0] ?? ''}/${kind}/${NAMESPACE}/${metadata.name}`
    const plan = { ref, action, changes, release: 'r', drift: [], conflicts: [], template: 't' }
    return heldWorkloads({
      plans: [plan],
      rendered: new Map([[key, rendered]]),
      live: new Map(live === undefined ? [] : [[key, live]]),
    }).map(({ message, release }) => [message, release])
  }
  const paused = deployment({ spec: { paused: true } })
  const midway = deployment({ spec: { paused: true }, status: { updatedReplicas: 0 } })
  const plain = deployment()
  const RESUME = ['rollout', 'resume', 'deployment/app']

  test.each<[string, unknown, unknown]>([
    [
      'paused by somebody, and its pods would change',
      held('change', paused, plain, [IMAGE]),
      [['Deployment/app is paused (spec.paused), so the change of its pods would never roll out', RESUME]],
    ],
    [
      'paused by somebody, and only scaled',
      held('change', paused, plain, [{ path: 'spec.replicas', before: 1, after: 2 }]),
      [],
    ],
    ['paused by somebody, unchanged', held('unchanged', paused, plain), []],
    [
      'paused half-way, unchanged',
      held('unchanged', midway, plain),
      [['Deployment/app is paused (spec.paused), so the rollout that it is in the middle of never ends', RESUME]],
    ],
    [
      'let go by this deploy',
      held('change', paused, plain, [IMAGE, { path: 'spec.paused', before: true, after: undefined }]),
      [],
    ],
    [
      'a first install that is paused',
      held('create', undefined, paused),
      [['Deployment/app is rendered with spec.paused: true, so no pod of it would ever be made', undefined]],
    ],
    [
      'a first install that is paused and has no pods',
      held('create', undefined, deployment({ replicas: 0, spec: { paused: true } })),
      [],
    ],
    [
      'the chart pauses and changes it',
      held('change', plain, paused, [IMAGE, { path: 'spec.paused', before: undefined, after: true }]),
      [
        [
          'Deployment/app is rendered with spec.paused: true, so the change of its pods would never roll out',
          undefined,
        ],
      ],
    ],
    [
      'the chart only pauses it',
      held('change', plain, paused, [{ path: 'spec.paused', before: undefined, after: true }]),
      [],
    ],
    ['one that goes', held('delete', paused, plain), []],
  ])('%s', (_, found, wanted) => expect(found).toEqual(wanted))

  test('a database that its operator leaves alone, whatever changes', () => {
    const cluster = (annotations: object): KubeObject => ({
      apiVersion: 'postgresql.cnpg.io/v1',
      kind: 'Cluster',
      metadata: { name: 'db', namespace: NAMESPACE, annotations: { ...annotations } },
    })
    const off = { 'cnpg.io/reconciliationLoop': 'disabled' }
    const message =
      'Cluster/db is left alone by its operator (cnpg.io/reconciliationLoop: disabled), so nothing of this deploy would reach it'
    expect([held('unchanged', cluster(off), cluster({})), held('create', undefined, cluster(off))]).toEqual([
      [[message, ['annotate', 'cluster.postgresql.cnpg.io', 'db', 'cnpg.io/reconciliationLoop-']]],
      [[message, undefined]],
    ])
  })

  test('a stage whose time is up says how to go on', () => {
    const deploy = installed([APP], set(midway, replicaSet()))
    expect(deploy.judge.timedOut({ name: 'app', targets: [APP], timeoutMs: 60_000 }, 60_000)).toMatchObject({
      code: 'E_STAGE_TIMEOUT',
      message: 'app is not ready: its rollout is paused (spec.paused) (stage app waited 1m)',
      hint: kubectl(['rollout', 'resume', 'deployment/app'], 'prod'),
    })
  })
})
