import { describe, expect, test } from '@jest/globals'
import { rollbackFeasibility, type RollbackFeasibilityInput } from '../../src/domain/plan/rollback-feasibility.ts'
import { allowsGrowth, claimChanges } from '../../src/domain/plan/claims.ts'
import { fixedField, mayBeReplaced } from '../../src/domain/plan/immutable.ts'
import { lineOf } from '../../src/domain/plan/lines.ts'
import { movedObjects, preconditionOf } from '../../src/domain/plan/precondition.ts'
import { roomFree, roomNeeded } from '../../src/domain/plan/room.ts'
import type { ObjectPlan } from '../../src/domain/plan/model.ts'
import type { JournalEntry } from '../../src/domain/journal/model.ts'
import { keyOf, refOf, type KubeObject } from '../../src/domain/kube.ts'
import type { Origins } from '../../src/domain/values/model.ts'

function object(kind: string, fields: Record<string, unknown> = {}, apiVersion = 'v1'): KubeObject {
  return { apiVersion, kind, metadata: { name: 'one', namespace: 'x', uid: 'u1', resourceVersion: '5' }, ...fields }
}

function planned(one: KubeObject, more: Partial<ObjectPlan> = {}): ObjectPlan {
  return {
    ref: refOf(one),
    release: 'r',
    action: 'change',
    changes: [],
    drift: [],
    conflicts: [],
    template: '',
    ...more,
  }
}

const change = (path: string, before: unknown = 'a', after: unknown = 'b') => ({ path, before, after })

describe('a field that cannot be changed in place', () => {
  test.each([
    ['Deployment', 'spec.selector.matchLabels.app', {}, true],
    ['Deployment', 'spec.replicas', {}, false],
    ['StatefulSet', 'spec.serviceName', {}, true],
    ['StatefulSet', 'spec.volumeClaimTemplates', {}, true],
    ['StatefulSet', 'spec.template.spec.containers[a].image', {}, false],
    ['StatefulSet', 'metadata.labels.a', {}, false],
    ['Job', 'spec.template.spec.containers[a].image', {}, true],
    ['Job', 'spec.parallelism', {}, false],
    ['Service', 'spec.clusterIP', {}, true],
    ['Service', 'spec.ports[80].targetPort', {}, false],
    ['ConfigMap', 'data.a', {}, false],
    ['ConfigMap', 'data.a', { immutable: true }, true],
    ['ConfigMap', 'metadata.labels.a', { immutable: true }, false],
    ['Secret', 'type', {}, true],
    ['RoleBinding', 'roleRef.name', {}, true],
  ])('%s %s %j: %p', (kind, path, fields, fixed) =>
    expect(fixedField(object(kind, fields), [change(path)]) !== undefined).toBe(fixed),
  )

  test.each([
    ['Secret', 'type', 'Opaque', false],
    ['Secret', 'type', 'kubernetes.io/tls', true],
    ['StatefulSet', 'spec.podManagementPolicy', 'OrderedReady', false],
    ['StatefulSet', 'spec.podManagementPolicy', 'Parallel', true],
    ['StatefulSet', 'spec.volumeClaimTemplates[data].spec.volumeMode', 'Filesystem', false],
  ])('%s %s that is said no more, and was %s: %p', (kind, path, before, fixed) =>
    expect(fixedField(object(kind), [{ path, before, after: undefined }]) !== undefined).toBe(fixed),
  )

  test.each([
    ['Deployment', 'apps/v1', true],
    ['PersistentVolumeClaim', 'v1', false],
    ['CustomResourceDefinition', 'apiextensions.k8s.io/v1', false],
    ['Cluster', 'postgresql.cnpg.io/v1', false],
  ])('a %s may be made anew: %p', (kind, apiVersion, may) =>
    expect(mayBeReplaced(object(kind, {}, apiVersion))).toBe(may),
  )
})

describe('claims', () => {
  const claim = (storage: string): KubeObject =>
    object('PersistentVolumeClaim', { spec: { resources: { requests: { storage } } } })
  test.each([
    ['1Gi', '2Gi', [{ grows: true, from: '1Gi', to: '2Gi' }]],
    ['2Gi', '1Gi', [{ grows: false }]],
    ['1Gi', '1024Mi', []],
  ])('%s → %s', (live, wanted, expected) => expect(claimChanges(claim(wanted), claim(live))).toMatchObject(expected))

  test('a default class is found by its mark; an unknown one says nothing', () => {
    const classes = [
      {
        ...object('StorageClass', { allowVolumeExpansion: true }),
        metadata: { name: 'a', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
      },
    ]
    expect([allowsGrowth(undefined, classes), allowsGrowth('a', classes), allowsGrowth('b', classes)]).toEqual([
      true,
      true,
      undefined,
    ])
  })
})

describe('the way back', () => {
  const live = {
    number: 42,
    configuration: { releases: [{ name: 'r', schema: { version: 12, oldestReader: 11 } }] },
  } as unknown as JournalEntry
  const release = (schema: RollbackFeasibilityInput['releases'][number]['schema'], deployed = true) => [
    { name: 'r', deployed, schema },
  ]
  const base = { live, plans: [], refusing: [] }

  test.each([
    ['the same schema', release({ version: 12, oldestReader: 11 }), 'yes', undefined],
    ['a new schema that the old code reads', release({ version: 13, oldestReader: 12 }), 'yes', undefined],
    ['a new schema that it does not', release({ version: 14, oldestReader: 13 }), 'until-schema', 'E_SCHEMA_GATE'],
    ['no schema', release(undefined), 'yes', undefined],
    ['a first install', release(undefined, false), 'first-install', undefined],
  ])('%s', (_, releases, possible, code) => {
    const back = rollbackFeasibility({ ...base, releases })
    expect({ possible: back.possible, code: back.code }).toEqual({ possible, code })
  })

  test('names what cannot read it, what runs again and what stays', () => {
    expect(rollbackFeasibility({ ...base, releases: release({ version: 14, oldestReader: 13 }) }).rows).toEqual([
      'until the schema Job runs: yes',
      'after it: NO, #42 cannot read schema 14',
    ])
    const grows = { path: 'spec.resources.requests.storage', before: '1Gi', after: '2Gi' }
    const plans = [
      planned(object('Job'), { action: 'delete' }),
      planned(object('PersistentVolumeClaim'), { changes: [grows] }),
    ]
    expect(rollbackFeasibility({ ...base, plans, releases: release(undefined) }).rows).toEqual([
      'yes',
      'Job/one would run again',
      'PersistentVolumeClaim/one keeps its new size',
    ])
    expect(rollbackFeasibility({ ...base, refusing: ['s key'], releases: release(undefined) }).possible).toBe('no')
  })
})

describe('preconditions', () => {
  const map = (data: Record<string, string>, more: Record<string, unknown> = {}): KubeObject =>
    object('ConfigMap', { data, ...more })
  const of = (live: KubeObject | undefined): ReturnType<typeof preconditionOf> =>
    preconditionOf(refOf(map({})), live, [map({ a: '1' })], [])

  test.each([
    ['nothing', map({ a: '1' }), []],
    ['a field that nobody states', map({ a: '1', b: '2' }), []],
    ['its resourceVersion alone', { ...map({ a: '1' }), metadata: { ...map({}).metadata, resourceVersion: '9' } }, []],
    ['a field that the chart states', map({ a: '2' }), ['ConfigMap/one']],
    [
      'another object of the same name',
      { ...map({ a: '1' }), metadata: { ...map({}).metadata, uid: 'u2' } },
      ['ConfigMap/one'],
    ],
    ['the object itself', undefined, ['ConfigMap/one']],
  ])('when %s has changed', (_, now, moved) => expect(movedObjects([of(map({ a: '1' }))], [of(now)])).toEqual(moved))

  test('a Secret is told by its resourceVersion, so that no hash of it is kept', () => {
    const secret = object('Secret', { data: { a: 'b' } })
    expect(preconditionOf(refOf(secret), secret, [secret], [])).toMatchObject({ uid: 'u1', state: '5' })
  })
})

describe('room', () => {
  const container = { resources: { requests: { cpu: '500m', memory: '1Gi' } } }
  const workload = (spec: Record<string, unknown>): KubeObject =>
    object('Deployment', { spec: { template: { spec: { containers: [container] } }, ...spec } }, 'apps/v1')
  const needs = (now: KubeObject, before: KubeObject | undefined, more: Partial<ObjectPlan>): number =>
    roomNeeded(
      [planned(now, more)],
      new Map([[keyOf(now), now]]),
      new Map(before === undefined ? [] : [[keyOf(now), before]]),
    ).cpu

  const rolls = { changes: [change('spec.template.spec.containers[a].image')] }
  test.each([
    ['a rolling update of four', workload({ replicas: 4 }), workload({ replicas: 4 }), rolls, 0.5],
    [
      'a surge in numbers',
      workload({ replicas: 4, strategy: { rollingUpdate: { maxSurge: 2 } } }),
      workload({ replicas: 4 }),
      rolls,
      1,
    ],
    ['Recreate', workload({ replicas: 4, strategy: { type: 'Recreate' } }), workload({ replicas: 4 }), rolls, 0],
    [
      'two replicas more',
      workload({ replicas: 4 }),
      workload({ replicas: 2 }),
      { changes: [change('spec.replicas', 2, 4)] },
      1,
    ],
    ['a new workload', workload({ replicas: 3 }), undefined, { action: 'create' as const }, 1.5],
  ])('%s', (_, now, before, more, cpu) => expect(needs(now, before, more)).toBe(cpu))

  test('what is free is what pods do not ask for', () => {
    const node = {
      ...object('Node', { status: { allocatable: { cpu: '4', memory: '8Gi' } } }),
      metadata: { name: 'n' },
    }
    const pod = object('Pod', { spec: { nodeName: 'n', containers: [container] } })
    expect(roomFree([node], [pod, { ...pod, status: { phase: 'Succeeded' } }])).toEqual({
      cpu: 3.5,
      memory: 7 * 2 ** 30,
    })
    expect(roomFree([], [pod])).toBeUndefined()
  })
})

describe('the line of a change', () => {
  const at = (line: number) => ({ kind: 'file' as const, at: { file: 'values.yaml', line, column: 1 } })
  const origins: Origins = new Map([
    ['app.image', [{ origin: at(1), value: 'a:2' }]],
    ['app.replicas', [{ origin: at(2), value: 3 }]],
    ['worker.replicas', [{ origin: at(3), value: 3 }]],
    ['configMaps.one.a\\.b', [{ origin: at(4), value: 'x' }]],
    ['same', [{ origin: at(5), value: 'old' }]],
    ['app.paused', [{ origin: { kind: 'flag', text: '--set' }, value: true }]],
  ])
  const before = { app: { image: 'a:1', replicas: 2 }, worker: { replicas: 2 }, same: 'old' }
  const line = (kind: string, one: ReturnType<typeof change>, component = 'app'): string | undefined =>
    lineOf(one, { ref: refOf(object(kind)), component, origins, before })

  test.each([
    [
      'the only value that changed so',
      'Deployment',
      change('spec.template.spec.containers[a].image', 'a:1', 'a:2'),
      'values.yaml:1',
    ],
    ['of two, the component own one', 'Deployment', change('spec.replicas', 2, 3), 'values.yaml:2'],
    ['a key of a ConfigMap', 'ConfigMap', change("data.'a.b'", 'w', 'x'), 'values.yaml:4'],
    ['a flag of the command line', 'Deployment', change('spec.paused', false, true), '--set app.paused'],
    ['a value that stayed the same', 'Deployment', change('spec.x', 'new', 'old'), undefined],
    ['a value that was something else', 'Deployment', change('spec.x', 'zzz', 'a:2'), undefined],
  ])('%s', (_, kind, one, expected) => expect(line(kind, one)).toBe(expected))

  test.each([
    [
      'a label that is the text of some value',
      "metadata.labels.'app.kubernetes.io/instance'",
      'temporal-worker',
      undefined,
    ],
    ['a label whose key ends like its path', "metadata.labels.'app.kubernetes.io/name'", 'temporal-worker', undefined],
    ['a field that is called as the value is', 'spec.replicas', 3, 'values.yaml:2'],
    ['a field of the same text that is not', 'spec.minReadySeconds', 3, undefined],
  ])('of an object that comes from another release: %s', (_, path, after, expected) => {
    const at = (row: number) => ({ kind: 'file', at: { file: 'values.yaml', line: row, column: 1 } }) as const
    const taken: Origins = new Map([
      ['secret.name', [{ origin: at(1), value: 'temporal-worker' }]],
      ['replicas', [{ origin: at(2), value: 3 }]],
    ])
    const input = { ref: refOf(object('Deployment')), component: 'worker', origins: taken, before: {} }
    expect(lineOf(change(path, 'x', after), { ...input, isTaken: true })).toBe(expected)
  })

  test('two values that would explain it equally: none is named', () =>
    expect(line('Deployment', change('spec.replicas', 2, 3), 'other')).toBeUndefined())
})
