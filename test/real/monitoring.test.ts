import { randomUUID } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { execa } from 'execa'
import { chartAt } from '../support/chart.ts'
import { CHOSEN, dashboards, queriesOf, wordsOf, type Query } from '../support/dashboards.ts'
import { seriesOf, type Series } from '../support/exposition.ts'
import { ROOT } from '../support/forge.ts'
import { helmOf } from '../support/helms.ts'
import { METRICS_WORKER } from '../support/metrics-worker.ts'
import { asInput, nothingOf } from '../support/promtool.ts'
import { image, KUBECONFIG, kubectl, RealNamespace } from '../support/real-cluster.ts'
import { done, install, secret, served } from '../support/real-temporal.ts'
import { excerpt, kept, recorded, SCRAPED, TARGETS, type Source } from '../support/scraped.ts'

// What rules and dashboards name is what a worker, Temporal, CloudNativePG and a kubelet really export.
// FORGE_TEST_RECORD=1 writes it down anew (test/fixtures/metrics).
const WORKER = {
  image: image('1.0.0'),
  uid: 1001,
  command: ['python', '-c', METRICS_WORKER],
  temporal: { address: 'temporal-frontend:7233', taskQueue: 'proof,slow' },
  env: { METRICS_PORT: '9090' },
  health: { enabled: false },
  readinessProbe: { exec: { command: ['cat', '/tmp/ready'] }, periodSeconds: 1 },
  metrics: { enabled: true },
  resources: { requests: { cpu: '50m', memory: '64Mi' } },
  monitoring: {
    serviceMonitor: { enabled: true },
    rules: { enabled: true, tokens: ['vault'] },
    dashboards: { enabled: true },
  },
}
const CLUSTER = {
  apiVersion: 'postgresql.cnpg.io/v1',
  kind: 'Cluster',
  metadata: { name: 'db' },
  spec: { instances: 1, storage: { size: '1Gi' } },
}

let namespace: RealNamespace
const scraped = new Map<Source, string>()

beforeAll(async () => {
  namespace = await RealNamespace.create('monitoring')
  await namespace.kubectl(['create', '-f', '-'], JSON.stringify(CLUSTER))
  await secret(namespace, 'temporal-postgres', { password: randomUUID() })
  const database = { mode: 'internal', secret: { name: 'temporal-postgres' } }
  const monitored = { metrics: { serviceMonitor: { enabled: true } }, monitoring: { dashboards: { enabled: true } } }
  expect(await install(namespace, { mode: 'single', database, ...monitored })).toMatchObject({ status: 0 })
  const args = ['install', 'temporal-worker', chartAt('temporal-worker').dir, '-n', namespace.name, '--values', '-']
  await execa(await helmOf(4), [...args, '--kubeconfig', KUBECONFIG], { input: JSON.stringify(WORKER) })
  await done(namespace, 'namespaces')
  await served(namespace, ['server', 'worker'])
  await namespace.waitFor('pod/db-1', 'condition=Ready')
  const worked = 'until [ -e /tmp/worked ]; do sleep 0.2; done'
  await namespace.kubectl(['exec', 'deploy/temporal-worker', '--', 'sh', '-c', worked])
  for (const source of SCRAPED) scraped.set(source, await scrape(source))
}, 600_000)

afterAll(async () => await namespace.remove())

async function pod(app: string): Promise<string> {
  const [first] = await namespace.pods(app)
  return first?.metadata.name ?? `no pod of ${app}`
}

const metricsOf = async (name: string, port: number): Promise<string> =>
  await kubectl(['get', '--raw', `/api/v1/namespaces/${namespace.name}/pods/${name}:${port}/proxy/metrics`])

async function scrape(source: (typeof SCRAPED)[number]): Promise<string> {
  const ended = (text: string): string => `${text.trimEnd()}\n`
  if (source === 'worker') return ended(await metricsOf(await pod('temporal-worker'), 9090))
  if (source === 'server') return ended(await metricsOf(await pod('temporal-server'), 9090))
  if (source === 'cnpg') return ended(await metricsOf('db-1', 9187))
  const name = await pod('temporal-worker')
  const node = await namespace.kubectl(['get', 'pod', name, '-o', 'jsonpath={.spec.nodeName}'])
  const text = await kubectl(['get', '--raw', `/api/v1/nodes/${node}/proxy/metrics/cadvisor`])
  const own = text.split('\n').filter((line) => line.startsWith('#') || line.includes(`pod="${name}"`))
  return ended(own.join('\n').replaceAll(namespace.name, 'prod').replaceAll(name, 'temporal-worker-0'))
}

const series = (source: Source): Series[] => seriesOf(scraped.get(source) ?? '')

const queries = (): Query[] => [...dashboards().values()].flatMap((board) => queriesOf(board, CHOSEN))

test('monitors, rules and routes are taken by the kinds of the Prometheus Operator, field by field', async () => {
  const kinds = 'servicemonitors,prometheusrules'
  const made = await namespace.kubectl(['get', kinds, '-o', 'name'])
  expect(made.split('\n').toSorted()).toEqual([
    'prometheusrule.monitoring.coreos.com/temporal-worker',
    'servicemonitor.monitoring.coreos.com/temporal-metrics',
    'servicemonitor.monitoring.coreos.com/temporal-worker',
  ])
  const objects = await chartAt('temporal-worker').render('monitoring-values.yaml', undefined, namespace.name)
  const theirs = objects.filter(({ apiVersion }) => apiVersion.startsWith('monitoring.coreos.com/'))
  const routes = await readFile(join(ROOT, 'k8s', 'monitoring', 'alertmanager-config.yaml'), 'utf8')
  const strict = ['apply', '--dry-run=server', '--validate=strict', '-f', '-']
  for (const text of [...theirs.map((one) => JSON.stringify(one)), routes]) await namespace.kubectl(strict, text)
  expect(theirs.map(({ kind }) => kind).toSorted()).toEqual(['PrometheusRule', 'ServiceMonitor'])
})

test.each(SCRAPED.map((source) => [source]))('%s exports all that rules and dashboards name of it', async (source) => {
  if (process.env['FORGE_TEST_RECORD'] !== undefined) await record(source)
  const there = new Set(series(source).map(({ name }) => name))
  const named = new Set(recorded(source).map(({ name }) => name))
  expect(named.size).toBeGreaterThan(0)
  expect([...named].filter((name) => !there.has(name))).toEqual([])
})

async function record(source: Source): Promise<void> {
  const file = join(ROOT, 'test', 'fixtures', 'metrics', `${source}.prom`)
  const [head = ''] = (await readFile(file, 'utf8')).split('\n')
  const named = new Set(recorded(source).map(({ name }) => name))
  await writeFile(file, `${head}\n${excerpt(scraped.get(source) ?? '', named, wordsOf(queries()))}`)
}

test('every query of the dashboards finds something in it', async () => {
  const live = SCRAPED.flatMap((source) => series(source).map((one) => kept(one, TARGETS[source])))
  const others = (['documented', 'forge'] as const).flatMap((source) =>
    recorded(source).map((one) => kept(one, TARGETS[source])),
  )
  const { failed, empty } = await nothingOf(queries(), asInput([...live, ...others]))
  // There are no backups here.
  expect({ failed, empty }).toEqual({ failed: '', empty: ['Since the last backup A'] })
}, 120_000)

test('the server tells of a queue that nobody works on, and of one that is worked on too slowly', () => {
  const of = (name: string, taskqueue: string): number =>
    series('server')
      .filter((one) => one.name === name && one.labels['taskqueue'] === taskqueue)
      .reduce((sum, { value }) => sum + value, 0)
  expect(of('no_poller_tasks', 'idle')).toBeGreaterThan(0)
  expect(of('no_poller_tasks', 'proof')).toBe(0)
  expect(of('approximate_backlog_count', 'idle')).toBeGreaterThan(0)
  expect(of('approximate_backlog_count', 'slow')).toBeGreaterThan(0)
  expect(of('approximate_backlog_age_seconds', 'slow')).toBeGreaterThan(0)
  // docs/runbooks/temporal-task-queue-backlog.md: the age of a queue that nobody has polled is not told.
  expect(of('approximate_backlog_age_seconds', 'idle')).toBe(0)
})

test("the example's worker serves metrics where METRICS_PORT says", async () => {
  const source = join(ROOT, 'examples', 'api-forge', 'src')
  await namespace.kubectl(['create', 'configmap', 'src', `--from-file=${source}`])
  await namespace.kubectl(['create', 'configmap', 'src-worker', `--from-file=${join(source, 'worker')}`])
  const files = (await readdir(join(source, 'worker'))).filter((file) => file.endsWith('.py'))
  const items = files.map((key) => ({ key, path: `worker/${key}` }))
  const sources = [{ configMap: { name: 'src' } }, { configMap: { name: 'src-worker', items } }]
  const container = {
    name: 'example',
    image: image('1.0.0'),
    command: ['python', '-m', 'src.worker.main'],
    workingDir: '/work',
    env: [
      { name: 'TEMPORAL_ADDRESS', value: 'temporal-frontend:7233' },
      { name: 'METRICS_PORT', value: '9464' },
    ],
    volumeMounts: [{ name: 'src', mountPath: '/work/src' }],
    readinessProbe: { exec: { command: ['cat', '/tmp/worker-alive'] }, periodSeconds: 1 },
  }
  const volumes = [{ name: 'src', projected: { sources } }]
  const spec = {
    securityContext: { runAsUser: 1001 },
    terminationGracePeriodSeconds: 1,
    containers: [container],
    volumes,
  }
  await namespace.kubectl(
    ['create', '-f', '-'],
    JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'example' }, spec }),
  )
  await namespace.waitFor('pod/example', 'condition=Ready', '60s')
  const pollers = seriesOf(`${await metricsOf('example', 9464)}\n`).filter(
    ({ name }) => name === 'temporal_num_pollers',
  )
  expect(new Set(pollers.map(({ labels }) => labels['task_queue']))).toEqual(new Set(['api-forge']))
}, 120_000)
