import type { Random } from './random.ts'

export type Manifest = Readonly<Record<string, unknown>>

/** What both sides may say of one thing: often the same, else each for itself. */
export class Two {
  readonly #random: Random

  constructor(random: Random) {
    this.#random = random
  }

  maybe(share: number): boolean {
    return this.#random() < share
  }

  one<T>(items: readonly T[]): T {
    return items[Math.floor(this.#random() * items.length)] as T
  }

  /** Of fields some. */
  some(fields: Manifest): Manifest {
    return Object.fromEntries(Object.entries(fields).filter(() => this.maybe(0.35)))
  }

  pair(draw: () => Manifest): readonly [old: Manifest, chart: Manifest] {
    const old = draw()
    return [old, this.maybe(0.3) ? old : draw()]
  }
}

export function named(
  apiVersion: string,
  kind: string,
  name: string,
  fields: Manifest,
  metadata: Manifest = {},
): Manifest {
  return { apiVersion, kind, metadata: { name, ...metadata }, ...fields }
}

export interface Workload {
  readonly kind: string
  readonly name: string
  readonly labels: Manifest
  readonly image: string
  readonly account: string | undefined
  readonly config: string | undefined
}

export function workload({ kind, name, labels, image, account, config }: Workload, two: Two): Manifest {
  const isSet = kind === 'StatefulSet'
  const container = {
    ...{ name, image, ports: [{ name: 'http', containerPort: 80 }] },
    readinessProbe: { httpGet: { path: two.one(['/', '/ready']), port: 'http' } },
    ...two.some({
      env: [{ name: 'A', value: two.one(['1', '2']) }, ...(two.maybe(0.5) ? [{ name: 'B', value: '1' }] : [])],
      args: [two.one(['--one', '--two'])],
      resources: { requests: { cpu: two.one(['10m', '20m']) }, limits: { memory: two.one(['64Mi', '128Mi']) } },
      securityContext: { readOnlyRootFilesystem: true, runAsUser: two.one([1000, 2000]) },
      livenessProbe: { tcpSocket: { port: 80 }, periodSeconds: two.one([10, 20]) },
      imagePullPolicy: two.one(['Always', 'IfNotPresent']),
      volumeMounts: [{ name: 'tmp', mountPath: two.one(['/tmp', '/scratch']) }],
      lifecycle: { preStop: { exec: { command: ['true'] } } },
    }),
    ...(config === undefined ? {} : { envFrom: [{ configMapRef: { name: config } }] }),
  }
  const pod = {
    containers: [isSet ? withData(container) : container],
    volumes: [{ name: 'tmp', emptyDir: {} }],
    ...(account === undefined ? {} : { serviceAccountName: account }),
    ...two.some({
      initContainers: [{ name: 'wait', image: 'wait:1' }],
      terminationGracePeriodSeconds: two.one([5, 30]),
      tolerations: [{ key: 'shop', operator: 'Exists' }],
      securityContext: { fsGroup: two.one([1000, 2000]) },
      hostAliases: [{ ip: '10.0.0.1', hostnames: ['old.example'] }],
      automountServiceAccountToken: false,
      priorityClassName: '',
    }),
  }
  const notes = two.some({ annotations: { 'prometheus.io/scrape': two.one(['true', 'false']) } })
  return named(
    'apps/v1',
    kind,
    name,
    {
      spec: {
        ...(isSet ? setSpec(name, two) : deploymentSpec(two)),
        selector: { matchLabels: labels },
        template: {
          metadata: { labels: { ...labels, ...two.some({ tier: two.one(['a', 'b']) }) }, ...notes },
          spec: pod,
        },
      },
    },
    two.some({ labels: { ...labels, version: two.one(['1', '2']) }, annotations: { note: two.one(['1', '2']) } }),
  )
}

function withData(container: Manifest): Manifest {
  const mounts = (container['volumeMounts'] ?? []) as readonly Manifest[]
  return { ...container, volumeMounts: [...mounts, { name: 'data', mountPath: '/data' }] }
}

function deploymentSpec(two: Two): Manifest {
  return two.some({
    replicas: two.one([1, 2]),
    minReadySeconds: two.one([0, 1]),
    revisionHistoryLimit: two.one([2, 5]),
    progressDeadlineSeconds: two.one([300, 600]),
    strategy: { rollingUpdate: { maxSurge: two.one([1, '50%']) } },
  })
}

function setSpec(name: string, two: Two): Manifest {
  const claim = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } }
  return {
    serviceName: name,
    volumeClaimTemplates: [
      { metadata: { name: 'data' }, spec: { ...claim, ...two.some({ volumeMode: 'Filesystem' }) } },
    ],
    ...two.some({
      replicas: 1,
      podManagementPolicy: 'OrderedReady',
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
    }),
  }
}
