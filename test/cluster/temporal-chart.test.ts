import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { chartAt, podTemplates, type PodTemplate } from '../support/chart.ts'
import type { LiveObject } from '../support/cluster.ts'
import { Network } from '../support/network.ts'
import { asPod, strictNamespace, type StrictNamespace } from '../support/strict-namespace.ts'

const chart = chartAt('temporal')
const LEAST = 'default-values.yaml'
const SERVERS = ['frontend', 'history', 'matching', 'worker']

let room: StrictNamespace

beforeAll(async () => {
  room = await strictNamespace('temporal')
})
afterAll(async () => await room.remove())

/** Of operators that the sandbox does not have: test/real/temporal-chart.test.ts gives them to one. */
const served = ({ apiVersion }: LiveObject): boolean =>
  !/^(?:postgresql\.cnpg\.io|monitoring\.coreos\.com)\//u.test(apiVersion)

const named = (objects: readonly LiveObject[]): string[] =>
  objects.map(({ kind, metadata }) => `${kind}/${metadata.name.replace(/-[0-9a-f]{8}$/u, '')}`).sort()

const podOf = (objects: readonly LiveObject[], component: string): PodTemplate => {
  const found = podTemplates(objects).find(
    ({ metadata }) => metadata.labels['app.kubernetes.io/component'] === component,
  )
  if (found === undefined) throw new Error(`no pod of ${component}`)
  return found
}

/** The volume of a StatefulSet's claim is not in its template. */
const withClaim = (pod: PodTemplate): PodTemplate => {
  const volumes = (pod.spec['volumes'] ?? []) as { name: string }[]
  const data = pod.of.startsWith('StatefulSet/') ? [{ name: 'data', emptyDir: {} }] : []
  return { ...pod, spec: { ...pod.spec, volumes: [...volumes, ...data] } }
}

describe.each(chart.ciFiles)('%s', (file) => {
  test('renders the same bytes twice, is accepted field by field, and its pods by a namespace of the level restricted', async () => {
    const [once, twice] = await Promise.all([0, 1].map(async () => await chart.template([chart.ciFile(file)])))
    expect(once).toEqual(twice)
    const objects = (await chart.render(file, undefined, room.name)).filter(served)
    expect(await room.dryRun(objects)).toHaveLength(objects.length)
    const pods = podTemplates(objects)
    expect(await room.dryRun(pods.map((pod, index) => asPod(withClaim(pod), index, room.name)))).toHaveLength(
      pods.length,
    )
    for (const { spec } of pods) {
      expect(spec).toMatchObject({ automountServiceAccountToken: false, enableServiceLinks: false })
      for (const container of [...spec.containers, ...(spec.initContainers ?? [])]) {
        expect(container.image).toMatch(/:[^/:@]+$|@sha256:[0-9a-f]{64}$/u)
        expect(container).toMatchObject({ securityContext: { readOnlyRootFilesystem: true } })
      }
    }
  })

  test('has policies, Services, budgets and autoscalers that each select a pod, and components that are told apart', async () => {
    const objects = await chart.render(file)
    const network = new Network(objects)
    for (const { name, spec } of network.policies) expect([name, network.selected(spec).length]).not.toEqual([name, 0])
    const labels = network.pods.map(({ metadata }) => metadata.labels)
    expect(new Set(labels.map((one) => one['app.kubernetes.io/component'])).size).toBe(labels.length)
    for (const { kind, metadata, spec } of objects.filter(({ kind: of }) => /^(?:Service|PodDisruption)/u.test(of))) {
      const selector = (spec?.['selector'] ?? {}) as Record<string, Record<string, string>>
      const wanted = kind === 'PodDisruptionBudget' ? selector['matchLabels'] : selector
      if (wanted !== undefined && kind !== 'ServiceMonitor' && kind !== 'ServiceAccount')
        expect({ of: metadata.name, labels }).toMatchObject({
          labels: expect.arrayContaining([expect.objectContaining(wanted)]),
        })
    }
    const deployments = objects.filter(({ kind }) => kind === 'Deployment').map(({ metadata }) => metadata.name)
    for (const { kind, spec } of objects)
      if (kind === 'HorizontalPodAutoscaler')
        expect(deployments).toContain((spec?.['scaleTargetRef'] as { name: string }).name)
  })

  test('lets in whom a pod is told to call, and the servers each other', async () => {
    const network = new Network(await chart.render(file))
    const closed = network.pods.flatMap(({ metadata, spec }) =>
      [...spec.containers, ...(spec.initContainers ?? [])]
        .flatMap(({ env = [] }) => env)
        .flatMap(({ name, value = '' }) => {
          if (name === 'DATABASE_HOST') return network.behind(value, 5432)
          return name === 'TEMPORAL_ADDRESS' ? network.behind(value.split(':')[0] ?? '', 7233) : []
        })
        .filter(({ pod, port }) => !network.letsIn(metadata.labels, pod, port)),
    )
    expect(closed).toEqual([])
    const servers = network.pods.filter(({ metadata }) =>
      [...SERVERS, 'server'].includes(metadata.labels['app.kubernetes.io/component'] ?? ''),
    )
    expect(servers.length).toBeGreaterThan(0)
    for (const from of servers)
      for (const to of servers)
        for (const port of [6933, 6934, 6935, 6939, 7234, 7235])
          expect(network.letsIn(from.metadata.labels, to, port)).toBe(true)
  })

  test('has no secret but as a reference, and no variable twice', async () => {
    for (const { spec } of podTemplates(await chart.render(file)))
      for (const { name, env = [] } of [...spec.containers, ...(spec.initContainers ?? [])]) {
        const names = env.map((one) => one.name)
        expect({ name, twice: names.filter((one, at) => names.indexOf(one) !== at) }).toEqual({ name, twice: [] })
        const plain = env.filter((one) => /PASSWORD$|_PWD$/u.test(one.name) && one.value !== undefined)
        expect(plain).toEqual([])
      }
  })
})

test('each server is a Deployment with the resources of the plan, or one has them all', async () => {
  const separate = await chart.render(LEAST)
  const deployments = (objects: readonly LiveObject[]): string[] =>
    named(objects).filter((name) => name.startsWith('Deployment/'))
  expect(deployments(separate)).toEqual(
    ['admin-tools', 'frontend', 'history', 'matching', 'web', 'worker'].map((name) => `Deployment/temporal-${name}`),
  )
  const requests = Object.fromEntries(
    [...SERVERS, 'web'].map((name) => [
      name,
      (podOf(separate, name).spec.containers[0] as unknown as { resources: { requests: unknown } }).resources.requests,
    ]),
  )
  expect(requests).toEqual({
    frontend: { cpu: '500m', memory: '1Gi' },
    history: { cpu: '1', memory: '2Gi' },
    matching: { cpu: '500m', memory: '1Gi' },
    worker: { cpu: '500m', memory: '1Gi' },
    web: { cpu: '250m', memory: '512Mi' },
  })
  const single = await chart.render('internal-values.yaml')
  expect(deployments(single)).toEqual(['admin-tools', 'server', 'web'].map((name) => `Deployment/temporal-${name}`))
  expect(podOf(single, 'server').spec.containers[0]?.env).toContainEqual({
    name: 'SERVICES',
    value: 'frontend,history,matching,worker',
  })
  expect(new Network(single).behind('temporal-frontend', 7233)).toHaveLength(1)
})

test('the Cluster of seed 003 is a valid one, with its second database, backups and monitoring', async () => {
  const objects = await chart.render('cnpg-values.yaml')
  const cluster = objects.find(({ kind }) => kind === 'Cluster')
  expect(cluster).toMatchObject({
    metadata: { name: 'temporal-postgres', annotations: { 'helm.sh/resource-policy': 'keep' } },
    spec: {
      instances: 1,
      bootstrap: {
        initdb: { database: 'temporal', owner: 'temporal', secret: { name: 'temporal-postgres-credentials' } },
      },
      monitoring: { enablePodMonitor: true },
      postgresql: { parameters: { max_connections: '100' }, shared_preload_libraries: ['pg_stat_statements'] },
      storage: { size: '20Gi', storageClass: 'longhorn' },
      backup: { retentionPolicy: '30d', barmanObjectStore: { destinationPath: 's3://postgres-backups/temporal' } },
    },
  })
  expect(named(objects)).toEqual(
    expect.arrayContaining([
      'Database/temporal-postgres-temporal-visibility',
      'ScheduledBackup/temporal-postgres',
      'ServiceMonitor/temporal-metrics',
      'Ingress/temporal-web',
    ]),
  )
  const other = await chart.render('cnpg-values.yaml', { database: { cnpg: { extraSpec: { instances: 3 } } } })
  expect(other.find(({ kind }) => kind === 'Cluster')?.spec).toMatchObject({ instances: 3 })
})

test.each([
  ['metallb.io', ['metallb.io']],
  ['metallb.universe.tf', ['metallb.universe.tf']],
  ['both', ['metallb.io', 'metallb.universe.tf']],
  ['none', []],
])('frontend and UI share an address of MetalLB: %s', async (metallb, prefixes) => {
  const objects = await chart.render('cnpg-values.yaml', { loadBalancer: { metallb } })
  const services = objects.filter(({ spec }) => spec?.['type'] === 'LoadBalancer')
  const wanted = Object.fromEntries(
    prefixes.flatMap((prefix) => [
      [`${prefix}/loadBalancerIPs`, '10.0.0.241'],
      [`${prefix}/allow-shared-ip`, 'temporal'],
    ]),
  )
  expect(
    services.map(({ metadata, spec }) => [
      metadata.name,
      (spec as { ports: { port: number }[] }).ports[0]?.port,
      metadata.annotations ?? {},
    ]),
  ).toEqual([
    ['temporal-frontend-lb', 7233, wanted],
    ['temporal-web-lb', 8080, wanted],
  ])
})

// Temporal's history is not healthy before it owns a shard, and one beside the pod that it replaces may have none.
test.each([
  [64, 1, 'grpc'],
  [64, 3, 'grpc'],
  [4, 1, 'tcpSocket'],
  [64, 8, 'tcpSocket'],
])('%i shards of %i history servers: a new one is asked by %s', async (numHistoryShards, replicas, by) => {
  const pod = podOf(await chart.render(LEAST, { server: { numHistoryShards }, history: { replicas } }), 'history')
  const { startupProbe } = pod.spec.containers[0] as unknown as { startupProbe: object }
  expect(startupProbe).toHaveProperty(by)
})

test('an autoscaler owns the number of pods, the others have theirs', async () => {
  const objects = await chart.render('all-values.yaml')
  const counts = Object.fromEntries(
    objects
      .filter(({ kind }) => kind === 'Deployment')
      .map(({ metadata, spec }) => [metadata.name.replace('orders-temporal-', ''), spec?.['replicas']]),
  )
  expect(counts).toEqual({
    'admin-tools': 1,
    frontend: undefined,
    history: 3,
    matching: undefined,
    web: 2,
    worker: 2,
  })
})

test('who may come to the frontend is the namespace, or whom the values name with what the chart itself has', async () => {
  const stranger = { 'app.kubernetes.io/name': 'stranger' }
  const reaches = async (file: string, component: string, port: number, values: unknown = {}): Promise<boolean> => {
    const network = new Network(await chart.render(file, values))
    const to = network.pods.find(({ metadata }) => metadata.labels['app.kubernetes.io/component'] === component)
    return to !== undefined && network.letsIn(stranger, to, port)
  }
  expect(await reaches(LEAST, 'frontend', 7233)).toBe(true)
  expect(await reaches(LEAST, 'history', 7234)).toBe(false)
  expect(await reaches(LEAST, 'schema', 8080)).toBe(false)
  expect(await reaches('all-values.yaml', 'frontend', 7233)).toBe(false)
  expect(await reaches('internal-values.yaml', 'postgres', 5432)).toBe(false)
  expect(await reaches('internal-values.yaml', 'server', 7234)).toBe(false)
})

test('Job names change with what the Job runs, and with nothing else', async () => {
  const names = async (values: unknown = {}): Promise<string[]> =>
    (await chart.render(LEAST, values)).filter(({ kind }) => kind === 'Job').map(({ metadata }) => metadata.name)
  const before = await names()
  expect(before).toHaveLength(2)
  const unrelated = {
    frontend: { replicas: 5 },
    global: { labels: { more: 'yes' } },
    secretRevisions: { 'temporal-postgres': { password: 9 } },
    dynamicConfig: { values: { 'limit.maxIDLength': [{ value: 99 }] } },
    schema: { backoffLimit: 9, activeDeadlineSeconds: 99 },
  }
  expect(await names(unrelated)).toEqual(before)
  const changed = async (values: unknown): Promise<string[]> =>
    (await names(values)).filter((name) => !before.includes(name)).map((name) => name.replace(/-[0-9a-f]{8}$/u, ''))
  const retention = { namespaces: [{ name: 'default', retention: '72h' }] }
  expect(await changed(retention)).toEqual(['temporal-namespaces'])
  expect(await changed({ adminTools: { image: { tag: '1.29.1' } } })).toEqual([
    'temporal-namespaces',
    'temporal-schema',
  ])
  const [hook] = (await chart.render('managed-values.yaml')).filter(({ kind }) => kind === 'Job')
  expect(hook?.metadata).toMatchObject({
    name: expect.stringMatching(/^temporal-/u),
  })
})

test('servers start anew for their dynamic configuration and for keys that they use, and for nothing of others', async () => {
  const pod = async (values: unknown = {}): Promise<unknown> => podOf(await chart.render(LEAST, values), 'history')
  const before = await pod()
  const config = { values: { 'limit.maxIDLength': [{ value: 99 }] } }
  expect(await pod({ dynamicConfig: config })).not.toEqual(before)
  expect(await pod({ dynamicConfig: { ...config, restart: false } })).toEqual(
    await pod({ dynamicConfig: { restart: false } }),
  )
  expect(await pod({ secretRevisions: { 'temporal-postgres': { password: 2 } } })).not.toEqual(before)
  expect(await pod({ secretRevisions: { 'temporal-postgres': { host: 2 }, other: { password: 3 } } })).toEqual(before)
  expect(await pod({ web: { replicas: 2 }, global: { labels: { more: 'yes' } } })).toEqual(before)
})
