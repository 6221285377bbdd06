import { describe, expect, test } from '@jest/globals'
import type { KubeObject, ObjectMeta } from '../../src/domain/kube.ts'
import { differencesBetween, standingOf } from '../../src/domain/rehearsal/standing.ts'

type Meta = Partial<ObjectMeta>

function made(kind: string, name: string, fields: object = {}, metadata: Meta = {}): KubeObject {
  const apiVersion = kind === 'Job' ? 'batch/v1' : kind === 'Deployment' || kind === 'DaemonSet' ? 'apps/v1' : 'v1'
  return { apiVersion, kind, metadata: { name, namespace: 'shop', uid: `uid-${name}`, ...metadata }, ...fields }
}

const app = (image: string, metadata: Meta = {}, more: object = {}, status: object = {}): KubeObject =>
  made(
    'Deployment',
    'app',
    { spec: { template: { spec: { containers: [{ name: 'app', image }] } }, ...more }, status },
    metadata,
  )
const job = (uid: string, command = 'up', labels = {}): KubeObject => {
  const marks = { 'batch.kubernetes.io/controller-uid': uid, 'controller-uid': uid, 'job-name': 'migrate', ...labels }
  const selector = { matchLabels: { 'batch.kubernetes.io/controller-uid': uid } }
  const template = { metadata: { labels: marks }, spec: { containers: [{ name: 'main', command: [command] }] } }
  return made('Job', 'migrate', { spec: { selector, template } }, { uid, labels: marks })
}
const service = (spec: object, uid = 'one'): KubeObject => made('Service', 'app', { spec }, { uid })
const pod = (uid: string, nodeName: string, token: string): KubeObject => {
  const volume = `kube-api-access-${token}`
  const containers = [{ name: 'main', volumeMounts: [{ name: volume, mountPath: '/var/run' }] }]
  return made('Pod', 'once', { spec: { nodeName, containers, volumes: [{ name: volume }] } }, { uid })
}

const sized = (storage: string): KubeObject =>
  made('PersistentVolumeClaim', 'data', { spec: { resources: { requests: { storage } } } })

const told = (before: readonly KubeObject[], after: readonly KubeObject[]): string[] =>
  differencesBetween(standingOf(before), standingOf(after))

describe('is as it was', () => {
  const counted = (value: string): Meta => ({
    annotations: {
      'deployment.kubernetes.io/revision': value,
      'deprecated.daemonset.template.generation': value,
      'forge.api-forge.io/revision': value,
      'forge.api-forge.io/key-revisions': `{"password":${value}}`,
    },
  })
  test.each<[string, KubeObject[], KubeObject[]]>([
    [
      'what the server writes anew each time',
      [app('a:1', { uid: 'one', resourceVersion: '1', generation: 1, creationTimestamp: '2026-11-28T01:00:00Z' })],
      [app('a:1', { uid: 'two', resourceVersion: '9', generation: 3, managedFields: [{ manager: 'helm' }] })],
    ],
    ['numbers of revisions', [app('a:1', counted('1'))], [app('a:1', counted('3'))]],
    ['a status', [app('a:1', {}, {}, { observedGeneration: 1 })], [app('a:1', {}, {}, { observedGeneration: 2 })]],
    ['a Job that ran again', [job('one')], [job('two')]],
    ['a pod that ran again', [pod('one', 'node-1', 'abcde')], [pod('two', 'node-2', 'fghij')]],
    [
      'a Service that was made anew',
      [service({ clusterIP: '10.0.0.1', clusterIPs: ['10.0.0.1'], ports: [{ port: 80 }] })],
      [service({ clusterIP: '10.0.0.2', clusterIPs: ['10.0.0.2'], ports: [{ port: 80 }] }, 'two')],
    ],
    [
      'who owns it, made anew',
      [app('a:1', { ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'root', uid: 'one' }] })],
      [app('a:1', { ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'root', uid: 'two' }] })],
    ],
    [
      'what an autoscaler decides',
      [
        app('a:1', {}, { replicas: 2 }),
        made('HorizontalPodAutoscaler', 'app', { spec: { scaleTargetRef: { kind: 'Deployment', name: 'app' } } }),
      ],
      [
        app('a:1', {}, { replicas: 5 }),
        made('HorizontalPodAutoscaler', 'app', { spec: { scaleTargetRef: { kind: 'Deployment', name: 'app' } } }),
      ],
    ],
    ['a claim that has grown', [sized('1Gi')], [sized('2Gi')]],
    ['a new claim', [], [made('PersistentVolumeClaim', 'data')]],
    [
      'a claim that has got its volume since',
      [made('PersistentVolumeClaim', 'data', { spec: {} })],
      [made('PersistentVolumeClaim', 'data', { spec: { volumeName: 'pv-1' } })],
    ],
    ['what is about to be gone', [], [app('a:1', { deletionTimestamp: '2026-11-28T01:00:00Z' })]],
    ['what is to be kept', [], [made('ConfigMap', 'kept', {}, { annotations: { 'helm.sh/resource-policy': 'keep' } })]],
    ['a hook', [], [made('Job', 'up', {}, { annotations: { 'helm.sh/hook': 'pre-upgrade' } })]],
    ["helm's record", [], [made('Secret', 'sh.helm.release.v1.app.v2', { type: 'helm.sh/release.v1' })]],
    ["forge's journal", [], [made('Secret', 'forge-2', { type: 'forge.api-forge.io/journal' })]],
    [
      'pods of a controller',
      [],
      [
        made(
          'Pod',
          'app-1',
          {},
          { ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'a', uid: 'u', controller: true }] },
        ),
      ],
    ],
    [
      'a Job that had ended, and is gone',
      [made('Job', 'up', { status: { conditions: [{ type: 'Complete', status: 'True' }] } })],
      [],
    ],
    [
      'more pods',
      [app('a:1', {}, { replicas: 1 }, { readyReplicas: 1 })],
      [app('a:1', {}, { replicas: 1 }, { readyReplicas: 2 })],
    ],
  ])('%s', (_, before, after) => expect(told(before, after)).toEqual([]))
})

describe('is told', () => {
  test.each<[string, KubeObject[], KubeObject[], string]>([
    ['gone', [app('a:1')], [], 'Deployment/app is gone'],
    ['new', [], [app('a:1')], 'Deployment/app is still there'],
    [
      'going',
      [app('a:1')],
      [app('a:1', { deletionTimestamp: '2026-11-28T01:00:00Z' })],
      'Deployment/app is being deleted',
    ],
    [
      'one field',
      [app('a:1')],
      [app('a:2')],
      'Deployment/app is not as it was: spec.template.spec.containers[app].image',
    ],
    [
      'a claim that is smaller',
      [sized('2Gi')],
      [sized('1Gi')],
      'PersistentVolumeClaim/data is not as it was: spec.resources.requests.storage',
    ],
    [
      'several fields',
      [app('a:1')],
      [app('a:2', { labels: { tier: 'web' } })],
      'Deployment/app is not as it was: metadata.labels.tier, and 1 more field',
    ],
    [
      'a Job of another command',
      [job('one')],
      [job('two', 'down')],
      'Job/migrate is not as it was: spec.template.spec.containers[main].command',
    ],
    [
      'another address of the same Service',
      [service({ clusterIP: '10.0.0.1' })],
      [service({ clusterIP: '10.0.0.2' })],
      'Service/app is not as it was: spec.clusterIP',
    ],
    [
      'a Secret, without its value',
      [made('Secret', 'keys', { data: { token: 'b25l' } })],
      [made('Secret', 'keys', { data: { token: 'dHdv' } })],
      'Secret/keys is not as it was: data.token',
    ],
    [
      'pods that are not ready any more',
      [app('a:1', {}, { replicas: 2 }, { readyReplicas: 2 })],
      [app('a:1', {}, { replicas: 2 }, { readyReplicas: 1 })],
      'Deployment/app has 1 of the 2 pods that were ready',
    ],
    [
      'pods of a DaemonSet',
      [made('DaemonSet', 'log', { status: { numberReady: 3 } })],
      [made('DaemonSet', 'log', { status: {} })],
      'DaemonSet/log has 0 of the 3 pods that were ready',
    ],
    [
      'where it is, of several namespaces',
      [app('a:1'), made('ConfigMap', 'edge', {}, { namespace: 'edge' })],
      [made('ConfigMap', 'edge', {}, { namespace: 'edge' })],
      'Deployment/app in namespace shop is gone',
    ],
  ])('%s', (_, before, after, sentence) => expect(told(before, after)).toEqual([sentence]))

  test('not more than ten', () => {
    const many = Array.from({ length: 14 }, (_, at) => made('ConfigMap', `part-${at}`))
    const found = told(many, [])
    expect(found).toHaveLength(11)
    expect(found.at(-1)).toBe('4 more objects are not as they were')
  })
})
