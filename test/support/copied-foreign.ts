import type { KubeObject, ObjectMeta } from '../../src/domain/kube.ts'

/** As a cluster has it that has an operator, webhooks and volumes of another kind; none of that is where copies are made. */
const object = (
  apiVersion: string,
  kind: string,
  metadata: ObjectMeta,
  fields: Record<string, unknown>,
): KubeObject => ({
  apiVersion,
  kind,
  metadata: {
    uid: '00000000-0000-4000-8000-000000000001',
    resourceVersion: '4711',
    creationTimestamp: '2026-01-01T00:00:00Z',
    generation: 7,
    ...metadata,
  },
  ...fields,
})

const version = (name: string, storage: boolean): Record<string, unknown> => ({
  name,
  storage,
  served: true,
  subresources: { status: {} },
  schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
})
const webhook = { service: { namespace: 'operators', name: 'gone', path: '/convert' } }

export const DEFINITION = object(
  'apiextensions.k8s.io/v1',
  'CustomResourceDefinition',
  { name: 'kettles.copies.example.test' },
  {
    spec: {
      group: 'copies.example.test',
      scope: 'Namespaced',
      names: { kind: 'Kettle', plural: 'kettles', singular: 'kettle', listKind: 'KettleList' },
      versions: [version('v1', true), version('v1beta1', false)],
      conversion: { strategy: 'Webhook', webhook: { clientConfig: webhook, conversionReviewVersions: ['v1'] } },
    },
    status: { storedVersions: ['v1'] },
  },
)

export const WEBHOOKS = object(
  'admissionregistration.k8s.io/v1',
  'ValidatingWebhookConfiguration',
  { name: 'refuses' },
  {
    webhooks: [
      {
        name: 'configmaps.copies.example.test',
        clientConfig: { service: { ...webhook.service, path: '/validate' } },
        rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['*'], resources: ['configmaps'] }],
        failurePolicy: 'Fail',
        sideEffects: 'None',
        admissionReviewVersions: ['v1'],
      },
    ],
  },
)

export const kettle = (namespace: string): KubeObject =>
  object(
    'copies.example.test/v1',
    'Kettle',
    { name: 'kettle', namespace, finalizers: ['copies.example.test/boiling'] },
    {
      spec: { litres: 2 },
      status: { observedGeneration: 7, conditions: [{ type: 'Ready', status: 'True', observedGeneration: 7 }] },
    },
  )

export const staticClaim = (namespace: string): KubeObject =>
  object(
    'v1',
    'PersistentVolumeClaim',
    {
      name: 'films',
      namespace,
      annotations: { 'pv.kubernetes.io/bind-completed': 'yes' },
      finalizers: ['kubernetes.io/pvc-protection'],
    },
    {
      spec: {
        storageClassName: 'manual',
        accessModes: ['ReadWriteMany'],
        resources: { requests: { storage: '1Gi' } },
        volumeName: 'nas-films',
        volumeMode: 'Filesystem',
      },
      status: { phase: 'Bound', capacity: { storage: '2Gi' } },
    },
  )

/** A pod of a node; it asks for this much of it. */
export const podAsking = (name: string, namespace: string, cpu: string, node: string): KubeObject => {
  const token = 'kube-api-access-x7k2p'
  return object(
    'v1',
    'Pod',
    { name, namespace },
    {
      spec: {
        nodeName: node,
        nodeSelector: { disk: 'ssd' },
        priority: 0,
        preemptionPolicy: 'PreemptLowerPriority',
        containers: [
          {
            name: 'main',
            image: 'example.test/main:1',
            resources: { requests: { cpu } },
            volumeMounts: [{ name: token, mountPath: '/token' }],
          },
        ],
        volumes: [
          {
            name: token,
            projected: { sources: [{ serviceAccountToken: { path: 'token', expirationSeconds: 3607 } }] },
          },
        ],
      },
      status: { phase: 'Running' },
    },
  )
}

export const nodeWithDisk = object(
  'v1',
  'Node',
  { name: 'disk-1', labels: { disk: 'ssd' } },
  {
    spec: { podCIDR: '10.9.0.0/24', providerID: 'cloud:///disk-1' },
    status: {
      capacity: { cpu: '4', memory: '8Gi', pods: '110' },
      allocatable: { cpu: '3900m', memory: '7Gi', pods: '110' },
      conditions: [{ type: 'Ready', status: 'True' }],
      addresses: [{ type: 'InternalIP', address: '192.0.2.9' }],
    },
  },
)
