import { describe, expect, test } from '@jest/globals'
import type { KubeObject } from '../../src/domain/kube.ts'
import { kubectl, type Hint } from '../../src/hint.ts'
import type { Target } from '../../src/domain/readiness/model.ts'
import { planStages } from '../../src/domain/stages/stages.ts'
import { workloadStatus } from '../../src/domain/status/workload.ts'
import { workloadText } from '../../src/screen/stage.ts'
import { NAMESPACE, crashed, pod, set, waiting } from './readiness-objects.ts'
import { Deploy, installed } from './readiness-scene.ts'

const target = (kind: string, apiVersion = 'apps/v1'): Target => ({ apiVersion, kind, name: 'db' })
const workload = (kind: string, spec: object, status: object, generation = 1, apiVersion = 'apps/v1'): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name: 'db', namespace: NAMESPACE, uid: `${kind}/db`, generation },
  spec: { replicas: 2, ...spec },
  status: { observedGeneration: generation, replicas: 2, readyReplicas: 2, availableReplicas: 2, ...status },
})
const podOf = (kind: string, name: string, revision: string, more = {}): KubeObject =>
  pod({ name, owner: [kind, 'db'], labels: { 'controller-revision-hash': revision }, ...more })
const deleting = (...pods: string[]): Hint => kubectl(['delete', 'pod', '--wait=false', ...pods], NAMESPACE)

describe('pods that a rollout leaves as they are', () => {
  const MOVING = { currentRevision: 'r1', updateRevision: 'r2' }
  const both = (...revisions: string[]): KubeObject[] =>
    revisions.map((revision, at) => podOf('StatefulSet', `db-${at}`, revision))
  const left = (spec: object, pods: KubeObject[], status: object = MOVING): unknown =>
    installed([target('StatefulSet')], set(workload('StatefulSet', spec, status), ...pods)).verdict(
      target('StatefulSet'),
    )

  test('are named, with the command that replaces them: OnDelete', () => {
    const onDelete = { updateStrategy: { type: 'OnDelete' } }
    expect(left(onDelete, both('r1', 'r1'))).toEqual({
      state: 'ready',
      detail: '2/2',
      remark: 'db-1, db-0 run an older revision until they are deleted (updateStrategy OnDelete)',
      hint: deleting('db-1', 'db-0'),
    })
    expect(left(onDelete, both('r1', 'r2'))).toMatchObject({
      remark: 'db-0 runs an older revision until it is deleted (updateStrategy OnDelete)',
    })
    expect(left(onDelete, both('r2', 'r2'))).toEqual({ state: 'ready', detail: '2/2' })
  })

  test('are named: a partition', () => {
    const partition = { updateStrategy: { rollingUpdate: { partition: 1 } } }
    expect(left(partition, both('r1', 'r2'), { ...MOVING, updatedReplicas: 1 })).toEqual({
      state: 'ready',
      detail: '2/2',
      remark: 'db-0 keeps an older revision (partition 1)',
    })
  })

  test('are counted in a DaemonSet', () => {
    const object = workload(
      'DaemonSet',
      { updateStrategy: { type: 'OnDelete' } },
      { desiredNumberScheduled: 2, numberAvailable: 2 },
    )
    const revision: KubeObject = {
      apiVersion: 'apps/v1',
      kind: 'ControllerRevision',
      metadata: {
        name: 'db-2',
        namespace: NAMESPACE,
        labels: { 'controller-revision-hash': 'r2' },
        ownerReferences: [
          { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'db', uid: 'DaemonSet/db', controller: true },
        ],
      },
      revision: 2,
    }
    const pods = [podOf('DaemonSet', 'db-x', 'r1'), podOf('DaemonSet', 'db-y', 'r2')]
    expect(installed([target('DaemonSet')], set(object, revision, ...pods)).verdict(target('DaemonSet'))).toMatchObject(
      {
        remark: 'db-x runs an older revision until it is deleted (updateStrategy OnDelete)',
        hint: deleting('db-x'),
      },
    )
  })

  test('are told by their image in a ReplicaSet, which replaces none', () => {
    const template = (image: string): object => ({ template: { spec: { containers: [{ name: 'app', image }] } } })
    const RS = target('ReplicaSet')
    const pods = ['db-x', 'db-y'].map((name) => podOf('ReplicaSet', name, '', { image: 'mirror.test/db:1' }))
    const deploy = new Deploy([RS]).see(set(workload('ReplicaSet', template('db:1'), {}), ...pods)).begin()
    expect(deploy.helmExits().says(RS)).toBe('ready 2/2')
    deploy.see(set(workload('ReplicaSet', template('db:2'), {}, 2)))
    expect(deploy.verdict(RS)).toMatchObject({
      state: 'ready',
      remark: 'db-y, db-x run an older revision until they are deleted (a new template replaces no pod)',
      hint: deleting('db-y', 'db-x'),
    })
    deploy.see(
      set(
        podOf('ReplicaSet', 'db-z', '', {
          image: 'db:2',
          ready: false,
          containers: [waiting('ErrImagePull', 'not found: manifest unknown')],
        }),
      ),
    )
    expect(deploy.verdict(RS)).toMatchObject({
      state: 'failed',
      code: 'E_IMAGE_PULL',
      chain: ['ReplicaSet/db', 'Pod/db-z', 'app'],
    })
  })

  test('explain a stage that waits for one of them in vain', () => {
    const broken = podOf('StatefulSet', 'db-0', 'r1', {
      ready: false,
      containers: [waiting('ErrImagePull', 'i/o timeout')],
    })
    const object = workload('StatefulSet', { updateStrategy: { type: 'OnDelete' } }, { ...MOVING, readyReplicas: 1 })
    const deploy = installed([target('StatefulSet')], set(object, broken, podOf('StatefulSet', 'db-1', 'r2')))
    expect(deploy.says(target('StatefulSet'), 600_000)).toBe('progressing 1/2 ready')
    const stage = { name: 'data', targets: [target('StatefulSet')], timeoutMs: 60_000 }
    expect(deploy.judge.timedOut(stage, 600_000)).toMatchObject({
      code: 'E_IMAGE_PULL',
      chain: ['StatefulSet/db', 'Pod/db-0', 'app'],
    })
  })

  test('are what a look without a deploy judges', () => {
    const broken = podOf('StatefulSet', 'db-0', 'r1', { ready: false, containers: [crashed(5)] })
    const object = workload('StatefulSet', { updateStrategy: { type: 'OnDelete' } }, { ...MOVING, readyReplicas: 1 })
    const seen = new Deploy([], { sinceBaseline: false }).see(set(object, broken, podOf('StatefulSet', 'db-1', 'r2')))
    expect(seen.says(target('StatefulSet'))).toBe('failed E_CRASH_LOOP')
  })

  test('are what status shows the image of', () => {
    const object = workload(
      'StatefulSet',
      { template: { spec: { containers: [{ name: 'app', image: 'a/db:2' }] } } },
      MOVING,
    )
    const image = (...images: string[]): string | undefined => {
      const pods = images.map((one, at) => podOf('StatefulSet', `db-${at}`, 'r1', { image: one }))
      const { judge, cache } = new Deploy([], { sinceBaseline: false }).see(set(object, ...pods))
      const held = { secrets: new Map(), configMaps: new Map(), renderedMaps: new Map() }
      return workloadStatus(
        { ...target('StatefulSet'), namespace: NAMESPACE },
        { judge, cache, held, home: NAMESPACE, at: 0, told: workloadText },
      ).image
    }
    expect([image(), image('a/db:1', 'a/db:1'), image('a/db:2', 'b/db:1', 'b/db:1')]).toEqual([
      'db:2',
      'db:1',
      'db:1, db:2',
    ])
  })
})

describe('a pod of its own', () => {
  const POD: Target = { apiVersion: 'v1', kind: 'Pod', name: 'tool' }
  const tool = (state: object): KubeObject => pod({ name: 'tool', metadata: { ownerReferences: [] }, ...state })

  test('is waited for without being named, like a ReplicaSet and a ReplicationController', () => {
    const objects = [tool({}), workload('ReplicaSet', {}, {}), workload('ReplicationController', {}, {}, 1, 'v1')]
    const [stage] = planStages({ stages: [], file: 'forge.yaml' }, objects)
    expect(stage?.targets.map(({ kind }) => kind)).toEqual(['Pod', 'ReplicaSet', 'ReplicationController'])
  })

  test.each([
    [
      'cannot pull its image',
      { ready: false, containers: [waiting('ErrImagePull', 'not found: manifest unknown')] },
      'failed E_IMAGE_PULL',
    ],
    ['is ready by its probe', {}, 'ready 1/1'],
    [
      'has no probe, and just began',
      { probe: false },
      'progressing runs without a readiness probe, so it must keep running for a moment',
    ],
    ['has ended well', { ready: false, phase: 'Succeeded' }, 'ready done'],
    ['has failed', { ready: false, phase: 'Failed' }, 'failed E_JOB_FAILED'],
  ])('%s', (_, state, says) => expect(installed([POD], set(tool(state))).says(POD)).toBe(says))
})
