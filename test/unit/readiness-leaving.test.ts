import { expect, test } from '@jest/globals'
import type { KubeObject } from '../../src/domain/kube.ts'
import type { Target } from '../../src/domain/readiness/model.ts'
import { APP, deployment, JOB, job, pod, replicaSet, set, statefulSet } from './readiness-objects.ts'
import { installed } from './readiness-scene.ts'

const DB: Target = { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'db' }

function leaving(object: KubeObject, ...finalizers: string[]): KubeObject {
  return { ...object, metadata: { ...object.metadata, deletionTimestamp: '2026-01-01T00:00:00Z', finalizers } }
}

const dbPod = pod({ name: 'db-0', owner: ['StatefulSet', 'db'], labels: { 'controller-revision-hash': 'r1' } })
const running = statefulSet('db', { readyReplicas: 1, updatedReplicas: 1 })

test.each<[string, Target, KubeObject[], string]>([
  [
    'a workload that looks well',
    APP,
    [leaving(deployment(), 'example.test/hold'), replicaSet(), pod()],
    'progressing is being deleted (finalizer example.test/hold)',
  ],
  [
    'one that waits for its dependents',
    APP,
    [leaving(deployment(), 'foregroundDeletion', 'a.test/b'), replicaSet(), pod()],
    'progressing is being deleted (finalizers foregroundDeletion, a.test/b)',
  ],
  ['a Job that has ended', JOB, [leaving(job({ conditions: [{ type: 'Complete', status: 'True' }] }))], 'ready done'],
  [
    'a pod whose successor has its name',
    DB,
    [running, leaving(dbPod, 'example.test/hold')],
    'progressing Pod/db-0 is being deleted (finalizer example.test/hold)',
  ],
  ['a pod that just ends', DB, [running, leaving(dbPod)], 'progressing 0/1 pods seen ready'],
])('deleted: %s', (_, target, objects, expected) =>
  expect(installed([target], set(...objects)).says(target)).toBe(expected),
)
