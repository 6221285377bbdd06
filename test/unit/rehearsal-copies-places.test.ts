import { describe, expect, test } from '@jest/globals'
import type { KubeObject } from '../../src/domain/kube.ts'
import {
  claimTo,
  classLike,
  definitionLike,
  limitsGiven,
  namespaceLike,
  nodeLike,
  quotaRoom,
  volumeFor,
} from '../../src/domain/rehearsal/places.ts'
import { othersAmong } from '../../src/domain/rehearsal/rooms.ts'

const object = (kind: string, fields: Record<string, unknown> = {}, name = 'one', apiVersion = 'v1'): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name, namespace: 'shop' },
  ...fields,
})

describe('a node', () => {
  const node = (spec: unknown, status: Record<string, unknown> = {}): KubeObject => ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: 'ip-10-1-2-3',
      uid: 'u',
      labels: { zone: 'a' },
      annotations: { 'csi.volume.kubernetes.io/nodeid': '{}' },
    },
    spec,
    status: {
      capacity: { cpu: '8', memory: '32Gi', pods: '110' },
      allocatable: { cpu: '7910m', memory: '31Gi', pods: '110' },
      addresses: [{ type: 'InternalIP', address: '10.1.2.3' }],
      nodeInfo: { architecture: 'arm64', operatingSystem: 'linux', machineID: 'm' },
      images: [{ names: ['registry.example.test/secret'] }],
      ...status,
    },
  })
  const pod = (containers: unknown, more: Record<string, unknown> = {}, phase = 'Running'): KubeObject =>
    object('Pod', { spec: { containers, ...more }, status: { phase } })
  const asks = (cpu: string, memory = '1Gi'): unknown => ({ name: 'c', resources: { requests: { cpu, memory } } })

  test('stands there under its name, with nothing that leads to the other', () => {
    const copy = nodeLike(
      node({
        podCIDR: '10.2.0.0/24',
        providerID: 'aws:///i-1',
        taints: [{ key: 'dedicated', value: 'db', effect: 'NoSchedule' }],
      }),
      [],
      251,
    )
    expect(copy).toEqual({
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: 'ip-10-1-2-3', labels: { zone: 'a' } },
      spec: { taints: [{ key: 'dedicated', value: 'db', effect: 'NoSchedule' }] },
      status: {
        capacity: { cpu: '8', memory: '32Gi', pods: '110' },
        allocatable: { cpu: '7910m', memory: '31Gi', pods: '110' },
        addresses: [
          { type: 'Hostname', address: 'ip-10-1-2-3' },
          { type: 'InternalIP', address: '10.240.2.2' },
        ],
        nodeInfo: { architecture: 'arm64', operatingSystem: 'linux' },
      },
    })
  })

  test.each<[string, readonly KubeObject[], Record<string, string>]>([
    ['nobody', [], { cpu: '7910m', memory: '31Gi', pods: '110' }],
    ['one pod', [pod([asks('910m')])], { cpu: '7', memory: String(30 * 2 ** 30), pods: '109' }],
    ['one that has ended', [pod([asks('910m')], {}, 'Succeeded')], { cpu: '7910m', memory: '31Gi', pods: '110' }],
    ['two containers', [pod([asks('0.5'), asks('10m')])], { cpu: '7400m', memory: String(29 * 2 ** 30), pods: '109' }],
    [
      'an init container that asks for more',
      [pod([asks('1')], { initContainers: [asks('2', '0')] })],
      { cpu: '5910m', memory: String(30 * 2 ** 30), pods: '109' },
    ],
    [
      'a sidecar, and an init container after it',
      [
        pod([asks('1', '0')], {
          initContainers: [{ ...(asks('1', '0') as object), restartPolicy: 'Always' }, asks('3', '0')],
        }),
      ],
      { cpu: '3910m', memory: '31Gi', pods: '109' },
    ],
    ['a limit alone', [pod([{ resources: { limits: { cpu: '910m' } } }])], { cpu: '7', memory: '31Gi', pods: '109' }],
    [
      'a pod as a whole, and overhead',
      [pod([asks('1', '0')], { resources: { requests: { cpu: '3' } }, overhead: { cpu: '910m' } })],
      { cpu: '4', memory: '31Gi', pods: '109' },
    ],
    ['more than there is', [pod([asks('9', '0')])], { cpu: '0', memory: '31Gi', pods: '109' }],
  ])('less what %s asks for', (_, others, allocatable) => {
    expect(nodeLike(node({}), others, 0)).toMatchObject({ status: { allocatable } })
  })

  test.each<[string, KubeObject, unknown]>([
    [
      'cordoned',
      node({ unschedulable: true, taints: [{ key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }] }),
      { unschedulable: true },
    ],
    ['not ready', node({}, { conditions: [{ type: 'Ready', status: 'Unknown' }] }), { unschedulable: true }],
    ['ready', node({}, { conditions: [{ type: 'Ready', status: 'True' }] }), {}],
    [
      'under pressure',
      node({ taints: [{ key: 'node.kubernetes.io/disk-pressure', effect: 'NoSchedule' }] }),
      { unschedulable: true },
    ],
  ])('%s', (_, given, spec) => {
    expect(nodeLike(given, [], 0)['spec']).toEqual(spec)
  })
})

test('a class, a definition, a namespace', () => {
  const storage = object('StorageClass', {
    provisioner: 'ebs.csi.aws.com',
    parameters: { type: 'gp3' },
    volumeBindingMode: 'Immediate',
    reclaimPolicy: 'Retain',
    allowVolumeExpansion: true,
  })
  expect(classLike(storage)).toEqual({ ...storage, provisioner: 'sandbox.forge.api-forge.io/claims' })
  const definition = object('CustomResourceDefinition', {
    spec: { group: 'a', conversion: { strategy: 'Webhook', webhook: {} } },
    status: { storedVersions: ['v1'] },
  })
  expect(definitionLike(definition)).toEqual(
    object('CustomResourceDefinition', { spec: { group: 'a', conversion: { strategy: 'None' } } }),
  )
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted', 'kustomize.toolkit.fluxcd.io/name': 'apps' }
  expect(
    namespaceLike({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'shop', labels, finalizers: ['x'] },
      spec: { finalizers: ['kubernetes'] },
    }),
  ).toEqual({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'shop', labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
  })
})

test.each<[string, Record<string, unknown>, boolean]>([
  ['a class that is there', { storageClassName: 'fast', volumeName: 'v' }, false],
  ['no class', { storageClassName: '', volumeName: 'v' }, true],
  ['the name of none', { storageClassName: 'manual', volumeName: 'v' }, true],
  ['no volume yet', { storageClassName: 'manual' }, false],
  ['a class, with a volume that its manifest names', { storageClassName: 'fast', volumeName: 'v' }, true],
])('a claim of %s', (what, spec, isMade) => {
  const claim = object('PersistentVolumeClaim', {
    spec: { ...spec, accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  })
  const isStated = what.includes('names')
  const managedFields = isStated ? [{ manager: 'helm', fieldsV1: { 'f:spec': { 'f:volumeName': {} } } }] : []
  const classes = [object('StorageClass', {}, 'fast')]
  const volume = volumeFor({ ...claim, metadata: { ...claim.metadata, managedFields } }, classes)
  expect(volume?.metadata.name).toBe(isMade ? 'v' : undefined)
  if (isMade)
    expect(volume).toMatchObject({
      spec: { claimRef: { name: 'one', namespace: 'shop' }, capacity: { storage: '1Gi' } },
    })
})

test('a claim keeps a volume that is on some nodes alone, though its class would provision one', () => {
  const claim = object('PersistentVolumeClaim', {
    spec: { storageClassName: 'local', volumeName: 'pvc-1', accessModes: ['ReadWriteOnce'], resources: {} },
    status: { capacity: { storage: '1Gi' } },
  })
  const classes = [object('StorageClass', {}, 'local')]
  const required = { nodeSelectorTerms: [{ matchFields: [] }] }
  const volume = object('PersistentVolume', { spec: { nodeAffinity: { required }, local: { path: '/' } } }, 'pvc-1')
  expect(volumeFor(claim, classes, [volume])).toMatchObject({
    metadata: { name: 'pvc-1' },
    spec: { nodeAffinity: { required }, capacity: { storage: '1Gi' }, claimRef: { name: 'one', namespace: 'shop' } },
  })
  expect(claimTo(claim, [volume])['spec']).toMatchObject({ volumeName: 'pvc-1' })
  expect(volumeFor(claim, classes, [])).toBeUndefined()
  expect(claimTo(claim, [])['spec']).not.toHaveProperty('volumeName')
})

describe('what others leave', () => {
  const pod = (resources: unknown, phase = 'Running'): KubeObject =>
    object('Pod', { spec: { containers: [{ resources }] }, status: { phase } })
  const quota = (hard: Record<string, string>, more: object = {}): KubeObject =>
    object('ResourceQuota', { spec: { hard, ...more }, status: { used: {} } })
  const hard = { cpu: '4', 'requests.memory': '8Gi', 'limits.memory': '9Gi', pods: '10', 'count/secrets': '5' }
  test.each<[string, readonly KubeObject[], Record<string, string>]>([
    ['nobody', [], {}],
    ['one who asks', [pod({ requests: { cpu: '1500m' } })], { cpu: '2500m', pods: '9' }],
    [
      'one with a limit',
      [pod({ limits: { memory: '1Gi' } })],
      { 'requests.memory': String(7 * 2 ** 30), 'limits.memory': String(8 * 2 ** 30), pods: '9' },
    ],
    ['one who has ended', [pod({ requests: { cpu: '1' } }, 'Succeeded')], {}],
    ['more than is allowed', [pod({ requests: { cpu: '9' } })], { cpu: '0', pods: '9' }],
  ])('of a quota: %s', (_, others, left) => {
    expect(quotaRoom(quota(hard), others)).toEqual(object('ResourceQuota', { spec: { hard: { ...hard, ...left } } }))
  })
  test('of a quota of a release', () => {
    const own = quota(hard)
    const annotations = { 'meta.helm.sh/release-name': 'shop' }
    const of = { ...own, metadata: { ...own.metadata, annotations } }
    expect(quotaRoom(of, [pod({ requests: { cpu: '1' } })])['spec']).toEqual(own['spec'])
  })
  test('of a quota for some pods', () => {
    const some = quota(hard, { scopes: ['Terminating'] })
    expect(quotaRoom(some, [pod({ requests: { cpu: '1' } })])['spec']).toEqual(some['spec'])
  })
})

test('a LimitRange gives before it refuses', () => {
  const given = { type: 'Container', default: { cpu: '1' }, defaultRequest: { cpu: '100m' } }
  const range = (...limits: readonly unknown[]): KubeObject => object('LimitRange', { spec: { limits } })
  expect(
    limitsGiven(range({ ...given, max: { cpu: '2' }, min: { cpu: '10m' } }, { type: 'Pod', max: { cpu: '4' } })),
  ).toEqual(object('LimitRange', { spec: { limits: [given] } }, 'one-given'))
  expect(limitsGiven(range({ type: 'PersistentVolumeClaim', max: { storage: '1Gi' } }))).toBeUndefined()
})

test.each<[string, Partial<KubeObject['metadata']>, boolean]>([
  ['of a copied Deployment', by('ReplicaSet', 'web-5d8f', { 'pod-template-hash': '5d8f' }), false],
  ['of another Deployment', by('ReplicaSet', 'db-5d8f', { 'pod-template-hash': '5d8f' }), true],
  ['of a copied StatefulSet', by('StatefulSet', 'db'), false],
  ['of an operator', by('Cluster', 'db'), true],
  ['copied itself', { name: 'shell' }, false],
  ['of nobody', { name: 'other' }, true],
  ['of the same name elsewhere', { ...by('StatefulSet', 'db'), namespace: 'edge' }, true],
])('a pod %s', (_, metadata, isOther) => {
  const copied = [object('Deployment', {}, 'web'), object('StatefulSet', {}, 'db'), object('Pod', {}, 'shell')]
  const pod: KubeObject = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'pod', namespace: 'shop', ...metadata } }
  expect(othersAmong([pod], copied)).toEqual(isOther ? [pod] : [])
})

function by(kind: string, name: string, labels = {}): Partial<KubeObject['metadata']> {
  return { labels, ownerReferences: [{ apiVersion: 'v1', kind, name, uid: 'u', controller: true }] }
}
