import { describe, expect, test } from '@jest/globals'
import { keyOf, refOf, type KubeObject } from '../../src/domain/kube.ts'
import { claimsFor, shrinkingBack, takingSets, takingText } from '../../src/domain/plan/losses-back.ts'
import { findLosses, lossText, mayLose, withDisks, type LossFacts } from '../../src/domain/plan/losses.ts'
import type { Action, FieldChange, ObjectPlan } from '../../src/domain/plan/model.ts'

const NAMESPACE = 'shop'

function of(kind: string, name: string, fields: object = {}, apiVersion = 'v1'): KubeObject {
  const namespaced = !['Namespace', 'CustomResourceDefinition', 'PersistentVolume'].includes(kind)
  const metadata = { name, uid: `uid-${name}`, ...(namespaced ? { namespace: NAMESPACE } : {}) }
  return { apiVersion, kind, metadata, ...fields }
}

function plan(object: KubeObject, action: Action, changes: readonly FieldChange[] = []): ObjectPlan {
  return { ref: refOf(object), release: 'r', action, changes, drift: [], conflicts: [], template: '' }
}

function claim(name: string, owner?: KubeObject, phase = 'Bound'): KubeObject {
  const bare = of('PersistentVolumeClaim', name, {
    status: { phase },
    ...(phase === 'Bound' ? { spec: { volumeName: `pv-${name}` } } : {}),
  })
  if (owner === undefined) return bare
  const { apiVersion, kind, metadata } = owner
  const reference = { apiVersion, kind, name: metadata.name, uid: metadata.uid ?? '' }
  return { ...bare, metadata: { ...bare.metadata, ownerReferences: [reference] } }
}

function set(policy: object = {}, replicas = 3): KubeObject {
  const volumeClaimTemplates = [{ metadata: { name: 'data' } }]
  const spec = { replicas, volumeClaimTemplates, persistentVolumeClaimRetentionPolicy: policy }
  return of('StatefulSet', 'db', { spec }, 'apps/v1')
}

const CRD = of('CustomResourceDefinition', 'things.example.test', {}, 'apiextensions.k8s.io/v1')
const CLUSTER = of('Cluster', 'pg', {}, 'postgresql.cnpg.io/v1')
const scaled = (before: number, after: number): FieldChange[] => [{ path: 'spec.replicas', before, after }]
const three = ['data-db-0', 'data-db-1', 'data-db-2']

interface Case {
  readonly object: KubeObject
  readonly action?: Action
  readonly changes?: readonly FieldChange[]
  readonly wanted?: KubeObject
  readonly claims?: readonly KubeObject[] | undefined
  readonly instances?: readonly string[]
  readonly owners?: readonly KubeObject[]
}

function losses({ object, action = 'delete', changes, wanted, instances, owners = [], ...more }: Case): string[] {
  const claims = 'claims' in more ? more.claims : []
  const facts: LossFacts = {
    live: new Map([[keyOf(object), object]]),
    claims: new Map(claims === undefined ? [] : [NAMESPACE, 'edge'].map((namespace) => [namespace, claims])),
    owners: new Map(owners.map((one) => [one.metadata.uid ?? '', one])),
    instances: new Map(instances === undefined ? [] : [[object.metadata.name, instances]]),
  }
  const rendered = wanted === undefined ? [] : [{ object: wanted, template: '' }]
  const work = { plans: [plan(object, action, changes)], rendered, operation: 'upgrade' as const }
  return withDisks(findLosses([work], facts), new Map()).map(lossText)
}

const above = { ...of('Podset', 'pods', {}, 'example.test/v1') }
const middle: KubeObject = {
  ...above,
  metadata: {
    ...above.metadata,
    ownerReferences: [{ apiVersion: CLUSTER.apiVersion, kind: 'Cluster', name: 'pg', uid: 'uid-pg' }],
  },
}

describe('data is lost with', () => {
  test.each<[string, Case, string[]]>([
    ['a claim', { object: claim('data') }, ['PersistentVolumeClaim/data (volume unknown)']],
    ['no claim that was never bound', { object: claim('data', undefined, 'Pending') }, []],
    ['a volume', { object: of('PersistentVolume', 'disk') }, ['PersistentVolume/disk']],
    [
      'a namespace, and all that is in it',
      { object: of('Namespace', 'edge'), claims: [claim('data')] },
      ['Namespace/edge (all that is in it, data too; volume unknown)'],
    ],
    [
      'a definition that has instances',
      { object: CRD, instances: ['edge/a', 'shop/b'] },
      ['CustomResourceDefinition/things.example.test (edge/a, shop/b)'],
    ],
    ['no definition without instances', { object: CRD, instances: [] }, []],
    [
      'a definition whose instances may not be listed',
      { object: CRD },
      ['CustomResourceDefinition/things.example.test (its instances, which may not be listed)'],
    ],
    [
      'a StatefulSet that takes its claims along',
      { object: set({ whenDeleted: 'Delete' }), claims: three.map((name) => claim(name, set())) },
      ['the claims of StatefulSet/db (data-db-0, data-db-1, data-db-2; volume unknown)'],
    ],
    [
      'the same, where claims may not be listed',
      { object: set({ whenDeleted: 'Delete' }), claims: undefined },
      ['the claims of StatefulSet/db'],
    ],
    ['no other StatefulSet', { object: set(), claims: three.map((name) => claim(name)) }, []],
    [
      'no StatefulSet that is made anew',
      { object: set({ whenDeleted: 'Delete' }), action: 'replace', claims: three.map((name) => claim(name, set())) },
      [],
    ],
    [
      'one that is made anew, and smaller',
      {
        object: set({ whenScaled: 'Delete' }),
        action: 'replace',
        changes: scaled(3, 2),
        wanted: set({ whenScaled: 'Delete' }, 2),
        claims: three.map((name) => claim(name)),
      },
      ['claims of StatefulSet/db (data-db-2, scaled 3 → 2; volume unknown)'],
    ],
    [
      'one that shrinks',
      {
        object: set({ whenScaled: 'Delete' }),
        action: 'change',
        changes: scaled(3, 1),
        claims: three.map((name) => claim(name)),
      },
      ['claims of StatefulSet/db (data-db-1, data-db-2, scaled 3 → 1; volume unknown)'],
    ],
    [
      'none of pods that it had once',
      {
        object: set({ whenScaled: 'Delete' }, 2),
        action: 'change',
        changes: scaled(2, 1),
        claims: three.map((name) => claim(name)),
      },
      ['claims of StatefulSet/db (data-db-1, scaled 2 → 1; volume unknown)'],
    ],
    [
      'none that shrinks and learns to keep them',
      {
        object: set({ whenScaled: 'Delete' }),
        action: 'change',
        changes: scaled(3, 1),
        wanted: set({ whenScaled: 'Retain' }, 1),
        claims: three.map((name) => claim(name)),
      },
      [],
    ],
    [
      'none that grows',
      {
        object: set({ whenScaled: 'Delete' }, 1),
        action: 'change',
        changes: scaled(1, 3),
        claims: three.map((name) => claim(name)),
      },
      [],
    ],
    [
      'a custom resource that owns claims',
      { object: CLUSTER, claims: [claim('pg-1', CLUSTER)] },
      ['the claims of Cluster/pg (pg-1; volume unknown)'],
    ],
    [
      'one that owns them through another object',
      { object: CLUSTER, claims: [claim('pg-1', middle)], owners: [middle] },
      ['the claims of Cluster/pg (pg-1; volume unknown)'],
    ],
    ['none whose claims somebody else owns', { object: CLUSTER, claims: [claim('pg-1', set())] }, []],
    [
      'no Job whose pods had volumes of their own',
      { object: of('Job', 'j', {}, 'batch/v1'), claims: [claim('j-1-tmp', of('Pod', 'j-1'))] },
      [],
    ],
    ['no Deployment', { object: of('Deployment', 'web', {}, 'apps/v1'), claims: [claim('data')] }, []],
  ])('%s', (_, given, expected) => expect(losses(given)).toEqual(expected))

  test('a hook that holds data and is made anew', () => {
    const object = claim('scratch')
    const hook = { events: ['pre-upgrade'], deletePolicy: ['before-hook-creation'], weight: 0 }
    const work = { plans: [], rendered: [{ object, template: '', hook }], operation: 'upgrade' as const }
    const facts = {
      live: new Map([[keyOf(object), object]]),
      claims: new Map(),
      owners: new Map(),
      instances: new Map(),
    }
    expect(mayLose(work)).toBe(true)
    expect(findLosses([work], facts).map(({ which }) => which)).toEqual(['a hook that is made anew'])
  })

  test('what becomes of the disks is said', () => {
    const found = findLosses(
      [{ plans: ['a', 'b'].map((name) => plan(claim(name), 'delete')), rendered: [], operation: 'upgrade' }],
      {
        live: new Map(['a', 'b'].map((name) => [keyOf(claim(name)), claim(name)])),
        claims: new Map(),
        owners: new Map(),
        instances: new Map(),
      },
    )
    const volume = (name: string, policy: string): [string, KubeObject] => [
      name,
      of('PersistentVolume', name, { spec: { persistentVolumeReclaimPolicy: policy } }),
    ]
    expect(withDisks(found, new Map([volume('pv-a', 'Delete'), volume('pv-b', 'Retain')])).map(lossText)).toEqual([
      'PersistentVolumeClaim/a (volume deleted)',
      'PersistentVolumeClaim/b (volume retained, without its claim)',
    ])
  })
})

describe('going back', () => {
  const claims = three.map((name) => claim(name))
  const sides = (previous: KubeObject | undefined, wanted: KubeObject, planned: ObjectPlan) => ({
    plans: [planned],
    rendered: [{ object: wanted, template: '' }],
    previous: previous === undefined ? [] : [{ object: previous, template: '' }],
  })

  test.each<[string, KubeObject, string[]]>([
    [
      'deletes the claims that a new StatefulSet takes over',
      set({ whenDeleted: 'Delete' }),
      [
        'going back would delete data-db-0, data-db-1, data-db-2, which were there before (StatefulSet/db, whenDeleted: Delete)',
      ],
    ],
    ['leaves those of one that keeps them', set(), []],
  ])('%s', (_, wanted, expected) => {
    const taking = takingSets(sides(undefined, wanted, plan(wanted, 'create')))
    expect(taking.map((one) => takingText(one, claimsFor(one, claims)))).toEqual(expected)
  })

  test.each<[string, KubeObject, FieldChange[], number]>([
    ['lets one shrink that has grown, and deletes', set({ whenScaled: 'Delete' }, 1), scaled(1, 3), 1],
    ['lets one shrink that keeps its claims', set({ whenScaled: 'Retain' }, 1), scaled(1, 3), 0],
    ['lets one grow again', set({ whenScaled: 'Delete' }, 3), scaled(3, 1), 0],
  ])('%s', (_, previous, changes, found) =>
    expect(shrinkingBack(sides(previous, previous, plan(previous, 'change', changes)))).toHaveLength(found),
  )
})
