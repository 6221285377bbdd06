import { expect, test } from '@jest/globals'
import { nameOf, type KubeObject } from '../../src/domain/kube.ts'
import { standInsFor, unseenTexts } from '../../src/domain/rehearsal/unseen.ts'
import { claim, workload } from '../support/tonight.ts'

const web = workload('web', {
  pod: {
    serviceAccountName: 'runner',
    priorityClassName: 'high',
    runtimeClassName: 'gvisor',
    nodeSelector: { pool: 'web' },
    containers: [
      {
        name: 'main',
        envFrom: [{ configMapRef: { name: 'shared' } }, { configMapRef: { name: 'maybe', optional: true } }],
        env: [{ name: 'LEVEL', valueFrom: { configMapKeyRef: { name: 'shared', key: 'level' } } }],
      },
    ],
  },
})
const db = workload('db', {
  kind: 'StatefulSet',
  pod: { nodeSelector: { pool: 'db' }, priorityClassName: 'system-node-critical' },
})
const objects: KubeObject[] = [web, db, claim('data', { storageClassName: 'fast' })]
const madeFor = (...kinds: readonly string[]): KubeObject[] => standInsFor({ kinds: new Set(kinds), objects })

test.each([
  ['StorageClass', ['StorageClass/standard', 'StorageClass/fast']],
  ['PriorityClass', ['PriorityClass/high']],
  ['RuntimeClass', ['RuntimeClass/gvisor']],
  ['ServiceAccount', ['ServiceAccount/runner']],
  ['ConfigMap', ['ConfigMap/shared']],
  ['Node', ['Node/node-1', 'Node/node-2', 'Node/node-3']],
  ['LimitRange', []],
])('where no %s may be read, those stand in that others name', (kind, names) => {
  expect(madeFor(kind).map(nameOf)).toEqual(names)
})

test('a ConfigMap has the keys that pods need, in the namespace of the pods', () => {
  expect(madeFor('ConfigMap')).toMatchObject([{ metadata: { namespace: 'shop' }, data: { level: '' } }])
})

test('nodes have the labels that pods select them by', () => {
  const labels = madeFor('Node').map(({ metadata }) => metadata.labels?.['pool'])
  expect(labels).toEqual(['web', 'db', 'web'])
})

test('what is there, or comes with a release, stays what it is', () => {
  const account: KubeObject = {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'runner', namespace: 'shop' },
  }
  expect(standInsFor({ kinds: new Set(['ServiceAccount']), objects: [...objects, account] })).toEqual([])
  expect(madeFor()).toEqual([])
})

test('it is told in few sentences', () => {
  const kinds = ['Node', 'StorageClass', 'PriorityClass', 'MutatingAdmissionPolicy', 'Pod'].map((kind) => ({ kind }))
  expect(unseenTexts([...kinds, { kind: 'ResourceQuota', namespace: 'shop' }])).toEqual([
    'nodes may not be listed: there are 3 of 8 CPU and 16Gi',
    'may not be listed, and those that are named are made up: PriorityClasses, StorageClasses',
    'may not be listed, and are not there: MutatingAdmissionPolicies, Pods, ResourceQuotas of shop',
  ])
  expect(unseenTexts([])).toEqual([])
})
