import { describe, expect, test } from '@jest/globals'
import type { KubeObject, ManagedFields, ObjectMeta } from '../../src/domain/kube.ts'
import { withValues } from '../../src/domain/plan/preserved.ts'
import { forCreation } from '../../src/domain/rehearsal/copies.ts'
import { fittings, NEVER_ASKED, withoutInjection } from '../../src/domain/rehearsal/fittings.ts'

const object = (kind: string, fields: Record<string, unknown>, metadata: Partial<ObjectMeta> = {}): KubeObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name: 'web', namespace: 'shop', ...metadata },
  ...fields,
})
const spec = (copy: KubeObject): unknown => copy['spec']
const owns = (manager: string, fieldsV1: unknown, more: Partial<ManagedFields> = {}): ManagedFields =>
  ({
    manager,
    operation: 'Apply',
    apiVersion: 'v1',
    fieldsType: 'FieldsV1',
    fieldsV1,
    ...more,
  }) as ManagedFields

test('what the server sets is left out, with the marks of controllers and owners that are not there', () => {
  const live = object(
    'ConfigMap',
    { data: { a: 'b' }, status: { any: 1 } },
    {
      uid: 'u',
      resourceVersion: '7',
      generation: 3,
      creationTimestamp: '2026-01-01T00:00:00Z',
      deletionTimestamp: '2026-01-02T00:00:00Z',
      labels: { app: 'web' },
      annotations: { note: 'x', 'kubectl.kubernetes.io/last-applied-configuration': '{"data":{"secret":"s"}}' },
      ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'p', uid: 'q' }],
      finalizers: ['example.test/wait'],
      managedFields: [owns('helm', {})],
    },
  )
  const wide = { ...live, metadata: { ...live.metadata, selfLink: '/api', generateName: 'web-' } }
  expect(forCreation(wide)).toEqual(
    object('ConfigMap', { data: { a: 'b' } }, { labels: { app: 'web' }, annotations: { note: 'x' } }),
  )
})

describe('Service', () => {
  const live = (fields: Record<string, unknown>, metadata: Partial<ObjectMeta> = {}): KubeObject =>
    object(
      'Service',
      { spec: { selector: { app: 'web' }, clusterIP: '10.96.3.4', clusterIPs: ['10.96.3.4'], ...fields } },
      metadata,
    )
  const stated = { managedFields: [owns('helm', { 'f:spec': { 'f:clusterIP': {} } })] }
  const base = { selector: { app: 'web' } }
  test.each<[string, KubeObject, Record<string, unknown>]>([
    [
      'an address of the cluster',
      live({ ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack' }),
      { ...base, ipFamilyPolicy: 'SingleStack' },
    ],
    ['no address', live({ clusterIP: 'None', clusterIPs: ['None'] }), { ...base, clusterIP: 'None' }],
    ['a stated address', live({}, stated), { ...base, clusterIP: '10.96.3.4' }],
    ['a stated one of another network', live({ clusterIP: '172.20.0.9' }, stated), base],
    ['a stated one that the API server of a sandbox has', live({ clusterIP: '10.96.0.1' }, stated), base],
    [
      'node ports',
      live({ ports: [{ port: 80, nodePort: 30_080 }] }),
      { ...base, ports: [{ port: 80, nodePort: 30_080 }] },
    ],
    ['node ports elsewhere', live({ ports: [{ port: 80, nodePort: 80 }] }), { ...base, ports: [{ port: 80 }] }],
    ['a port for health checks', live({ healthCheckNodePort: 31_000 }), { ...base, healthCheckNodePort: 31_000 }],
    [
      'two families',
      live({ ipFamilies: ['IPv6', 'IPv4'], ipFamilyPolicy: 'RequireDualStack' }),
      { ...base, ipFamilyPolicy: 'PreferDualStack' },
    ],
    [
      'two families of what has no pods',
      live({
        selector: undefined,
        clusterIP: 'None',
        ipFamilies: ['IPv6', 'IPv4'],
        ipFamilyPolicy: 'RequireDualStack',
      }),
      { clusterIP: 'None', ipFamilies: ['IPv6', 'IPv4'], ipFamilyPolicy: 'RequireDualStack' },
    ],
  ])('%s', (_, given, expected) => {
    expect(JSON.parse(JSON.stringify(spec(forCreation(given))))).toEqual(expected)
  })
})

describe('Job', () => {
  const labels = {
    app: 'web',
    'controller-uid': 'u',
    'batch.kubernetes.io/controller-uid': 'u',
    'job-name': 'web',
    'batch.kubernetes.io/job-name': 'web',
  }
  const live = (manualSelector: boolean | undefined): KubeObject =>
    object(
      'Job',
      { spec: { manualSelector, selector: { matchLabels: { a: 'b' } }, template: { metadata: { labels }, spec: {} } } },
      { labels },
    )
  test('what was made for it is made anew', () => {
    expect(forCreation(live(undefined))).toEqual(
      object(
        'Job',
        { spec: { template: { metadata: { labels: { app: 'web' } }, spec: {} } } },
        { labels: { app: 'web' } },
      ),
    )
  })
  test('one with a selector of its own keeps it', () => {
    expect(spec(forCreation(live(true)))).toEqual(spec(live(true)))
  })
})

test.each<[string, KubeObject, unknown]>([
  [
    'a claim',
    object(
      'PersistentVolumeClaim',
      { spec: { volumeName: 'pvc-1', storageClassName: 'fast' } },
      {
        annotations: {
          'pv.kubernetes.io/bind-completed': 'yes',
          'pv.kubernetes.io/bound-by-controller': 'yes',
          'volume.kubernetes.io/storage-provisioner': 'ebs',
          'volume.beta.kubernetes.io/storage-provisioner': 'ebs',
          'volume.kubernetes.io/selected-node': 'node-9',
          'helm.sh/resource-policy': 'keep',
        },
        finalizers: ['kubernetes.io/pvc-protection'],
      },
    ),
    object(
      'PersistentVolumeClaim',
      { spec: { storageClassName: 'fast' } },
      { annotations: { 'helm.sh/resource-policy': 'keep' } },
    ),
  ],
  [
    'a claim that names its volume',
    object(
      'PersistentVolumeClaim',
      { spec: { volumeName: 'nfs' } },
      { managedFields: [owns('helm', { 'f:spec': { 'f:volumeName': {} } })] },
    ),
    object('PersistentVolumeClaim', { spec: { volumeName: 'nfs' } }),
  ],
  [
    'a volume',
    object('PersistentVolume', {
      spec: { claimRef: { name: 'data', namespace: 'shop', uid: 'u', resourceVersion: '4' }, nfs: {} },
    }),
    object('PersistentVolume', { spec: { claimRef: { name: 'data', namespace: 'shop' }, nfs: {} } }),
  ],
  [
    'a Deployment',
    object('Deployment', { spec: { replicas: 2 } }, { annotations: { 'deployment.kubernetes.io/revision': '7' } }),
    object('Deployment', { spec: { replicas: 2 } }),
  ],
  [
    'a ServiceAccount',
    object('ServiceAccount', {
      secrets: [{ name: 'web-token-x7k2p' }, { name: 'web-dockercfg-abcde' }, { name: 'mine' }],
    }),
    object('ServiceAccount', { secrets: [{ name: 'mine' }] }),
  ],
  [
    'one with nothing of its own',
    object('ServiceAccount', { secrets: [{ name: 'web-token-x7k2p' }] }),
    object('ServiceAccount', {}),
  ],
  [
    'a token',
    object(
      'Secret',
      { type: 'kubernetes.io/service-account-token', data: { token: 't' } },
      { annotations: { 'kubernetes.io/service-account.name': 'web', 'kubernetes.io/service-account.uid': 'u' } },
    ),
    object(
      'Secret',
      { type: 'kubernetes.io/service-account-token' },
      { annotations: { 'kubernetes.io/service-account.name': 'web' } },
    ),
  ],
  [
    'a HorizontalPodAutoscaler of an older version',
    object(
      'HorizontalPodAutoscaler',
      { spec: {}, status: {} },
      { annotations: { 'autoscaling.alpha.kubernetes.io/conditions': '[]', mine: '1' } },
    ),
    object('HorizontalPodAutoscaler', { spec: {} }, { annotations: { mine: '1' } }),
  ],
  [
    'a pod',
    object('Pod', {
      spec: {
        nodeName: 'node-9',
        priority: 0,
        preemptionPolicy: 'PreemptLowerPriority',
        ephemeralContainers: [{ name: 'debug' }],
        containers: [{ name: 'c', volumeMounts: [{ name: 'kube-api-access-x7k2p' }, { name: 'data' }] }],
        volumes: [{ name: 'kube-api-access-x7k2p' }, { name: 'data' }],
      },
    }),
    object('Pod', {
      spec: { containers: [{ name: 'c', volumeMounts: [{ name: 'data' }] }], volumes: [{ name: 'data' }] },
    }),
  ],
])('%s', (_, live, expected) => {
  expect(forCreation(live)).toEqual(expected)
})

describe('what does not fit, in copies and in what is rendered', () => {
  const inject = { 'vault.hashicorp.com/agent-inject': 'true', 'vault.hashicorp.com/role': 'shop' }
  const template = { metadata: { annotations: inject }, spec: {} }
  const off = { ...template, metadata: { annotations: { ...inject, 'vault.hashicorp.com/agent-inject': 'false' } } }
  const hook = (more: object): Record<string, unknown> => ({ webhooks: [{ name: 'a.example.test', ...more }] })
  test.each<[string, KubeObject, KubeObject]>([
    [
      'a Deployment that asks for an agent',
      object('Deployment', { spec: { template } }),
      object('Deployment', { spec: { template: off } }),
    ],
    [
      'a CronJob',
      object('CronJob', { spec: { jobTemplate: { spec: { template } } } }),
      object('CronJob', { spec: { jobTemplate: { spec: { template: off } } } }),
    ],
    ['a pod', object('Pod', {}, { annotations: inject }), object('Pod', {}, { annotations: off.metadata.annotations })],
    [
      'what asks for none',
      object('Deployment', { spec: { template: off } }),
      object('Deployment', { spec: { template: off } }),
    ],
    [
      'a webhook',
      object('ValidatingWebhookConfiguration', hook({})),
      object('ValidatingWebhookConfiguration', hook({ matchConditions: NEVER_ASKED })),
    ],
    [
      'a conversion',
      object('CustomResourceDefinition', {
        spec: { group: 'a', conversion: { strategy: 'Webhook', webhook: { clientConfig: { caBundle: 'x' } } } },
      }),
      object('CustomResourceDefinition', { spec: { group: 'a', conversion: { strategy: 'None' } } }),
    ],
    [
      'a hook that would be gone before helm has looked',
      object('Job', { spec: { ttlSecondsAfterFinished: 0 } }, { annotations: { 'helm.sh/hook': 'pre-install' } }),
      object('Job', { spec: { ttlSecondsAfterFinished: 10 } }, { annotations: { 'helm.sh/hook': 'pre-install' } }),
    ],
    [
      'a hook that stays long enough',
      object('Job', { spec: { ttlSecondsAfterFinished: 60 } }, { annotations: { 'helm.sh/hook': 'pre-install' } }),
      object('Job', { spec: { ttlSecondsAfterFinished: 60 } }, { annotations: { 'helm.sh/hook': 'pre-install' } }),
    ],
    [
      'a Job that helm does not wait for',
      object('Job', { spec: { ttlSecondsAfterFinished: 0 } }),
      object('Job', { spec: { ttlSecondsAfterFinished: 0 } }),
    ],
    ['what nobody would let go', object('Cluster', {}, { finalizers: ['example.test/wait'] }), object('Cluster', {})],
  ])('%s', (_, given, expected) => {
    expect(withValues(given, fittings(given))).toEqual(expected)
    expect(fittings(expected)).toEqual(fittings(expected).filter(({ path }) => path.startsWith('webhooks')))
  })
  test('the path is that of an annotation', () => {
    expect(withoutInjection(object('StatefulSet', { spec: { template } }))).toEqual([
      { path: "spec.template.metadata.annotations.'vault.hashicorp.com/agent-inject'", value: 'false' },
    ])
  })
})
