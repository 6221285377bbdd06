import { claim, deployment, service } from './pods.ts'

/** What stands in the way of tonight's deploy of `web`, or does not, though it looks like it. */
export interface AlikeCase {
  /** Of the release, at first; without: web. */
  readonly before?: readonly Made[]
  /** In the cluster and in no release, before anything is deployed; and once it is. `SELF`: the namespace. */
  readonly first?: readonly Made[]
  readonly beside?: readonly Made[]
  /** Of the release, tonight. */
  readonly after: readonly Made[]
  /** As the deploy ends; null: it goes through. */
  readonly code: string | null
}

type Made = Readonly<Record<string, unknown>>

const POD = { name: 'main', image: 'example.test/main:1' }
const NEXT = { image: 'example.test/main:2' }

function named(name: string, spec: Made, more: Made = {}, labels: Readonly<Record<string, string>> = {}): Made {
  const made = deployment({ name, spec, labels })
  return { ...made, spec: { ...(made['spec'] as Made), ...more } }
}

function web(spec: Made = {}, container: Made = {}, more: Made = {}): Made {
  return named('web', { ...spec, containers: [{ ...POD, ...container }] }, more)
}

function other(labels: Readonly<Record<string, string>> = {}, spec: Made = {}): Made {
  return named('other', { containers: [POD], ...spec }, {}, labels)
}

/** On each node. */
function everywhere(made: Made): Made {
  const { replicas: _one, ...spec } = made['spec'] as Made
  return { ...made, kind: 'DaemonSet', spec }
}

function object(kind: string, name: string, more: Made, apiVersion = 'v1'): Made {
  return { apiVersion, kind, metadata: { name }, ...more }
}

function claimed(more: Made): Made {
  const made = claim('data')
  return { ...made, spec: { ...(made['spec'] as Made), ...more } }
}

function needs(kind: 'podAffinity' | 'podAntiAffinity', matchLabels: Readonly<Record<string, string>>): Made {
  const term = { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels } }
  return { affinity: { [kind]: { requiredDuringSchedulingIgnoredDuringExecution: [term] } } }
}

/** On one node alone. */
function local(name: string, more: Made = {}): Made {
  const here = { key: 'kubernetes.io/hostname', operator: 'In', values: ['node-1'] }
  const spec = {
    capacity: { storage: '1Gi' },
    accessModes: ['ReadWriteOnce'],
    local: { path: '/data' },
    nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [here] }] } },
  }
  return object('PersistentVolume', name, { spec: { ...spec, ...more } })
}

const on = (node: string): Made => ({ nodeSelector: { 'kubernetes.io/hostname': node } })
const room = (hard: Made): Made => object('ResourceQuota', 'room', { spec: { hard } })
const range = (limits: Made): Made =>
  object('LimitRange', 'range', { spec: { limits: [{ type: 'Container', ...limits }] } })
const port = { ports: [{ containerPort: 80, hostPort: 8080 }] }
const open = (name: string): Made => {
  const made = service(name)
  return { ...made, spec: { ...(made['spec'] as Made), type: 'NodePort', ports: [{ port: 80, nodePort: 30_781 }] } }
}
const MOUNTS = { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] }
const THERE = object('ConfigMap', 'there', { data: { a: 'b' } })
const LARGER = { resources: { requests: { storage: '2Gi' } } }
const SMALL = object(
  'StorageClass',
  'SELF',
  { provisioner: 'sandbox.forge.api-forge.io/claims', volumeBindingMode: 'WaitForFirstConsumer' },
  'storage.k8s.io/v1',
)
const RESTRICTED = { name: 'SELF', labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } }
const PINNED = { storageClassName: 'standard', volumeName: 'SELF' }
const asks = (cpu: string): Made => ({ requests: { cpu } })
const ASKING = { resources: asks('100m') }

/** Decided by what is around the release, and not by its charts: these are short of time in CI. */
export const AROUND: Readonly<Record<string, AlikeCase>> = {
  'apart from the pods of others': {
    beside: [everywhere(other({ tier: 'agent' }))],
    after: [web(needs('podAntiAffinity', { tier: 'agent' }))],
    code: 'E_UNSCHEDULABLE',
  },
  'a volume that is on another node': {
    first: [local('SELF'), claimed({ storageClassName: '', volumeName: 'SELF' })],
    after: [web({ ...MOUNTS, ...on('node-2') })],
    code: 'E_UNSCHEDULABLE',
  },
}

export const ALIKE: Readonly<Record<string, AlikeCase>> = {
  'nothing in the way': { after: [web({}, NEXT)], code: null },
  'Pod Security': {
    beside: [{ apiVersion: 'v1', kind: 'Namespace', metadata: RESTRICTED }],
    after: [web({}, NEXT)],
    code: 'E_ADMISSION',
  },
  'a LimitRange that a pod is above': {
    beside: [range({ max: { cpu: '100m' } })],
    after: [web({}, { resources: { requests: { cpu: '50m' }, limits: { cpu: '200m' } } })],
    code: 'E_ADMISSION',
  },
  'a LimitRange that gives a limit': {
    beside: [range({ default: { cpu: '100m' }, defaultRequest: { cpu: '50m' } })],
    after: [web({}, NEXT)],
    code: null,
  },
  'no such PriorityClass': { after: [web({ priorityClassName: 'nobody-made-it' })], code: 'E_ADMISSION' },
  'no such RuntimeClass': { after: [web({ runtimeClassName: 'nobody-made-it' })], code: 'E_ADMISSION' },
  'no such ServiceAccount': { after: [web({ serviceAccountName: 'nobody' })], code: 'E_ADMISSION' },
  'no such node': { after: [web({ nodeSelector: { none: 'such' } })], code: 'E_CAPACITY' },
  'no node with room': { after: [web({}, { resources: asks('100') })], code: 'E_CAPACITY' },
  'more apart than there are nodes': {
    after: [web(needs('podAntiAffinity', { 'app.kubernetes.io/name': 'web' }), {}, { replicas: 200 })],
    code: 'E_CAPACITY',
  },
  'no such ConfigMap': {
    after: [web({}, { envFrom: [{ configMapRef: { name: 'nobody' } }] })],
    code: 'E_CONTAINER_CONFIG',
  },
  'a ConfigMap of no release': {
    beside: [THERE],
    after: [web({}, { envFrom: [{ configMapRef: { name: 'there' } }] })],
    code: null,
  },
  'no such key': {
    beside: [object('Secret', 'there', { stringData: { a: 'b' } })],
    after: [web({}, { env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 'there', key: 'b' } } }] })],
    code: 'E_SECRET_MISSING',
  },
  'no such StorageClass': {
    after: [web(MOUNTS), claimed({ storageClassName: 'nobody-made-it' })],
    code: 'E_STORAGE_CLASS',
  },
  'no such claim': { after: [web(MOUNTS)], code: 'E_VOLUME' },
  'a claim of no release': { beside: [claim('data')], after: [web(MOUNTS)], code: null },
  'a larger claim': { before: [web(MOUNTS), claim('data')], after: [web(MOUNTS), claimed(LARGER)], code: null },
  'a larger claim whose volume is on one node': {
    first: [local('SELF', { storageClassName: 'standard' })],
    before: [web({ ...MOUNTS, ...on('node-1') }), claimed(PINNED)],
    after: [web({ ...MOUNTS, ...on('node-1') }), claimed({ ...PINNED, ...LARGER })],
    code: null,
  },
  'a volume of the release, and its node': {
    before: [local('SELF'), web(MOUNTS), claimed({ ...PINNED, storageClassName: '' })],
    after: [local('SELF'), web({ ...MOUNTS, ...on('node-2') }), claimed({ ...PINNED, storageClassName: '' })],
    code: 'E_UNSCHEDULABLE',
  },
  'a volume of the release that is where it was': {
    before: [local('SELF'), web(MOUNTS), claimed({ ...PINNED, storageClassName: '' })],
    after: [local('SELF'), web(MOUNTS, NEXT), claimed({ ...PINNED, storageClassName: '' })],
    code: null,
  },
  'a claim that does not grow': {
    first: [SMALL],
    before: [web(MOUNTS), claimed({ storageClassName: 'SELF' })],
    after: [web(MOUNTS), claimed({ storageClassName: 'SELF', ...LARGER })],
    code: 'E_CLAIM_GROW',
  },
  'a claim that another pod has for itself': {
    beside: [claimed({ accessModes: ['ReadWriteOncePod'] }), other({}, MOUNTS)],
    after: [web(MOUNTS)],
    code: 'E_UNSCHEDULABLE',
  },
  'a port of the nodes that others have': {
    beside: [everywhere(other({}, { containers: [{ ...POD, ...port }] }))],
    after: [web({}, port)],
    code: 'E_UNSCHEDULABLE',
  },
  'beside a pod of others': {
    beside: [other({ tier: 'cache' })],
    after: [web(needs('podAffinity', { tier: 'cache' }))],
    code: null,
  },
  'beside a pod that is not there': { after: [web(needs('podAffinity', { tier: 'nobody' }))], code: 'E_UNSCHEDULABLE' },
  'a pod of others that wants to be apart': {
    beside: [everywhere(other({}, needs('podAntiAffinity', { 'app.kubernetes.io/name': 'web', is: 'new' })))],
    after: [
      web(
        {},
        {},
        {
          template: {
            metadata: { labels: { 'app.kubernetes.io/name': 'web', is: 'new' } },
            spec: { containers: [POD] },
          },
        },
      ),
    ],
    code: 'E_UNSCHEDULABLE',
  },
  'room that is kept for whoever comes': {
    first: [object('PriorityClass', 'SELF', { value: -10 }, 'scheduling.k8s.io/v1')],
    beside: [everywhere(other({}, { priorityClassName: 'SELF', containers: [{ ...POD, resources: asks('31') }] }))],
    after: [web({}, { resources: asks('2') })],
    code: null,
  },
  'a NodePort that another has': { beside: [open('other')], after: [web(), open('web')], code: 'E_OBJECT_INVALID' },
  'a count of Deployments': {
    beside: [other(), room({ 'count/deployments.apps': '2' })],
    after: [web(), named('more', { containers: [POD] })],
    code: 'E_OBJECT_INVALID',
  },
  'a count of ConfigMaps': {
    beside: [THERE, room({ 'count/configmaps': '2' })],
    after: [web(), object('ConfigMap', 'more', { data: { a: 'b' } })],
    code: 'E_OBJECT_INVALID',
  },
  'a count of pods': {
    beside: [other(), room({ pods: '3' })],
    after: [web({}, NEXT, { replicas: 3 })],
    code: 'E_QUOTA',
  },
  'no room in a quota for one more': {
    before: [web({}, ASKING, { replicas: 3 })],
    beside: [room({ 'requests.cpu': '300m' })],
    after: [web({}, { ...ASKING, ...NEXT }, { replicas: 3 })],
    code: 'E_QUOTA',
  },
}
