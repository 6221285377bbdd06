import { describe, expect, test } from '@jest/globals'
import { allDifferences } from '../../src/domain/plan/all-differences.ts'
import { statedDifferences, withdrawnFields } from '../../src/domain/plan/diff.ts'
import { locate, stepsOf, valueAt } from '../../src/domain/plan/field-path.ts'
import { foreignFields, ownerOf } from '../../src/domain/plan/managers.ts'
import { preservedFields, withLiveValues } from '../../src/domain/plan/preserved.ts'
import type { KubeObject } from '../../src/domain/kube.ts'

function deployment(spec: Record<string, unknown>, more: Partial<KubeObject['metadata']> = {}): KubeObject {
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', namespace: 'x', ...more }, spec }
}

function podded(container: Record<string, unknown>): KubeObject {
  return deployment({ template: { spec: { containers: [{ name: 'web', ...container }] } } })
}

const CONTAINER = 'spec.template.spec.containers[web]'

describe('a path', () => {
  test.each([
    [`${CONTAINER}.image`, 'a:1'],
    [`${CONTAINER}.env[LEVEL].value`, 'INFO'],
    ["metadata.annotations.'example.test/a.b'", 'yes'],
    [`${CONTAINER}.env[OTHER].value`, undefined],
    ['spec.replicas', undefined],
  ])('%s leads to %p', (path, value) => {
    const object = {
      ...podded({ image: 'a:1', env: [{ name: 'LEVEL', value: 'INFO' }] }),
      metadata: { name: 'web', annotations: { 'example.test/a.b': 'yes' } },
    }
    expect(valueAt(object, path)).toBe(value)
    expect(locate(object, path) === undefined).toBe(value === undefined)
  })

  test('is read back as it was written', () => {
    expect(stepsOf("data.'a.b/c'")).toEqual([
      { kind: 'name', name: 'data' },
      { kind: 'name', name: 'a.b/c' },
    ])
  })
})

describe('what is compared with live', () => {
  test.each([
    ['a default of the API server', podded({ image: 'a:1' }), podded({ image: 'a:1', imagePullPolicy: 'Always' }), []],
    [
      'another image',
      podded({ image: 'a:2' }),
      podded({ image: 'a:1' }),
      [{ path: `${CONTAINER}.image`, before: 'a:1', after: 'a:2' }],
    ],
    [
      'the same quantity',
      podded({ resources: { limits: { cpu: '1000m' } } }),
      podded({ resources: { limits: { cpu: '1' } } }),
      [],
    ],
    ['an empty map', podded({ securityContext: {} }), podded({}), []],
    [
      'a variable added by hand',
      podded({ env: [{ name: 'A', value: '1' }] }),
      podded({
        env: [
          { name: 'A', value: '1' },
          { name: 'B', value: '2' },
        ],
      }),
      [],
    ],
  ])('%s', (_, wanted, live, expected) => expect(statedDifferences(wanted, live)).toEqual(expected))

  const of = (apiVersion: string, kind: string, fields: object): KubeObject => ({
    ...{ apiVersion, kind, metadata: { name: 'a' } },
    ...fields,
  })
  // https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
  test.each([
    ['v1', 'PersistentVolumeClaim', (x: string) => ({ spec: { resources: { requests: { storage: x } } } }), true],
    ['v1', 'PersistentVolume', (x: string) => ({ spec: { capacity: { storage: x } } }), true],
    ['v1', 'ResourceQuota', (x: string) => ({ spec: { hard: { 'requests.memory': x } } }), true],
    ['v1', 'LimitRange', (x: string) => ({ spec: { limits: [{ type: 'Pod', max: { memory: x } }] } }), true],
    ['v1', 'Pod', (x: string) => ({ spec: { volumes: [{ name: 'v', emptyDir: { sizeLimit: x } }] } }), true],
    ['v1', 'Pod', (x: string) => ({ spec: { nodeSelector: { limits: x, capacity: x } } }), false],
    ['v1', 'Pod', (x: string) => ({ spec: { containers: [{ name: 'c', env: [{ name: 'max', value: x }] }] } }), false],
    ['v1', 'ConfigMap', (x: string) => ({ data: { limits: x } }), false],
    ['v1', 'ConfigMap', (x: string) => ({ data: { 'resources.limits.memory': x } }), false],
    ['v1', 'Service', (x: string) => ({ metadata: { name: 'a', annotations: { max: x, limits: x } } }), false],
    ['storage.k8s.io/v1', 'StorageClass', (x: string) => ({ parameters: { max: x, capacity: x } }), false],
    ['example.com/v1', 'Database', (x: string) => ({ spec: { resources: { limits: { memory: x } } } }), false],
    ['apps/v1', 'Deployment', (x: string) => ({ spec: { template: { metadata: { labels: { max: x } } } } }), false],
  ])('%s %s: one amount in two units is the same (%#)', (apiVersion, kind, fields, same) => {
    const [wanted, live] = [of(apiVersion, kind, fields('1024Mi')), of(apiVersion, kind, fields('1Gi'))]
    expect(statedDifferences(wanted, live).length === 0).toBe(same)
    expect(statedDifferences(wanted, of(apiVersion, kind, fields('2Gi'))).length).toBeGreaterThan(0)
  })

  test('the text of a Secret is the same as its base64', () => {
    const base = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a' } }
    expect(statedDifferences({ ...base, stringData: { a: 'ä' } }, { ...base, data: { a: 'w6Q=' } })).toEqual([])
    expect(statedDifferences({ ...base, stringData: { a: 'b' } }, { ...base, data: { a: 'w6Q=' } })).toHaveLength(1)
  })

  test('a field that the chart gives up is withdrawn where it is still live', () => {
    const env = (...names: string[]): KubeObject => podded({ env: names.map((name) => ({ name, value: '1' })) })
    expect(withdrawnFields(env('A', 'B'), env('A'), env('A', 'B', 'C')).map(({ path }) => path)).toEqual([
      `${CONTAINER}.env[B]`,
    ])
    expect(withdrawnFields(env('A', 'B'), env('A'), env('A'))).toEqual([])
  })
})

test('two stored states differ field by field, whatever the server keeps by itself', () => {
  const before = { ...deployment({ replicas: 1 }, { resourceVersion: '1', generation: 1 }), status: { replicas: 1 } }
  const after = {
    ...deployment(
      { replicas: 1, paused: true, strategy: { type: 'Recreate' } },
      { resourceVersion: '2', labels: { a: 'b' } },
    ),
    status: {},
  }
  expect(allDifferences(before, after).map(({ path }) => path)).toEqual([
    'metadata.labels.a',
    'spec.paused',
    'spec.strategy.type',
  ])
})

describe('managers', () => {
  const fieldsV1 = {
    'f:spec': {
      'f:template': {
        'f:spec': {
          'f:containers': {
            'k:{"name":"web"}': { '.': {}, 'f:env': { 'k:{"name":"B"}': { '.': {}, 'f:name': {}, 'f:value': {} } } },
          },
        },
      },
    },
  }
  const live = deployment(
    {},
    {
      managedFields: [
        { manager: 'helm', operation: 'Apply', fieldsV1: { 'f:spec': { 'f:replicas': {} } } },
        { manager: 'kubectl-edit', operation: 'Update', time: '2026-11-20T09:14:00Z', fieldsV1 },
        { manager: 'kubelet', operation: 'Update', subresource: 'status', fieldsV1: { 'f:status': {} } },
      ],
    },
  )

  test('are found by the path of a field, a part of it, or what is around it', () => {
    const owned = foreignFields(live)
    expect(owned.map(({ path }) => path)).toEqual([`${CONTAINER}.env[B].name`, `${CONTAINER}.env[B].value`])
    const time = '2026-11-20T09:14:00Z'
    expect(ownerOf(`${CONTAINER}.env[B]`, owned)).toMatchObject({ manager: 'kubectl-edit', time })
    expect(ownerOf(`${CONTAINER}.env[B].value`, owned)).toMatchObject({ manager: 'kubectl-edit', time })
    expect(ownerOf('spec.replicas', owned)).toBeUndefined()
  })
})

describe('preserved fields', () => {
  const at = { file: 'forge.yaml', line: 11, column: 5 }
  const policy = (field: string) => ({
    policy: 'report' as const,
    preserve: [{ kind: 'Deployment', name: 'web', field, at }],
  })

  test.each([
    ['a field', 'spec.replicas', deployment({ replicas: 1 }), deployment({ replicas: 3 }), deployment({ replicas: 3 })],
    [
      'a field of a list item',
      `${CONTAINER}.image`,
      podded({ image: 'a:1' }),
      podded({ image: 'b:1' }),
      podded({ image: 'b:1' }),
    ],
    [
      'an item that is gone',
      `${CONTAINER}.env[A]`,
      podded({ env: [{ name: 'A', value: '1' }] }),
      podded({ env: [] }),
      podded({ env: [] }),
    ],
    ['a field that is gone', 'spec.paused', deployment({ paused: true }), deployment({}), deployment({})],
    [
      'a field that the chart does not state',
      'spec.replicas',
      deployment({}),
      deployment({ replicas: 3 }),
      deployment({}),
    ],
  ])('%s is sent as it is live', (_, field, wanted, live, sent) => {
    const preserved = preservedFields([], policy(field))(wanted)
    expect(preserved).toEqual([{ path: field, because: 'forge.yaml:11 preserves it' }])
    expect(withLiveValues(wanted, undefined, live, preserved)).toEqual(sent)
  })

  const cluster = (apiVersion: string, kind: string, fields: object): KubeObject => ({
    apiVersion,
    kind,
    metadata: { name: 'one' },
    ...fields,
  })
  const role = (rules: readonly unknown[], aggregationRule?: object): KubeObject =>
    cluster('rbac.authorization.k8s.io/v1', 'ClusterRole', { rules, aggregationRule })
  const hooks = (...bundles: (string | undefined)[]): KubeObject =>
    cluster('admissionregistration.k8s.io/v1', 'ValidatingWebhookConfiguration', {
      webhooks: bundles.map((caBundle, at) => ({ name: `h${at}.test`, clientConfig: { caBundle } })),
    })
  const definition = (caBundle: string): KubeObject =>
    cluster('apiextensions.k8s.io/v1', 'CustomResourceDefinition', {
      spec: { conversion: { webhook: { clientConfig: { caBundle } } } },
    })
  const service = (caBundle: string): KubeObject =>
    cluster('apiregistration.k8s.io/v1', 'APIService', { spec: { caBundle } })
  const RULE = { clusterRoleSelectors: [] }

  test.each([
    ['rules that are aggregated', role([], RULE), role([{ verbs: ['get'] }], RULE), true],
    ['rules of its own', role([]), role([{ verbs: ['get'] }]), false],
    ["one webhook's certificate", hooks('Q0E=', 'Cg=='), hooks('Q0E=', 'Q0VSVA=='), true],
    ['a certificate that is stated', hooks('Q0E='), hooks('Q0VSVA=='), false],
    ['the certificate of a conversion', definition(''), definition('Q0VSVA=='), true],
    ['the certificate of an APIService', service('Cg=='), service('Q0VSVA=='), true],
  ])('what others fill in stays as it is live: %s', (_, wanted, live, stays) => {
    const preserved = preservedFields([], { policy: 'report', preserve: [] })(wanted)
    expect(withLiveValues(wanted, undefined, live, preserved)).toEqual(stays ? live : wanted)
  })

  test("an autoscaler's target keeps its replicas", () => {
    const hpa = {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'h', namespace: 'x' },
      spec: { scaleTargetRef: { kind: 'Deployment', name: 'web' } },
    }
    expect(preservedFields([hpa], { policy: 'report', preserve: [] })(deployment({}))).toEqual([
      { path: 'spec.replicas', because: 'HorizontalPodAutoscaler/h decides', moving: true },
    ])
  })
})

describe('an empty value', () => {
  const of = (apiVersion: string, kind: string, fields: object): KubeObject => ({
    apiVersion,
    kind,
    metadata: { name: 'x' },
    ...fields,
  })
  const map = (data: object): KubeObject => of('v1', 'ConfigMap', { data })
  const custom = (spec: object): KubeObject => of('example.test/v1', 'Issuer', { spec })
  const selecting = (nodeSelector: object): KubeObject => deployment({ template: { spec: { nodeSelector } } })
  const labelled = (labels: object): KubeObject => deployment({ template: { metadata: { labels } } })
  const LABEL = 'spec.template.metadata.labels'

  test.each<[string, KubeObject, KubeObject, string, unknown]>([
    ['in a ConfigMap', map({ A: '1', B: '' }), map({ A: '1' }), 'data.B', ''],
    ['alone in a ConfigMap', map({ B: '' }), map({}), 'data.B', ''],
    ['in a node selector', selecting({ gpu: '' }), selecting({}), 'spec.template.spec.nodeSelector.gpu', ''],
    ['of a label', labelled({ 'a.b/c': '' }), labelled({}), `${LABEL}.'a.b/c'`, ''],
    ['of a custom resource', custom({ selfSigned: {} }), custom({}), 'spec.selfSigned', {}],
    ['of a custom resource, as a list', custom({ names: [] }), custom({}), 'spec.names', []],
  ])('%s is there or not', (_, with_, without, path, value) => {
    expect(statedDifferences(with_, without)).toEqual([{ path, before: undefined, after: value }])
    expect(withdrawnFields(with_, without, with_)).toEqual([{ path, before: value, after: undefined }])
    expect(allDifferences(with_, without)).toEqual([{ path, before: value, after: undefined }])
    expect(statedDifferences(with_, with_)).toEqual([])
    expect(withdrawnFields(with_, with_, with_)).toEqual([])
  })

  test.each<[string, KubeObject, KubeObject]>([
    ['a map of defaults', podded({ securityContext: {} }), podded({})],
    ['a text', deployment({ template: { spec: { schedulerName: '' } } }), deployment({ template: { spec: {} } })],
    ['a list', podded({ command: [] }), podded({})],
    ['no labels', labelled({}), deployment({ template: { metadata: {} } })],
    ['null in a custom resource', custom({ names: null }), custom({})],
  ])('%s says nothing in a type of Kubernetes', (_, with_, without) => {
    expect(statedDifferences(with_, without)).toEqual([])
    expect(withdrawnFields(with_, without, without)).toEqual([])
    expect(allDifferences(with_, without)).toEqual([])
  })

  test('that a release states gives it no value that the server or another made of it', () => {
    const defaulted = deployment({ template: { spec: { schedulerName: 'default-scheduler', nodeName: 'a' } } })
    const stated = deployment({ template: { spec: { schedulerName: '', nodeName: 'a' } } })
    const given = deployment({ template: { spec: { nodeName: 'a' } } })
    expect(withdrawnFields(stated, given, defaulted)).toEqual([])
  })
})
