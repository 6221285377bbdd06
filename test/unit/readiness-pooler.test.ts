import { expect, test } from '@jest/globals'
import type { KubeObject } from '../../src/domain/kube.ts'
import { deployment, pod, replicaSet, set, unschedulable } from './readiness-objects.ts'
import { installed, notReady } from './readiness-scene.ts'
import { resource, targetOf } from './readiness-statuses.ts'

const POOLER = { apiVersion: 'postgresql.cnpg.io/v1', kind: 'Pooler' }
const pooler = resource(POOLER, { spec: { instances: 1 }, status: { instances: 1 } })
const owned = (object: KubeObject): KubeObject => ({
  ...object,
  metadata: {
    ...object.metadata,
    ownerReferences: [{ ...POOLER, name: 'db', uid: pooler.metadata.uid ?? '', controller: true }],
  },
})
const whole = { replicas: 1, updatedReplicas: 1, readyReplicas: 1, availableReplicas: 1 }
const replacing = { ...whole, replicas: 2 }

test.each<[string, KubeObject[], string, string]>([
  ['all of it is new', [owned(deployment({ status: whole })), replicaSet(1), pod({})], 'ready 1/1', 'ready 1/1'],
  [
    'its pod of before serves on',
    [owned(deployment({ status: replacing, revision: 2 })), replicaSet(1), replicaSet(2), pod({})],
    'progressing 1 old pod still running',
    'progressing 1 old pod still running',
  ],
  [
    'its new pod fits on no node',
    [
      owned(deployment({ status: replacing, revision: 2 })),
      ...[replicaSet(1), replicaSet(2), pod({})],
      pod({
        ...notReady,
        node: null,
        containers: [],
        name: 'app-r2-a',
        owner: ['ReplicaSet', 'app-r2'],
        conditions: [unschedulable('0/3 nodes are available: 3 Insufficient cpu.')],
      }),
    ],
    'progressing',
    'failed E_UNSCHEDULABLE',
  ],
  [
    'its Deployment has not been looked at',
    [owned(deployment({ status: whole, generation: 2, observed: 1 })), replicaSet(1), pod({})],
    'progressing spec not observed yet',
    'progressing spec not observed yet',
  ],
])('a Pooler of which %s', (_, objects, at, later) => {
  const deploy = installed([targetOf(POOLER)], set(pooler, ...objects))
  expect(deploy.says(targetOf(POOLER)).slice(0, at.length)).toBe(at)
  expect(deploy.says(targetOf(POOLER), 20_000)).toBe(later)
})
