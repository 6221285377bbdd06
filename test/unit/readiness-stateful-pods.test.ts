import { describe, expect, test } from '@jest/globals'
import type { KubeObject } from '../../src/domain/kube.ts'
import { hasItsVolumes, podInTheWay } from '../../src/domain/readiness/workloads/stateful-pods.ts'

interface Set {
  readonly claims?: readonly string[]
  readonly strategy?: object
  readonly revision?: string
  readonly observed?: number
}

const set = ({ claims = ['data'], strategy = {}, revision = 'new', observed = 2 }: Set = {}): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: { name: 'db', generation: 2 },
  spec: {
    replicas: 3,
    updateStrategy: strategy,
    template: { spec: { containers: [] } },
    volumeClaimTemplates: claims.map((name) => ({ metadata: { name } })),
  },
  status: { observedGeneration: observed, updateRevision: revision },
})

type State = 'ready' | 'starting' | 'crashing' | 'going'

const pod = (at: number, revision: string, state: State, claims = ['data']): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: `db-${at}`,
    labels: { 'controller-revision-hash': revision },
    ...(state === 'going' ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}),
  },
  spec: {
    volumes: [
      { name: 'token' },
      ...claims.map((name) => ({ name, persistentVolumeClaim: { claimName: `${name}-db-${at}` } })),
    ],
  },
  status: {
    conditions: [{ type: 'Ready', status: state === 'ready' ? 'True' : 'False' }],
    containerStatuses: [
      { name: 'main', restartCount: state === 'crashing' ? 3 : 0, state: state === 'ready' ? { running: {} } : {} },
    ],
  },
})

const both = [pod(0, 'old', 'ready'), pod(1, 'old', 'ready')]

describe('the pod for which a StatefulSet would wait for ever', () => {
  test.each<[string, KubeObject, KubeObject[], boolean, string | undefined]>([
    ['crashes in the revision that was left', set(), [...both, pod(2, 'bad', 'crashing')], false, 'db-2'],
    ['the highest of several', set(), [pod(1, 'bad', 'crashing'), pod(2, 'bad', 'crashing')], false, 'db-2'],
    ['is behind one that was updated well', set(), [pod(1, 'bad', 'crashing'), pod(2, 'bad', 'ready')], false, 'db-1'],
    ['is only slow, on the way forward', set(), [...both, pod(2, 'old', 'starting')], false, undefined],
    ['is only slow, on the way back', set(), [...both, pod(2, 'bad', 'starting')], true, 'db-2'],
    ['is none: its own revision crashes', set(), [...both, pod(2, 'new', 'crashing')], true, undefined],
    ['is none: the controller replaces what is ready', set(), both, true, undefined],
    ['is none while one is going', set(), [pod(1, 'old', 'going'), pod(2, 'bad', 'crashing')], true, undefined],
    ['is not known yet', set({ observed: 1 }), [pod(2, 'bad', 'crashing')], true, undefined],
    ['is left to people', set({ strategy: { type: 'OnDelete' } }), [pod(2, 'bad', 'crashing')], true, undefined],
    [
      'is held back by the partition',
      set({ strategy: { rollingUpdate: { partition: 2 } } }),
      [pod(1, 'bad', 'crashing')],
      true,
      undefined,
    ],
    ['lacks a claim, the lowest first', set({ claims: ['data', 'wal'] }), both, false, 'db-0'],
    ['has one too many', set({ revision: 'old', claims: [] }), both, false, 'db-0'],
    [
      'comes after the one before it is ready again',
      set({ claims: ['data', 'wal'] }),
      [pod(0, 'new', 'starting', ['data', 'wal']), pod(1, 'old', 'ready')],
      false,
      undefined,
    ],
    [
      'is the next',
      set({ claims: ['data', 'wal'] }),
      [pod(0, 'new', 'ready', ['data', 'wal']), pod(1, 'old', 'ready')],
      false,
      'db-1',
    ],
  ])('%s', (_, object, pods, isBack, name) => {
    expect(podInTheWay(object, pods, { isBack })?.metadata.name).toBe(name)
  })
})

test('volumes that are no claims are nobody’s business', () => {
  expect(hasItsVolumes(pod(0, 'new', 'ready'), set())).toBe(true)
})
