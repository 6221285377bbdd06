/** Kubernetes objects for the readiness tests, as a cluster would report them. Each call is one more state. */
import type { KubeObject } from '../../src/domain/kube.ts'
import type { ObjectEvent, Target } from '../../src/domain/readiness/model.ts'

type Fields = Record<string, unknown>

export const NAMESPACE = 'prod'

export const set = (...objects: KubeObject[]): ObjectEvent[] => objects.map((object) => ({ type: 'set', object }))
export const gone = (...objects: KubeObject[]): ObjectEvent[] => objects.map((object) => ({ type: 'gone', object }))

export const APP: Target = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'app' }

const object = (apiVersion: string, kind: string, name: string, metadata: Fields, rest: Fields): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name, namespace: NAMESPACE, uid: `${kind}/${name}`, ...metadata },
  ...rest,
})

const ownedBy = (kind: string, name: string, apiVersion = 'apps/v1'): Fields => ({
  ownerReferences: [{ apiVersion, kind, name, uid: `${kind}/${name}`, controller: true }],
})

export interface DeploymentState {
  name?: string
  generation?: number
  observed?: number
  replicas?: number
  status?: Fields
  spec?: Fields
  revision?: number
  conditions?: Fields[]
  uid?: string
}

/** Rolled out and ready, unless the state says otherwise. */
export function deployment(state: DeploymentState = {}): KubeObject {
  const {
    name = 'app',
    generation = 1,
    observed = generation,
    replicas = 1,
    status,
    spec,
    revision = 1,
    conditions,
    uid,
  } = state
  const counts = { replicas, updatedReplicas: replicas, readyReplicas: replicas, availableReplicas: replicas }
  const metadata = {
    generation,
    annotations: { 'deployment.kubernetes.io/revision': String(revision) },
    ...(uid === undefined ? {} : { uid }),
  }
  return object('apps/v1', 'Deployment', name, metadata, {
    spec: { replicas, ...spec },
    status: { observedGeneration: observed, ...counts, conditions, ...status },
  })
}

export function replicaSet(
  revision = 1,
  { owner = 'app', replicas = 1, status = {} }: { owner?: string; replicas?: number; status?: Fields } = {},
): KubeObject {
  const metadata = {
    ...ownedBy('Deployment', owner),
    annotations: { 'deployment.kubernetes.io/revision': String(revision) },
  }
  return object('apps/v1', 'ReplicaSet', `${owner}-r${revision}`, metadata, {
    spec: { replicas },
    status: { replicas, ...status },
  })
}

export interface PodState {
  name?: string
  owner?: [kind: string, name: string, apiVersion?: string]
  labels?: Fields
  ready?: boolean
  phase?: string
  probe?: boolean
  node?: string | null
  containers?: Fields[]
  init?: Fields[]
  conditions?: Fields[]
  volumes?: Fields[]
  metadata?: Fields
  status?: Fields
  image?: string
  limits?: Fields
  /** Container → its command. */
  commands?: Readonly<Record<string, string[]>>
  env?: Fields[]
}

const POD_DEFAULTS = {
  name: 'app-r1-x',
  owner: ['ReplicaSet', 'app-r1'] as [string, string],
  ready: true,
  phase: 'Running',
  probe: true,
  node: 'node-1',
  image: 'ghcr.io/acme/app:1',
  conditions: [],
}

/** A pod of app's first ReplicaSet with one container `app` and a readiness probe; running and ready unless told otherwise. */
export function pod(state: PodState = {}): KubeObject {
  const { name, owner, ready, phase, probe, node, image, conditions, ...rest } = { ...POD_DEFAULTS, ...state }
  const running = [
    { name: 'app', ready, started: true, restartCount: 0, state: { running: { startedAt: '2026-01-01T00:00:00Z' } } },
  ]
  return object(
    'v1',
    'Pod',
    name,
    { ...ownedBy(...owner), labels: rest.labels, ...rest.metadata },
    {
      spec: {
        ...(node === null ? {} : { nodeName: node }),
        containers: [
          {
            name: 'app',
            image,
            ...(probe ? { readinessProbe: {} } : {}),
            resources: { limits: rest.limits },
            command: rest.commands?.['app'],
            env: rest.env,
          },
        ],
        initContainers: rest.init?.map(({ name: init }) => ({
          name: init,
          command: rest.commands?.[init as string],
        })),
        volumes: rest.volumes,
      },
      status: {
        phase,
        conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }, ...conditions],
        containerStatuses: rest.containers ?? running,
        initContainerStatuses: rest.init,
        ...rest.status,
      },
    },
  )
}

export const waiting = (reason: string, message = '', more: Fields = {}): Fields => ({
  name: 'app',
  ready: false,
  restartCount: 0,
  state: { waiting: { reason, message } },
  ...more,
})

/** Crashed `crashes` times and waiting for its next start. */
export function crashed(
  crashes: number,
  {
    exitCode = 1,
    reason = 'Error',
    name = 'app',
    seconds = 0,
    message = '',
  }: { exitCode?: number; reason?: string; name?: string; seconds?: number; message?: string } = {},
): Fields {
  const finishedAt = new Date(Date.UTC(2026, 0, 1, 0, 0, seconds)).toISOString()
  const terminated = { exitCode, reason, message, startedAt: '2026-01-01T00:00:00Z', finishedAt }
  return {
    name,
    ready: false,
    restartCount: crashes - 1,
    state: { waiting: { reason: 'CrashLoopBackOff' } },
    lastState: { terminated },
  }
}

let events = 0

export function event(about: KubeObject, reason: string, message: string, more: Fields = {}): KubeObject {
  events += 1
  const involvedObject = {
    kind: about.kind,
    name: about.metadata.name,
    uid: about.metadata.uid,
    fieldPath: 'spec.containers{app}',
  }
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `e${events}`, namespace: NAMESPACE },
    reason,
    message,
    count: 1,
    involvedObject,
    ...more,
  }
}

export const job = (status: Fields = {}, spec: Fields = {}): KubeObject =>
  object('batch/v1', 'Job', 'schema', { generation: 1 }, { spec: { completions: 1, ...spec }, status })

export const JOB: Target = { apiVersion: 'batch/v1', kind: 'Job', name: 'schema' }

export const jobPod = (name: string, state: PodState = {}): KubeObject =>
  pod({ name, owner: ['Job', 'schema', 'batch/v1'], ...state })

/** A StatefulSet with one pod that is not ready; its claim is `NAME-data-NAME-0`. */
export const statefulSet = (name: string, status: Fields = {}): KubeObject =>
  object(
    'apps/v1',
    'StatefulSet',
    name,
    { generation: 1 },
    {
      spec: { replicas: 1, template: { metadata: { labels: { app: name } } } },
      status: { observedGeneration: 1, updateRevision: 'r1', currentRevision: 'r1', readyReplicas: 0, ...status },
    },
  )

export const service = (name: string, spec: Fields = { selector: { app: name } }, status: Fields = {}): KubeObject =>
  object('v1', 'Service', name, {}, { spec, status })

export const claim = (phase: string, name = 'data'): KubeObject =>
  object('v1', 'PersistentVolumeClaim', name, {}, { status: { phase } })

export const custom = (rest: Fields, generation = 1): KubeObject =>
  object('cache.example.test/v1', 'Cluster', 'db', { generation }, rest)

export const CUSTOM: Target = { apiVersion: 'cache.example.test/v1', kind: 'Cluster', name: 'db' }

export const unschedulable = (message: string): Fields => ({
  type: 'PodScheduled',
  status: 'False',
  reason: 'Unschedulable',
  message,
})
