import { describe, expect, test } from '@jest/globals'
import { templateClaims } from '../../src/domain/plan/claims.ts'
import { conflictsOf } from '../../src/domain/plan/conflicts.ts'
import { explainJobs } from '../../src/domain/plan/jobs.ts'
import { foreignFields } from '../../src/domain/plan/managers.ts'
import { givenUpFields, withValues } from '../../src/domain/plan/preserved.ts'
import { recordedOtherwise } from '../../src/domain/plan/recorded.ts'
import { stateBefore } from '../../src/domain/plan/state-before.ts'
import { keyOf, refOf, type KubeObject, type ManagedFields } from '../../src/domain/kube.ts'
import type { Rendered } from '../../src/domain/manifest/parse.ts'

function configMap(data: Record<string, string>, managedFields: readonly ManagedFields[] = []): KubeObject {
  const metadata = { name: 'one', namespace: 'x', ...(managedFields.length === 0 ? {} : { managedFields }) }
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata, data }
}

function owns(manager: string, operation: 'Apply' | 'Update', ...keys: string[]): ManagedFields {
  const fields = Object.fromEntries(keys.map((key) => [`f:${key}`, {}]))
  return { manager, operation, fieldsV1: { 'f:data': { '.': {}, ...fields } } }
}

const rendered = (object: KubeObject, more: Partial<Rendered> = {}): Rendered => ({ object, template: 't', ...more })

describe('a field of another manager', () => {
  const change = { path: 'data.a', before: '1', after: '2' }
  test.each([
    ['declared, with the value that was deployed', 'Apply', configMap({ a: '1' }), change, [true]],
    ['written once, with the value that was deployed', 'Update', configMap({ a: '1' }), change, [false]],
    ['written since, with another value', 'Update', configMap({ a: '0' }), change, [true]],
    ['that no deploy stated', 'Update', configMap({}), change, [true]],
    ['that the chart gives up', 'Apply', configMap({ a: '1' }), { ...change, after: undefined }, []],
    ['that the deploy leaves alone', 'Apply', configMap({ a: '1' }), { ...change, path: 'data.b' }, []],
  ] as const)('%s by %s', (_, operation, previous, changed, held) => {
    const live = configMap({ a: '1' }, [owns('helm', 'Apply', 'a', 'b'), owns('other', operation, 'a')])
    expect(conflictsOf([changed], previous, live)).toEqual(
      held.map((one) => ({ field: 'data.a', manager: 'other', held: one })),
    )
  })

  test('who made a map owns none of its entries', () => {
    expect(foreignFields(configMap({ a: '1' }, [owns('other', 'Update')]))).toEqual([])
    // What was its own in it is gone (apimachinery, fieldpath.Set).
    const emptied = { manager: 'other', operation: 'Update', fieldsV1: { 'f:data': {} } } as const
    expect(foreignFields(configMap({ a: '1' }, [emptied]))).toEqual([])
  })

  test('stays when the chart gives it up; what helm alone owns goes', () => {
    const live = configMap({ a: '1', b: '1' }, [owns('helm', 'Apply', 'a', 'b'), owns('other', 'Update', 'b')])
    const given = givenUpFields(configMap({ a: '1', b: '1' }), configMap({}), live)
    expect(given).toEqual([
      {
        path: 'data.b',
        because: 'the chart gives it up, and other owns it too',
        owner: { manager: 'other', time: undefined },
      },
    ])
  })
})

describe('what a rollback brings back', () => {
  const input = { remade: new Set<string>(), settled: true, present: new Map() }
  const key = keyOf(configMap({}))
  const was = (live: KubeObject | undefined, more: Partial<Parameters<typeof stateBefore>[0]> = {}) =>
    stateBefore({
      ...input,
      previous: [rendered(configMap({ a: '1' }))],
      rendered: [rendered(configMap({ a: '2', b: '2' }))],
      live: new Map(live === undefined ? [] : [[key, live]]),
      ...more,
    })
  const owned = [owns('other', 'Update', 'a', 'b', 'c')]

  test.each([
    ['nothing differed', configMap({ a: '1' }), []],
    ['a value was set by hand', configMap({ a: 'hand' }), [{ path: 'data.a', value: 'hand' }]],
    ['a key was taken away', configMap({}), [{ path: 'data.a', value: undefined }]],
    [
      'a key was added that the chart states by now',
      configMap({ a: '1', b: 'hand' }, owned),
      [{ path: 'data.b', value: 'hand' }],
    ],
    ['a key was added that no chart states: it stays by itself', configMap({ a: '1', c: 'hand' }, owned), []],
  ])('where %s', (_, live, values) =>
    expect(was(live)).toEqual({ objects: values.length === 0 ? {} : { [key]: values }, without: [] }),
  )

  test('an object that was not there is not made', () =>
    expect(was(undefined)).toEqual({ objects: {}, without: [key] }))

  test('all that was added to an object that is made anew', () =>
    expect(was(configMap({ a: '1', c: 'hand' }, owned), { remade: new Set([key]) }).objects).toEqual({
      [key]: [{ path: 'data.c', value: 'hand' }],
    }))

  test('nothing of what an upgrade left behind that failed before', () =>
    expect(was(configMap({ a: 'left' }), { settled: false })).toEqual({ objects: {}, without: [] }))

  test('a count and an account of pods that only the new chart states, in words', () => {
    const web = (spec: object, pod: object = {}): KubeObject => ({
      ...{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', namespace: 'x' } },
      spec: { ...spec, template: { spec: { containers: [], ...pod } } },
    })
    const live = web({ replicas: 2 })
    const more = {
      previous: [rendered(web({}))],
      rendered: [rendered(web({ replicas: 3 }, { serviceAccountName: 'web' }))],
      live: new Map([[keyOf(live), live]]),
    }
    const [count, ...account] = was(live, more).objects[keyOf(live)] ?? []
    expect(count).toEqual({ path: 'spec.replicas', value: 2 })
    // The deprecated twin would bring the account back (pkg/apis/core/v1/conversion.go).
    expect(account).toEqual([
      { path: 'spec.template.spec.serviceAccountName', value: '' },
      { path: 'spec.template.spec.serviceAccount', value: '' },
    ])
    const hadOne = { ...more, live: new Map([[keyOf(live), web({}, { serviceAccountName: 'old' })]]) }
    expect(was(live, hadOne).objects).toEqual({})
  })

  test('what kubectl had noted of a restart, where only the new chart has notes', () => {
    const web = (metadata: object): KubeObject => ({
      ...{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', namespace: 'x' } },
      spec: { template: { metadata, spec: { containers: [] } } },
    })
    const annotations = { 'kubectl.kubernetes.io/restartedAt': 'now' }
    const live = web({ annotations })
    const more = {
      previous: [rendered(web({}))],
      rendered: [rendered(web({ annotations: { checksum: '1' } }))],
      live: new Map([[keyOf(live), live]]),
    }
    // Stated as empty: what is in it stays, and what the new chart has in it goes.
    expect(was(live, more).objects).toEqual({
      [keyOf(live)]: [{ path: 'spec.template.metadata.annotations', value: {} }],
    })
  })

  test('of a list that the new chart brings, what somebody had put into it', () => {
    const web = (env: readonly object[] | undefined, managedFields: readonly ManagedFields[] = []): KubeObject => ({
      ...{ apiVersion: 'apps/v1', kind: 'Deployment' },
      metadata: { name: 'web', namespace: 'x', managedFields },
      spec: { template: { spec: { containers: [{ name: 'web', ...(env === undefined ? {} : { env }) }] } } },
    })
    const leaf = { '.': {}, 'f:name': {}, 'f:value': {} }
    const own = { 'k:{"name":"A"}': leaf, 'k:{"name":"B"}': leaf }
    const fieldsV1 = {
      'f:spec': { 'f:template': { 'f:spec': { 'f:containers': { 'k:{"name":"web"}': { 'f:env': own } } } } },
    }
    const [a, b] = [
      { name: 'A', value: 'hand' },
      { name: 'B', value: 'hand' },
    ]
    const live = web([a, b], [{ manager: 'kubectl-set', operation: 'Update', fieldsV1 }])
    const more = {
      previous: [rendered(web(undefined))],
      rendered: [rendered(web([{ name: 'A', value: 'chart' }]))],
      live: new Map([[keyOf(live), live]]),
    }
    expect(was(live, more).objects).toEqual({
      [keyOf(live)]: [{ path: 'spec.template.spec.containers[web].env', value: [a] }],
    })
  })

  test('the ports of nodes that a Service of the new chart does not have', () => {
    const service = (spec: object): KubeObject => {
      return { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', namespace: 'x' }, spec }
    }
    const ports = [{ port: 80 }, { port: 81, nodePort: 30081 }]
    const live = service({ type: 'NodePort', ports: [{ port: 80, nodePort: 30080 }, ports[1]] })
    const kept = (spec: object): unknown =>
      was(live, {
        previous: [rendered(service({ type: 'NodePort', ports }))],
        rendered: [rendered(service(spec))],
        live: new Map([[keyOf(live), live]]),
      }).objects[keyOf(live)]
    const lost = [{ path: 'spec.ports[80].nodePort', value: 30080 }]
    expect(kept({ ports: [{ port: 80 }] })).toEqual(lost)
    expect(kept({ type: 'NodePort', ports: [{ port: 81 }] })).toEqual(lost)
    expect(kept({ type: 'NodePort', ports: [{ port: 80, nodePort: 31000 }] })).toEqual(lost)
    expect(kept({ type: 'NodePort', ports: [{ port: 80 }] })).toBeUndefined()
    expect(kept({ type: 'ExternalName', externalName: 'a.example' })).toEqual(lost)
  })

  test('the present value where that is decided anew all the time', () =>
    expect(was(configMap({ a: '3' }), { present: new Map([[key, [{ path: 'data.a', value: '5' }]]]) }).objects).toEqual(
      {
        [key]: [
          { path: 'data.a', value: '3' },
          { path: 'data.a', value: '5' },
        ],
      },
    ))
})

test('a value of a Secret is put where its text was', () => {
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'one' }, stringData: { a: 'chart', b: 'b' } }
  expect(withValues(secret, [{ path: 'data.a', value: 'bGl2ZQ==' }])).toEqual({
    ...secret,
    stringData: { b: 'b' },
    data: { a: 'bGl2ZQ==' },
  })
})

describe("helm's record", () => {
  const hook = (image: string, event = 'pre-upgrade'): Rendered => ({
    object: { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'hook' }, spec: { image } },
    template: 't',
    hook: { events: [event], deletePolicy: [], weight: 0 },
  })
  const one = rendered(configMap({ a: '1' }))
  test.each([
    ['is the render', [one, hook('a')], [hook('a'), one], []],
    ['has another value', [one], [rendered(configMap({ a: '2' }))], ['ConfigMap/one']],
    ['lacks an object', [one], [], ['ConfigMap/one']],
    ['has another hook', [hook('a')], [hook('b')], ['Job/hook']],
    ['has another test', [hook('a', 'test')], [hook('b', 'test')], []],
    ['lacks a definition of crds/', [{ ...definition(), template: 'c/crds/a.yaml' }], [], []],
  ])('%s', (_, now, recorded, names) => expect(recordedOtherwise({ rendered: now, recorded, kept: {} })).toEqual(names))

  test('has a preserved value, which the render gets too', () => {
    const kept = { [keyOf(one.object)]: [{ path: 'data.a', value: 'live' }] }
    expect(recordedOtherwise({ rendered: [one], recorded: [rendered(configMap({ a: 'live' }))], kept })).toEqual([])
  })

  test('may hold an earlier value of what is decided anew all the time', () => {
    const kept = { [keyOf(one.object)]: [{ path: 'data.a', value: 'live' }] }
    const recorded = [rendered(configMap({ a: 'then' }))]
    expect(recordedOtherwise({ rendered: [one], recorded, kept })).toEqual(['ConfigMap/one'])
    expect(recordedOtherwise({ rendered: [one], recorded, kept, moving: kept })).toEqual([])
  })
})

function definition(): Rendered {
  return rendered({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'things' },
  })
}

describe('the claims of a StatefulSet', () => {
  const sized = (storage: string) => ({ spec: { resources: { requests: { storage } } } })
  const set = (storage: string): KubeObject => ({
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'db' },
    spec: { volumeClaimTemplates: [{ metadata: { name: 'data' }, ...sized(storage) }] },
  })
  const claim = (name: string, storage: string): KubeObject => ({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name },
    ...sized(storage),
  })
  const claims = [
    ...[claim('data-db-10', '1Gi'), claim('data-db-2', '1Gi'), claim('data-db-0', '5Gi')],
    ...[claim('data-db-x', '1Gi'), claim('data-db-other-0', '1Gi'), claim('log-db-0', '1Gi')],
  ]
  test.each([
    ['grow in the order of their numbers, but for one that is larger', '2Gi', ['data-db-2', 'data-db-10']],
    ['stay where the template stays', '1Gi', []],
    ['stay where it would shrink', '512Mi', []],
  ])('%s', (_, size, names) =>
    expect(templateClaims(set(size), set('1Gi'), claims).map((one) => one.claim.metadata.name)).toEqual(names),
  )
})

describe('a Job', () => {
  const job = (name: string, status: Record<string, unknown> = {}): KubeObject => ({
    ...{ apiVersion: 'batch/v1', kind: 'Job', status },
    metadata: { name, labels: { 'app.kubernetes.io/name': 'schema' } },
  })
  const plan = (object: KubeObject, action: 'create' | 'delete') => ({
    ref: refOf(object),
    release: 'r',
    action,
    ...{ changes: [], drift: [], conflicts: [], template: '' },
  })
  const [made, old] = [job('schema-2'), job('schema-1', { active: 1 })]
  const input = { rendered: new Map([[keyOf(made), made]]), live: new Map([[keyOf(old), old]]) }
  const plans = [plan(made, 'create'), plan(old, 'delete')]

  test.each([
    ['migrates, and takes the place of one that still runs', { from: 12, to: 13 }, 'migrates schema 12 → 13'],
    ['runs for an unchanged schema', { from: 12, to: 12 }, undefined],
    ['runs where no schema was stated before', { from: null, to: 12 }, undefined],
  ])('%s', (_, schema, because) =>
    expect(explainJobs(plans, { ...input, schema }).map((one) => one.because)).toEqual([
      because,
      'STILL RUNS, replaced',
    ]),
  )
})
