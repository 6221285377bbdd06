import { describe, expect, test } from '@jest/globals'
import { keyOf, type KubeObject } from '../../src/domain/kube.ts'
import { notAsBefore } from '../../src/domain/plan/as-before.ts'

interface Parts {
  readonly annotations?: Readonly<Record<string, string>>
  readonly spec?: unknown
  readonly uid?: string
}

function one(kind: string, { annotations = {}, spec = {}, uid = 'u1' }: Parts = {}): KubeObject {
  return { apiVersion: 'v1', kind, metadata: { name: 'one', namespace: 'x', uid, annotations }, spec }
}

const names = (before: KubeObject, after: KubeObject): string[] =>
  notAsBefore(new Map([[keyOf(before), before]]), new Map([[keyOf(after), after]]))

describe('an object is as it was before', () => {
  test.each<[string, string, Parts, Parts]>([
    [
      'a Deployment has another revision',
      'Deployment',
      {},
      { annotations: { 'deployment.kubernetes.io/revision': '3' } },
    ],
    [
      'a DaemonSet counts its templates',
      'DaemonSet',
      { annotations: { 'deprecated.daemonset.template.generation': '1' } },
      { annotations: { 'deprecated.daemonset.template.generation': '3' } },
    ],
    [
      'a claim was bound meanwhile',
      'PersistentVolumeClaim',
      {},
      {
        spec: { volumeName: 'pvc-1' },
        annotations: {
          'pv.kubernetes.io/bind-completed': 'yes',
          'volume.kubernetes.io/selected-node': 'node-1',
          'volume.beta.kubernetes.io/storage-provisioner': 'fast',
        },
      },
    ],
  ])('although %s', (_, kind, before, after) => expect(names(one(kind, before), one(kind, after))).toEqual([]))

  test.each<[string, string, Parts, Parts]>([
    ['another annotation', 'DaemonSet', { annotations: { a: '1' } }, { annotations: { a: '2' } }],
    ['another size', 'PersistentVolumeClaim', { spec: { size: 1 } }, { spec: { size: 2, volumeName: 'pvc-1' } }],
    ['another volume', 'PersistentVolumeClaim', { spec: { volumeName: 'a' } }, { spec: { volumeName: 'b' } }],
    ['another identity', 'Deployment', {}, { uid: 'u2' }],
  ])('but not with %s', (_, kind, before, after) =>
    expect(names(one(kind, before), one(kind, after))).toEqual([`${kind}/one`]),
  )
})
