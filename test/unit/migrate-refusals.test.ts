import { expect, test } from '@jest/globals'
import { keyOf, refOf, type KubeObject } from '../../src/domain/kube.ts'
import { claimsOf, mountedClaims } from '../../src/domain/migrate/claims.ts'
import { obstacles, type Scene } from '../../src/domain/migrate/refusals.ts'
import type { ObjectPlan } from '../../src/domain/plan/model.ts'

function workload(kind: string, name: string, claims: Readonly<Record<string, string>>, more: object = {}): KubeObject {
  const volumes = Object.values(claims).map((claim) => ({ name: claim, persistentVolumeClaim: { claimName: claim } }))
  const volumeMounts = Object.entries(claims).map(([mountPath, claim]) => ({ name: claim, mountPath }))
  const template = { spec: { volumes, containers: [{ name, volumeMounts }] } }
  return { apiVersion: 'apps/v1', kind, metadata: { name, namespace: 'prod' }, spec: { template, ...more } }
}

function planOf(object: KubeObject, action: ObjectPlan['action'], because?: string): ObjectPlan {
  const base = { ref: refOf(object), release: 'shop', action, changes: [], drift: [], conflicts: [], template: '' }
  return because === undefined ? base : { ...base, because }
}

function scene({
  live = [],
  rendered = [],
  others = [],
  plans = [],
}: {
  readonly live?: readonly KubeObject[]
  readonly rendered?: readonly KubeObject[]
  readonly others?: readonly KubeObject[]
  readonly plans?: readonly ObjectPlan[]
}): Scene {
  const adopted = new Map(live.map((object) => [keyOf(object), object]))
  return { plans, rendered, adopted, others, stack: new Set(others.map(keyOf)) }
}

const told = (found: Scene): string[] => obstacles(found).map(({ code, message }) => `${code} ${message}`)

const db = workload('Deployment', 'db', { '/data': 'db-data' })
const CLAIM = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'db-data', namespace: 'prod' } }

test('claims are known by where their pods find them', () => {
  expect([...mountedClaims(db)]).toEqual([['/data', 'db-data']])
  const template = { metadata: { name: 'data' } }
  const set = workload('StatefulSet', 'db', {}, { replicas: 2, volumeClaimTemplates: [template] })
  expect([...claimsOf(set)]).toEqual(['data-db-0', 'data-db-1'])
  expect([...claimsOf({ ...CLAIM, spec: { volumes: 1 } })]).toEqual([])
})

test('a volume that is free by then, or meant for many, meets no obstacle', () => {
  const other = workload('Deployment', 'shop-db', { '/data': 'db-data' })
  const stopped = workload('Deployment', 'db', { '/data': 'db-data' }, { replicas: 0 })
  expect(told(scene({ live: [CLAIM], others: [stopped], rendered: [CLAIM, other] }))).toEqual([])
  const shared = { ...CLAIM, spec: { accessModes: ['ReadWriteMany'] } }
  expect(told(scene({ live: [shared], others: [db], rendered: [shared, other] }))).toEqual([])
  // By the chart's own design.
  expect(told(scene({ live: [CLAIM, db], rendered: [CLAIM, db, other] }))).toEqual([])
})

test('what stays as it is meets no obstacle', () => {
  expect(
    told(
      scene({ live: [db, CLAIM], rendered: [db, CLAIM], plans: [planOf(db, 'change'), planOf(CLAIM, 'unchanged')] }),
    ),
  ).toEqual([])
})

test.each<readonly [string, Scene, string]>([
  [
    'another claim in the same place',
    scene({ live: [db], rendered: [workload('Deployment', 'db', { '/data': 'data-db-0' })] }),
    'E_MIGRATE_CLAIM Deployment/db has claim db-data at /data, and the chart puts data-db-0 there',
  ],
  [
    'a claim that nothing mounts any more',
    scene({ live: [db], rendered: [workload('Deployment', 'db', {})] }),
    'E_MIGRATE_CLAIM Deployment/db keeps its data in claim db-data, and nothing that the charts render mounts it',
  ],
  [
    'a claim of a workload that is retired',
    scene({ others: [db], rendered: [] }),
    'E_MIGRATE_CLAIM Deployment/db keeps its data in claim db-data',
  ],
  [
    'another workload on the volume of one that is retired',
    scene({
      live: [CLAIM],
      others: [db],
      rendered: [CLAIM, workload('Deployment', 'shop-db', { '/data': 'db-data' })],
    }),
    'E_MIGRATE_TWICE Deployment/db runs on claim db-data, and Deployment/shop-db of the chart would start on it meanwhile',
  ],
  [
    'another workload on the volume that an adopted one gives up',
    scene({
      live: [CLAIM, db],
      rendered: [CLAIM, workload('Deployment', 'db', {}), workload('StatefulSet', 'store', { '/data': 'db-data' })],
    }),
    'E_MIGRATE_TWICE Deployment/db runs on claim db-data, and StatefulSet/store of the chart would start on it meanwhile',
  ],
  [
    'another kind under the same name',
    scene({
      others: [db],
      rendered: [workload('StatefulSet', 'db', { '/data': 'db-data' })],
      plans: [planOf(workload('StatefulSet', 'db', {}), 'create')],
    }),
    'E_MIGRATE_KIND Deployment/db runs, and the chart renders StatefulSet/db: both would run',
  ],
  [
    'a claim without a volume',
    scene({ live: [{ ...CLAIM, status: { phase: 'Pending' } }], rendered: [] }),
    'E_MIGRATE_PENDING PersistentVolumeClaim/db-data has no volume yet',
  ],
  [
    'a field that is fixed',
    scene({ live: [db], rendered: [db], plans: [planOf(db, 'replace', 'spec.selector is fixed')] }),
    'E_MIGRATE_REPLACE Deployment/db cannot be taken over in place (spec.selector is fixed)',
  ],
])('%s', (_what, found, text) => {
  expect(told(found)).toEqual([expect.stringContaining(text)])
})

test('a Job that has ended, and configuration, are made anew; a Job that runs is not', () => {
  const job = (status: object): KubeObject => ({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'j', namespace: 'prod' },
    status,
  })
  const ended = job({ conditions: [{ type: 'Complete', status: 'True' }] })
  expect(told(scene({ live: [ended], plans: [planOf(ended, 'replace')] }))).toEqual([])
  const runs = job({ active: 1 })
  expect(told(scene({ live: [runs], plans: [planOf(runs, 'replace')] }))).toEqual([
    'E_MIGRATE_REPLACE Job/j still runs, and would be made anew',
  ])
})
