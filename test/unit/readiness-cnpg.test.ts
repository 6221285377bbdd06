import { describe, expect, test } from '@jest/globals'
import type { KubeObject } from '../../src/domain/kube.ts'
import type { Failure, Target } from '../../src/domain/readiness/model.ts'
import { NAMESPACE, pod, set } from './readiness-objects.ts'
import { Deploy, installed } from './readiness-scene.ts'
import type { Hint } from '../../src/hint.ts'

const line = (hint: Hint | undefined): string => (hint !== undefined && 'args' in hint ? hint.args.join(' ') : '')

type Fields = Record<string, unknown>

/** As operator 1.27.1 writes it (recorded on a real cluster; the sentences are api/v1/cluster_types.go's). */
const DB: Target = { apiVersion: 'postgresql.cnpg.io/v1', kind: 'Cluster', name: 'db' }
const HEALTHY = 'Cluster in healthy state'
const IMAGE = 'ghcr.io/cloudnative-pg/postgresql:15'

interface State {
  generation?: number
  phase?: string
  why?: string
  ready?: number
  instances?: number
  image?: string
  annotations?: Fields
  status?: Fields
}

function cluster(state: State = {}): KubeObject {
  const { generation = 1, phase = HEALTHY, why, ready = 2, instances = 2, image = IMAGE, annotations, status } = state
  const isReady = phase === HEALTHY
  return {
    apiVersion: DB.apiVersion,
    kind: DB.kind,
    metadata: {
      ...{ name: 'db', namespace: NAMESPACE, uid: 'db', generation },
      ...(annotations === undefined ? {} : { annotations: annotations as Record<string, string> }),
    },
    spec: { instances, imageName: image },
    status: {
      ...{ phase, readyInstances: ready, instances, image: IMAGE, currentPrimary: 'db-1', targetPrimary: 'db-1' },
      ...(why === undefined ? {} : { phaseReason: why }),
      conditions: [
        { type: 'ConsistentSystemID', status: 'True', reason: 'Unique' },
        { type: 'Ready', status: isReady ? 'True' : 'False', reason: isReady ? 'ClusterIsReady' : 'ClusterIsNotReady' },
        { type: 'ContinuousArchiving', status: 'True', reason: 'ContinuousArchivingSuccess' },
      ],
      ...status,
    },
  }
}

const instance = (name: string, image: string, ready = true): KubeObject => {
  const owner = { apiVersion: DB.apiVersion, kind: 'Cluster', name: 'db', uid: 'db', controller: true }
  const made = pod({ name, ready, image, metadata: { ownerReferences: [owner], uid: name } })
  const spec = made['spec'] as { containers: Fields[] }
  return { ...made, spec: { ...spec, containers: [{ ...spec.containers[0], name: 'postgres' }] } }
}

const asleep = {
  type: 'cnpg.io/hibernation',
  status: 'True',
  reason: 'Hibernated',
  message: 'Cluster has been hibernated',
}
const deleting = {
  type: 'cnpg.io/hibernation',
  status: 'False',
  reason: 'WaitingPodsDeletion',
  message: 'Waiting for db-1 to be deleted',
}

describe('what a Cluster says of itself', () => {
  test.each<[string, State, string]>([
    ['healthy', {}, 'ready 2/2'],
    ['no status', { phase: '', ready: 0, status: { conditions: [] } }, 'progressing 0/2 instances ready'],
    [
      'its first instance',
      { phase: 'Setting up primary', why: 'Creating primary instance db-1', ready: 0 },
      'progressing 0/2 instances ready: Setting up primary: Creating primary instance db-1',
    ],
    [
      'a replica',
      { phase: 'Creating a new replica', why: 'Creating replica db-2-join', ready: 1 },
      'progressing 1/2 instances ready: Creating a new replica: Creating replica db-2-join',
    ],
    [
      'a parameter that needs a restart',
      {
        phase: 'Primary instance is being restarted in-place',
        why: 'Postgres needs a restart to apply some configuration changes',
      },
      'progressing Primary instance is being restarted in-place: Postgres needs a restart to apply some configuration changes',
    ],
    ['a change of settings', { phase: 'Applying configuration' }, 'progressing Applying configuration'],
    [
      'a new image',
      { phase: 'Upgrading cluster', why: 'Restarting instance db-2' },
      'progressing Upgrading cluster: Restarting instance db-2',
    ],
    [
      'another major version',
      { phase: 'Upgrading Postgres major version' },
      'progressing Upgrading Postgres major version',
    ],
    ['an upgrade that is put off', { phase: 'Cluster upgrade delayed' }, 'progressing Cluster upgrade delayed'],
    ['an upgrade of its manager', { phase: 'Online upgrade in progress' }, 'progressing Online upgrade in progress'],
    [
      'a switchover',
      { phase: 'Switchover in progress', why: 'Switching over to db-2', status: { targetPrimary: 'db-2' } },
      'progressing Switchover in progress: db-1 is still the primary, db-2 is to be',
    ],
    [
      'a switchover that its phase does not tell',
      { status: { targetPrimary: 'db-2' } },
      'progressing db-1 is still the primary, db-2 is to be',
    ],
    [
      'a failover',
      { phase: 'Failing over', status: { targetPrimary: 'pending' } },
      'progressing Failing over: db-1 is still the primary, pending is to be',
    ],
    ['one instance too many', { ready: 3 }, 'progressing 3 instances, 2 wanted'],
    [
      'an image that its operator has not read',
      { image: `${IMAGE}.20` },
      'progressing its operator has not taken up its image yet',
    ],
    [
      'a supervised update',
      { phase: 'Waiting for user action', why: 'User must issue a supervised switchover' },
      'paused its primary waits for a switchover or restart by hand (primaryUpdateStrategy)',
    ],
    ['fenced', { annotations: { 'cnpg.io/fencedInstances': '["*"]' } }, 'paused fenced (cnpg.io/fencedInstances)'],
    [
      'one instance fenced',
      { annotations: { 'cnpg.io/fencedInstances': '["db-2"]' } },
      'paused fenced: db-2 (cnpg.io/fencedInstances)',
    ],
    ['fenced no more', { annotations: { 'cnpg.io/fencedInstances': '[]' } }, 'ready 2/2'],
    ['a fence that is no list', { annotations: { 'cnpg.io/fencedInstances': 'db-1' } }, 'ready 2/2'],
    [
      'on its way to sleep',
      { annotations: { 'cnpg.io/hibernation': 'on' }, ready: 0, status: { conditions: [deleting] } },
      'progressing is to hibernate: Waiting for db-1 to be deleted',
    ],
    [
      'asleep',
      { annotations: { 'cnpg.io/hibernation': 'on' }, ready: 0, status: { conditions: [asleep] } },
      'paused hibernated (cnpg.io/hibernation)',
    ],
    ['awake again', { annotations: { 'cnpg.io/hibernation': 'off' } }, 'ready 2/2'],
    [
      'woken, with the condition of before',
      { annotations: { 'cnpg.io/hibernation': 'off' }, ready: 0, status: { conditions: [asleep] } },
      'progressing 0/2 instances ready: Cluster in healthy state',
    ],
    ['unrecoverable', { phase: 'Cluster is unrecoverable and needs manual intervention' }, 'failed E_RESOURCE_STALLED'],
    [
      'an invalid definition',
      { phase: 'Invalid cluster definition', why: 'spec.x: wrong' },
      'failed E_RESOURCE_STALLED',
    ],
  ])('%s', (_, state, says) => expect(installed([DB], set(cluster(state))).says(DB)).toBe(says))

  test.each<[string, number]>([
    ['Cluster has incomplete or invalid image catalog', 60_000],
    ['Cluster cannot proceed to reconciliation due to an unknown plugin being required', 30_000],
    ['Cluster cannot proceed to reconciliation due to an error while interacting with plugins', 30_000],
    ['Unable to create required cluster objects', 30_000],
    ['Instance Status Extraction Error: HTTP communication issue', 60_000],
    ['Not enough disk space', 60_000],
  ])('%s: it may heal for %i ms', (phase, grace) => {
    const deploy = installed([DB], set(cluster({ phase, why: 'catalog ImageCatalog/absent not found' })))
    expect(deploy.says(DB)).toMatch(/^progressing/u)
    expect(deploy.judge.nextDeadline(0)).toBe(grace)
    expect(deploy.verdict(DB, grace)).toMatchObject({
      code: 'E_RESOURCE_STALLED',
      message: `db is stalled: ${phase} (catalog ImageCatalog/absent not found)`,
    })
    expect(deploy.see(set(cluster()), grace + 1).says(DB)).toBe('ready 2/2')
  })

  test.each([
    ['Switchover in progress', '1/2 instances ready: Switchover in progress: to db-2'],
    ['Waiting for the instances to become active', '1 crash, 2 allowed'],
  ])('an instance that its operator ends, and that kubelet starts again: %s', (phase, says) => {
    const lastState = { terminated: { exitCode: 0, reason: 'Completed' } }
    const ended = { name: 'postgres', restartCount: 1, ready: false, state: { running: {} }, lastState }
    const old = { ...instance('db-1', IMAGE, false), status: { containerStatuses: [ended] } }
    const deploy = installed([DB], set(cluster({ phase, why: 'to db-2', ready: 1 }), old, instance('db-2', IMAGE)))
    expect(deploy.says(DB)).toBe(`progressing ${says}`)
  })

  test('what holds it says how it goes on', () => {
    const hint = (state: State, ...pods: KubeObject[]): unknown => {
      const verdict = installed([DB], set(cluster(state), ...pods)).verdict(DB)
      return verdict.state === 'paused' ? line(verdict.hint) : verdict.state
    }
    const waiting = { phase: 'Waiting for user action' }
    expect([
      hint({ annotations: { 'cnpg.io/fencedInstances': '["*"]' } }),
      hint({ annotations: { 'cnpg.io/hibernation': 'on' }, status: { conditions: [asleep] } }),
      hint(waiting, instance('db-1', IMAGE), instance('db-2', IMAGE)),
      hint(waiting, instance('db-1', IMAGE)),
    ]).toEqual([
      expect.stringContaining('annotate cluster.postgresql.cnpg.io db cnpg.io/fencedInstances-'),
      expect.stringContaining('annotate cluster.postgresql.cnpg.io db cnpg.io/hibernation=off --overwrite'),
      expect.stringContaining('cnpg promote db db-2'),
      expect.stringContaining('cnpg restart db db-1'),
    ])
  })
})

describe('after its spec has changed', () => {
  const changed = (after: State): Deploy =>
    new Deploy([DB])
      .see(set(cluster()), 0)
      .begin()
      .see(set(cluster({ generation: 2, ...after })), 1_000)
      .helmExits()

  test('a new image in the status proves nothing, while the phase is that of before', () => {
    const image = `${IMAGE}.20`
    const taken = { generation: 2, image, status: { image } }
    const deploy = changed({ image }).see(set(cluster(taken)), 1_100)
    // As recorded: both instances ready and the Cluster healthy, 100 ms before the first pod goes.
    expect(deploy.says(DB)).toBe('progressing its controller has written no status since its spec changed')
    expect(deploy.see(set(cluster({ ...taken, phase: 'Upgrading cluster', ready: 1 })), 1_200).says(DB)).toBe(
      'progressing 1/2 instances ready: Upgrading cluster',
    )
    expect(deploy.see(set(cluster(taken)), 24_000).says(DB)).toMatch(/^progressing healthy again/u)
    expect(deploy.says(DB, 27_000)).toBe('ready 2/2')
  })

  test('neither do its instances, which write into the same status', () => {
    const status = {
      conditions: [{ type: 'ContinuousArchiving', status: 'False', reason: 'ContinuousArchivingFailing' }],
    }
    const deploy = changed({}).see(set(cluster({ generation: 2, status })), 1_500)
    expect(deploy.says(DB)).toBe('progressing its controller has written no status since its spec changed')
  })

  test('a setting that PostgreSQL can reload moves nothing: ready after a while, with a word and where to look', () => {
    const deploy = changed({})
    expect(deploy.says(DB, 30_999)).toMatch(/^progressing/u)
    expect(deploy.verdict(DB, 31_000)).toMatchObject({
      state: 'ready',
      remark: 'its controller has written no status since its spec changed',
      hint: { args: expect.arrayContaining(['logs', 'db-1']) },
    })
  })

  test('an instance with another image than the operator works with is not what was asked for', () => {
    const image = `${IMAGE}.20`
    const deploy = installed(
      [DB],
      set(cluster({ image, status: { image } }), instance('db-1', IMAGE), instance('db-2', image)),
    )
    expect(deploy.says(DB)).toBe('progressing db-1 runs another image than it is to')
  })

  // Tried on a real cluster: the image is mended, and nothing happens.
  test('an instance that never came up is not replaced, which is said with the command that helps', () => {
    const stuck = instance('db-1', `${IMAGE}.99`, false)
    const phase = 'Primary instance is being restarted without a switchover'
    const wrong = { phase, ready: 0, instances: 1 }
    const deploy = new Deploy([DB])
      .see(set(cluster({ ...wrong, image: `${IMAGE}.99`, status: { image: `${IMAGE}.99` } }), stuck), 0)
      .begin()
      .see(set(cluster({ ...wrong, generation: 2 })), 1_000)
      .helmExits()
    expect(deploy.says(DB, 30_999)).toMatch(/^progressing/u)
    const failure = deploy.verdict(DB, 31_000) as Failure
    expect(failure).toMatchObject({ code: 'E_RESOURCE_STALLED', chain: ['Cluster/db', 'Pod/db-1'] })
    expect(failure.message).toContain('db-1 has the image of before and does not get ready')
    expect(line(failure.hint)).toContain('delete pod --wait=false db-1')
  })

  test('a wrong phase of before counts once it comes again', () => {
    const phase = 'Not enough disk space'
    const deploy = new Deploy([DB])
      .see(set(cluster({ phase })), 0)
      .begin()
      .see(set(cluster({ phase, generation: 2 })), 1_000)
      .helmExits()
    expect(deploy.says(DB, 100_000)).toBe(`progressing ${phase}`)
    deploy.see(set(cluster({ generation: 2 })), 101_000).see(set(cluster({ phase, generation: 2 })), 102_000)
    expect(deploy.says(DB, 162_000)).toBe('failed E_RESOURCE_STALLED')
  })
})

test('one that its chart puts to sleep is ready when it sleeps', () => {
  const target = { ...DB, rests: true }
  const state = { annotations: { 'cnpg.io/hibernation': 'on' }, ready: 0 }
  const deploy = installed([target], set(cluster({ ...state, status: { conditions: [deleting] } })))
  expect(deploy.says(target)).toMatch(/^progressing is to hibernate/u)
  expect(deploy.see(set(cluster({ ...state, status: { conditions: [asleep] } }))).says(target)).toBe(
    'ready hibernated (cnpg.io/hibernation)',
  )
})
