import { describe, expect, test } from '@jest/globals'
import type { KubeObject, ObjectMeta } from '../../src/domain/kube.ts'
import { operatorOf } from '../../src/domain/operators/known.ts'
import { keepsStatus, servedBy } from '../../src/domain/rehearsal/definitions.ts'
import { actorsAmong, isIdle, operatorLike, operatorsFor, runs } from '../../src/domain/rehearsal/operators.ts'
import { readyStatus, statusesFor } from '../../src/domain/rehearsal/statuses.ts'

const NOW = '2026-11-28T20:00:00.000Z'
const CNPG = 'postgresql.cnpg.io/v1'

const custom = (
  apiVersion: string,
  kind: string,
  fields: Record<string, unknown> = {},
  metadata: Partial<ObjectMeta> = {},
): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name: 'db', namespace: 'shop', generation: 3, ...metadata },
  ...fields,
})

const workload = (name: string, fields: Record<string, unknown> = {}, kind = 'Deployment'): KubeObject => ({
  apiVersion: 'apps/v1',
  kind,
  metadata: { name, namespace: 'cnpg-system', labels: { app: name }, annotations: { note: 'x' } },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name }, annotations: { token: 'x' } },
      spec: {
        serviceAccountName: 'operator',
        volumes: [{ name: 'tls', secret: { secretName: 'tls' } }],
        containers: [{ name: 'manager', image: 'ghcr.io/x/y:1', env: [{ name: 'A', value: 'b' }], command: ['/m'] }],
      },
    },
  },
  status: { availableReplicas: 2 },
  ...fields,
})

const CLUSTER = custom(CNPG, 'Cluster')
const [POSTGRES] = operatorsFor([CLUSTER, CLUSTER, custom('v1', 'ConfigMap'), custom('example.test/v1', 'Cup')])

describe('who acts on custom resources', () => {
  const operators = POSTGRES === undefined ? [] : [POSTGRES]
  test('known operators, each once', () => {
    expect(operators).toEqual([operatorOf(CLUSTER)])
  })

  test.each<[string, readonly KubeObject[] | undefined, readonly KubeObject[], string[], boolean]>([
    ['one that runs', [workload('cnpg-controller-manager'), workload('web')], [], ['cnpg-controller-manager'], false],
    ['none', [workload('web')], [], [], true],
    ['one without a pod', [workload('cnpg-controller-manager', { status: {} })], [], ['cnpg-controller-manager'], true],
    ['nobody may look', undefined, [], ['cnpg-controller-manager'], false],
    ["the project's own", [], [workload('cnpg-controller-manager')], [], false],
  ])('%s', (_, everywhere, own, names, idle) => {
    const actors = actorsAmong(operators, everywhere, own)
    expect(actors.workloads.map(({ metadata }) => metadata.name)).toEqual(names)
    expect(isIdle(actors, CLUSTER)).toBe(idle)
    expect(isIdle(actors, custom('example.test/v1', 'Cup'))).toBe(false)
  })

  test('a stand-in has its name, labels and images, and nothing that it could lack', () => {
    expect(operatorLike(workload('cnpg-controller-manager'))).toEqual({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: {
        name: 'cnpg-controller-manager',
        namespace: 'cnpg-system',
        labels: { app: 'cnpg-controller-manager' },
      },
      spec: {
        replicas: 1,
        selector: { matchLabels: { app: 'cnpg-controller-manager' } },
        template: {
          metadata: { labels: { app: 'cnpg-controller-manager' } },
          spec: { containers: [{ name: 'manager', image: 'ghcr.io/x/y:1' }], tolerations: [{ operator: 'Exists' }] },
        },
      },
    })
  })

  test('one that does not run there does not run here', () => {
    const down = workload('cnpg-controller-manager', { status: { availableReplicas: 0 } })
    expect(JSON.stringify(operatorLike(down))).toContain('"sandbox.forge.api-forge.io/fail":"image-pull"')
    const spec = { ...(down['spec'] as object), replicas: 0 }
    expect(operatorLike({ ...down, spec })).toMatchObject({ spec: { replicas: 0 } })
    expect([down, workload('web')].map(runs)).toEqual([false, true])
  })
})

describe('what an operator says', () => {
  const healthy = { phase: 'Cluster in healthy state', instances: 1, readyInstances: 1, image: 'pg:17' }
  const asked = custom(CNPG, 'Cluster', { spec: { instances: 3, imageName: 'pg:18' } })

  test('of a database that is whole: that it has become what is asked', () => {
    const said = statusesFor(asked, custom(CNPG, 'Cluster', { spec: { instances: 1 }, status: healthy }), NOW)
    expect(said.map(({ status }) => status)).toEqual([{ ...healthy, instances: 3, readyInstances: 3, image: 'pg:18' }])
  })

  test('of one that is not: what it said', () => {
    const broken = { ...healthy, readyInstances: 0, phase: 'Not enough disk space' }
    const said = statusesFor(asked, custom(CNPG, 'Cluster', { status: broken }), NOW)
    expect(said.map(({ status }) => status)).toEqual([broken])
  })

  test('the same again is written anew, and what nobody spoke of stays so', () => {
    const live = custom(CNPG, 'Cluster', { spec: { instances: 1 }, status: healthy })
    expect(statusesFor(live, live, NOW).map(({ status }) => status)).toEqual([{}, healthy])
    expect(statusesFor(asked, custom(CNPG, 'Cluster'), NOW)).toEqual([])
  })

  test('a condition of the spec of now is one of the spec that is new', () => {
    const conditions = [{ type: 'Ready', status: 'False', observedGeneration: 7 }]
    const live = custom('cert-manager.io/v1', 'Certificate', { status: { conditions } }, { generation: 7 })
    const [said] = statusesFor(custom('cert-manager.io/v1', 'Certificate'), live, NOW)
    expect(said?.['status']).toEqual({ conditions: [{ type: 'Ready', status: 'False', observedGeneration: 3 }] })
  })

  test.each<[string, KubeObject, unknown]>([
    [
      'a database',
      asked,
      { phase: 'Cluster in healthy state', readyInstances: 3, image: 'pg:18', currentPrimary: 'db-1' },
    ],
    ['what is applied', custom(CNPG, 'Database'), { applied: true, observedGeneration: 3 }],
    ['an ExternalSecret', custom('external-secrets.io/v1', 'ExternalSecret'), { syncedResourceVersion: '3-rehearsed' }],
    ['an Application', custom('argoproj.io/v1alpha1', 'Application'), { sync: { status: 'Synced' } }],
    [
      'a SealedSecret',
      custom('bitnami.com/v1alpha1', 'SealedSecret'),
      { conditions: [{ type: 'Synced', status: 'True' }] },
    ],
    [
      'any other',
      custom('example.test/v1', 'Cup'),
      { observedGeneration: 3, conditions: [{ type: 'Ready', status: 'True', observedGeneration: 3 }] },
    ],
  ])('%s that is new', (_, object, expected) => {
    expect(readyStatus(object, NOW)).toMatchObject(expected as object)
  })

  test('one that is to sleep sleeps', () => {
    const sleepy = custom(CNPG, 'Cluster', {}, { annotations: { 'cnpg.io/hibernation': 'on' } })
    expect(readyStatus(sleepy, NOW)).toMatchObject({
      conditions: [{}, { type: 'cnpg.io/hibernation', status: 'True' }],
    })
  })
})

test('a status is beside the spec where the definition says so, and where nobody knows', () => {
  const definition = (subresources: object): KubeObject =>
    custom('apiextensions.k8s.io/v1', 'CustomResourceDefinition', {
      spec: { group: 'postgresql.cnpg.io', names: { kind: 'Cluster' }, versions: [{ name: 'v1', subresources }] },
    })
  expect([[definition({ status: {} })], [definition({})], []].map((all) => keepsStatus(CLUSTER, all))).toEqual([
    true,
    false,
    true,
  ])
})

test('a definition serves the versions that it says', () => {
  const versions = [
    { name: 'v1', served: true },
    { name: 'v1beta1', served: false },
  ]
  const spec = { group: 'example.test', names: { kind: 'Cup' }, versions }
  expect(servedBy(custom('apiextensions.k8s.io/v1', 'CustomResourceDefinition', { spec }))).toEqual([
    { apiVersion: 'example.test/v1', kind: 'Cup' },
  ])
})
