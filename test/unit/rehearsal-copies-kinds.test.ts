import { describe, expect, test } from '@jest/globals'
import type { ApiResource, KubeObject } from '../../src/domain/kube.ts'
import { inRanks, isLeftOut, keepsStatus } from '../../src/domain/rehearsal/kinds.ts'
import { isCopied, notRehearsed, type Found } from '../../src/domain/rehearsal/not-rehearsed.ts'

const object = (kind: string, fields: Record<string, unknown> = {}, name = 'one', apiVersion = 'v1'): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name, namespace: 'shop' },
  ...fields,
})

const CNPG = 'postgresql.cnpg.io/v1'

test('what others need is created first, and what refuses last', () => {
  const kinds: [string, string?][] = [
    ['ResourceQuota'],
    ['ValidatingAdmissionPolicyBinding', 'admissionregistration.k8s.io/v1'],
    ['Cluster', CNPG],
    ['LimitRange'],
    ['Job', 'batch/v1'],
    ['Deployment', 'apps/v1'],
    ['Service'],
    ['RoleBinding', 'rbac.authorization.k8s.io/v1'],
    ['Role', 'rbac.authorization.k8s.io/v1'],
    ['ServiceAccount'],
    ['ConfigMap'],
    ['Namespace'],
    ['CustomResourceDefinition', 'apiextensions.k8s.io/v1'],
    ['ValidatingAdmissionPolicy', 'admissionregistration.k8s.io/v1'],
    ['PersistentVolumeClaim'],
    ['Node'],
  ]
  expect(
    inRanks(
      kinds.map(([kind, apiVersion]) => object(kind, {}, 'one', apiVersion)),
      (one) => one,
    )
      .flat()
      .map(({ kind }) => kind),
  ).toEqual([
    ...['Namespace', 'CustomResourceDefinition', 'Node', 'ServiceAccount', 'Role', 'RoleBinding', 'ConfigMap'],
    ...['PersistentVolumeClaim', 'Service', 'Deployment', 'Job', 'Cluster'],
    ...['ValidatingAdmissionPolicy', 'ValidatingAdmissionPolicyBinding', 'LimitRange', 'ResourceQuota'],
  ])
})

test.each<[string, KubeObject, boolean]>([
  [
    'a pod of a workload',
    {
      ...object('Pod'),
      metadata: {
        name: 'p',
        ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'r', uid: 'u', controller: true }],
      },
    },
    true,
  ],
  ['a pod alone', object('Pod'), false],
  ['the ServiceAccount of a namespace', object('ServiceAccount', {}, 'default'), true],
  ['another', object('ServiceAccount', {}, 'web'), false],
  ["the cluster's certificate", object('ConfigMap', {}, 'kube-root-ca.crt'), true],
  ['a priority of the cluster', object('PriorityClass', {}, 'system-node-critical'), true],
  ['an aggregated API of a release', object('APIService'), false],
])('%s is left out: %#', (_, given, expected) => {
  expect(isLeftOut(given)).toBe(expected)
})

test.each<[string, KubeObject, boolean]>([
  ['a custom resource', object('Cluster', { status: {} }, 'db', CNPG), true],
  ['one of which nothing was said', object('Cluster', {}, 'db', CNPG), false],
  ['a load balancer', object('Service', { spec: { type: 'LoadBalancer' }, status: {} }), true],
  ['a Service', object('Service', { spec: { type: 'ClusterIP' }, status: {} }), false],
  ['a Deployment', object('Deployment', { status: {} }, 'web', 'apps/v1'), false],
])('%s says here what it said there: %#', (_, given, expected) => {
  expect(keepsStatus(given)).toBe(expected)
})

describe('what is told', () => {
  const resources: ApiResource[] = [
    { apiVersion: 'apps/v1', kind: 'Deployment', plural: 'deployments', namespaced: true, verbs: [] },
    { apiVersion: CNPG, kind: 'Cluster', plural: 'clusters', namespaced: true, verbs: [] },
  ]
  const web = object('Deployment', { spec: { template: { spec: {} } } }, 'web', 'apps/v1')
  const nothing: Found = {
    namespaces: [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop', labels: { tier: 'a' } } }],
    objects: [web],
    definitions: [],
    webhooks: [],
    policies: [],
    resources,
    given: [],
    actors: { workloads: [], idle: [] },
    open: [],
  }
  const webhook = (name: string, rule: Record<string, unknown>, namespaceSelector?: unknown): KubeObject =>
    object(
      'ValidatingWebhookConfiguration',
      {
        webhooks: [
          {
            name,
            namespaceSelector,
            rules: [{ operations: ['CREATE'], apiGroups: [''], resources: ['pods'], ...rule }],
          },
        ],
      },
      name,
    )
  const policy = (fields: Record<string, unknown>): KubeObject =>
    object('ValidatingAdmissionPolicy', { spec: fields }, 'guard')
  test.each<[string, Partial<Found>, string[]]>([
    ['nothing', {}, []],
    [
      'a webhook for pods',
      { webhooks: [webhook('kyverno', {})] },
      ['no webhook is called: ValidatingWebhookConfiguration/kyverno'],
    ],
    [
      'one for all',
      { webhooks: [webhook('all', { apiGroups: ['*'], resources: ['*/*'] })] },
      ['no webhook is called: ValidatingWebhookConfiguration/all'],
    ],
    [
      'one for what is not there',
      { webhooks: [webhook('cnpg', { apiGroups: ['postgresql.cnpg.io'], resources: ['clusters'] })] },
      [],
    ],
    ['one for other namespaces', { webhooks: [webhook('a', {}, { matchLabels: { tier: 'b' } })] }, []],
    [
      'one for this',
      { webhooks: [webhook('a', {}, { matchLabels: { 'kubernetes.io/metadata.name': 'shop' } })] },
      ['no webhook is called: ValidatingWebhookConfiguration/a'],
    ],
    [
      'many',
      { webhooks: ['a', 'b', 'c', 'd', 'e'].map((name) => webhook(name, {})) },
      [
        'no webhook is called: ValidatingWebhookConfiguration/a, ValidatingWebhookConfiguration/b, ValidatingWebhookConfiguration/c, and 2 more',
      ],
    ],
    [
      'a policy with parameters',
      { policies: [policy({ paramKind: { kind: 'ConfigMap' } })] },
      ['policies with parameters are not copied: ValidatingAdmissionPolicy/guard'],
    ],
    ['a policy', { policies: [policy({})] }, []],
    [
      'a policy that changes',
      { policies: [object('MutatingAdmissionPolicy', {}, 'label')] },
      ['mutating policies do not act: MutatingAdmissionPolicy/label'],
    ],
    [
      'custom resources',
      { objects: [object('Cluster', {}, 'a', CNPG), object('Cluster', {}, 'b', CNPG)] },
      ['operators do not act, and what they look after is taken for ready: Cluster.postgresql.cnpg.io'],
    ],
    [
      'Secrets that something makes',
      {
        given: [
          {
            ...{ namespace: 'shop', name: 'db-app', data: {}, isRendered: false },
            makers: [1, 2].map(() => ({ apiVersion: CNPG, kind: 'Cluster', name: 'db' })),
          },
        ],
      },
      ['Secrets that something makes meanwhile are made up: db-app (Cluster/db)'],
    ],
    [
      'a load balancer',
      { objects: [object('Service', { spec: { type: 'LoadBalancer' } }, 'edge')] },
      ['load balancers get no new address: Service/edge'],
    ],
    [
      'an autoscaler',
      { objects: [object('HorizontalPodAutoscaler', {}, 'web')] },
      ['autoscalers have no metrics: HorizontalPodAutoscaler/web'],
    ],
  ])('%s', (_, more, expected) => {
    expect(notRehearsed({ ...nothing, ...more })).toEqual(expected)
  })
  test('policies that need nothing else are copied', () => {
    expect([policy({}), policy({ paramKind: {} }), object('MutatingAdmissionPolicy')].map(isCopied)).toEqual([
      true,
      false,
      false,
    ])
  })
})
