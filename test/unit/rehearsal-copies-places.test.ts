import { describe, expect, test } from '@jest/globals'
import type { KubeObject } from '../../src/domain/kube.ts'
import {
  classLike,
  definitionLike,
  namespaceLike,
  nodeLike,
  quotaRoom,
  volumeFor,
} from '../../src/domain/rehearsal/places.ts'

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

test.each<[string, Record<string, string>, Record<string, string>, Record<string, string>]>([
  ['nobody else', { cpu: '2' }, { cpu: '2' }, { cpu: '4' }],
  ['others', { cpu: '3500m' }, { cpu: '2' }, { cpu: '2500m' }],
  ['less than is used here', { cpu: '1' }, { cpu: '2' }, { cpu: '4' }],
  ['more than is allowed', { cpu: '9' }, { cpu: '1' }, { cpu: '0' }],
])('a quota of which %s use some', (_, before, used, left) => {
  const quota = object('ResourceQuota', {
    spec: { hard: { cpu: '4', 'requests.memory': '8Gi' }, scopes: ['NotTerminating'] },
    status: { used: before },
  })
  expect(quotaRoom(quota, used)).toEqual(
    object('ResourceQuota', { spec: { hard: { ...left, 'requests.memory': '8Gi' }, scopes: ['NotTerminating'] } }),
  )
})
