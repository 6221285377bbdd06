import { describe, expect, test } from '@jest/globals'
import { ALERTS, runbookOf } from '../support/alerts.ts'
import { chartAt } from '../support/chart.ts'
import { forgeHere, freshNamespace, type LiveObject } from '../support/cluster.ts'
import { metricsIn } from '../support/promql.ts'
import type { RuleGroup } from '../support/promtool.ts'
import { projectOf } from '../support/project.ts'
import { recorded, SOURCES } from '../support/scraped.ts'
import { refusal } from '../support/wrong-values.ts'

const worker = chartAt('temporal-worker')
const server = chartAt('temporal')
const ALL = 'monitoring-values.yaml'

const of = (objects: readonly LiveObject[], kind: string, name?: string): LiveObject | undefined =>
  objects.find((one) => one.kind === kind && (name === undefined || one.metadata.name === name))

const groupsIn = (objects: readonly LiveObject[]): readonly RuleGroup[] =>
  (of(objects, 'PrometheusRule')?.spec?.['groups'] ?? []) as RuleGroup[]

const rulesIn = (objects: readonly LiveObject[]) => groupsIn(objects).flatMap(({ rules }) => rules)

test('nothing of it is made unless it is asked for', async () => {
  for (const file of ['default-values.yaml', 'prod-values.yaml']) {
    const objects = await worker.render(file)
    const made = objects.filter(({ kind, metadata }) => /Monitor|Rule/u.test(kind) || /dashboard/u.test(metadata.name))
    expect(made).toEqual([])
  }
})

test('the ServiceMonitor selects the Service of the worker, and a port that it has', async () => {
  const objects = await worker.render(ALL)
  const monitor = of(objects, 'ServiceMonitor')?.spec as
    | { selector: { matchLabels: object }; endpoints: readonly { port: string; path: string; interval: string }[] }
    | undefined
  const service = of(objects, 'Service')
  expect(service?.metadata.labels).toMatchObject(monitor?.selector.matchLabels ?? { none: '' })
  expect(monitor?.endpoints).toEqual([{ port: 'metrics', path: '/metrics', interval: '30s' }])
  expect(service?.spec?.['ports']).toContainEqual(expect.objectContaining({ name: 'metrics', port: 9090 }))
})

describe('the alerts', () => {
  test('are those of the schema, each with severity, summary, description and a page that is there', async () => {
    const rules = rulesIn(await worker.render(ALL))
    expect([...new Set(rules.map(({ alert }) => alert ?? ''))].toSorted()).toEqual([...ALERTS].toSorted())
    for (const { alert = '', labels, annotations = {} } of rules) {
      expect(labels?.['severity']).toMatch(/^(?:critical|warning)$/u)
      expect(labels).toMatchObject({ team: 'platform' })
      expect(annotations['runbook_url']).toMatch(new RegExp(`^https://.*/docs/runbooks/${runbookOf(alert)}$`, 'u'))
      expect([annotations['summary'], annotations['description']]).not.toContain('')
      expect(JSON.stringify(annotations)).not.toMatch(/%!|<no value>/u)
    }
  })

  test('name only metrics that somebody exports', async () => {
    const known = new Set(SOURCES.flatMap((source) => recorded(source).map(({ name }) => name)))
    const named = rulesIn(
      await worker.render('default-values.yaml', {
        autoscaling: { enabled: true },
        monitoring: { rules: { enabled: true, tokens: ['vault'] } },
      }),
    ).flatMap(({ expr }) => metricsIn(expr))
    expect(named.length).toBeGreaterThan(20)
    expect(named.filter((name) => !known.has(name))).toEqual([])
  })

  test('can be left out by name, also all of a group; a name that is none is refused', async () => {
    const disabled = ['CertificateExpires', 'TokenExpires', 'TemporalWorkerDown']
    const objects = await worker.render(ALL, { monitoring: { rules: { disabled } } })
    expect(rulesIn(objects).filter(({ alert = '' }) => disabled.includes(alert))).toEqual([])
    expect(groupsIn(objects).map(({ name }) => name.split('.')[1])).toEqual(['worker', 'work', 'deploys'])
    expect(groupsIn(objects).every(({ rules }) => rules.length > 0)).toBe(true)
    expect(await refusal(worker, 'monitoring.rules.disabled', ['WorkerDown'], /one of|must be/iu)).toBe('said')
  })
})

test.each([
  ['monitoring.rules.thresholds.downFor', 'five minutes', /pattern/iu],
  ['monitoring.rules.thresholds.workflowFailures', -1, /minimum|greater/iu],
  ['monitoring.rules.runbooks', 'docs/runbooks', /pattern/iu],
  ['monitoring.dashboards.enabled', 'yes', /boolean/u],
  ['monitoring.alerts', {}, /additional propert/iu],
])('%s: %j is refused', async (path, value, reason) => expect(await refusal(worker, path, value, reason)).toBe('said'))

test('a monitor of a worker that serves no metrics is refused', async () => {
  const monitoring = { serviceMonitor: { enabled: true } }
  for (const values of [{ monitoring }, { monitoring, metrics: { enabled: true }, service: { enabled: false } }])
    expect(await worker.template([worker.ciFile('default-values.yaml')], values)).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/monitoring\.serviceMonitor\.enabled needs metrics\.enabled and service\.enabled/u),
    })
})

test('dashboards are whole documents with the label of the sidecar, in the names of the SDK', async () => {
  const boards = of(await worker.render(ALL), 'ConfigMap', 'temporal-worker-dashboards')
  expect(boards?.metadata).toMatchObject({
    labels: { grafana_dashboard: '1' },
    annotations: { grafana_folder: 'Temporal' },
  })
  const read = Object.entries(boards?.data ?? {}).map(([file, text]) => [file, JSON.parse(text) as object] as const)
  expect(read.map(([file]) => file).toSorted()).toEqual(['deploys.json', 'worker.json'])
  const constant = (name: string, query: string) => expect.objectContaining({ name, query, type: 'constant' })
  expect(Object.fromEntries(read)['worker.json']).toMatchObject({
    templating: {
      list: expect.arrayContaining([
        constant('counter_suffix', '_total'),
        constant('latency_suffix', '_seconds'),
        constant('latency_divisor', '1'),
      ]),
    },
  })
  const other = of(await server.render('all-values.yaml'), 'ConfigMap', 'orders-temporal-dashboards')
  expect(Object.keys(other?.data ?? {}).toSorted()).toEqual(['database-pools.json', 'server.json'])
})

// Left out without a word, as a look at .Capabilities would have it, nobody would learn that nothing is watched.
test('a cluster without the Prometheus Operator is told before anything is written', async () => {
  const forge = `version: 1
project: watched
environments: { sandbox: { cluster: sandbox, namespace: ${freshNamespace('watched')} } }
releases: { temporal-worker: { chart: ${worker.dir}, values: [values.yaml] } }
stages: { worker: { wait: [ Deployment/temporal-worker ] } }
`
  const values = 'image: w:1\nmetrics: { enabled: true }\nmonitoring: { rules: { enabled: true } }\n'
  const { dir } = await projectOf({ 'forge.yaml': forge, 'values.yaml': values })
  expect((await forgeHere(['plan', '-e', 'sandbox', '-C', dir])).stderr).toContain('PrometheusRule')
  const ran = await forgeHere(['deploy', '-e', 'sandbox', '-C', dir])
  expect(ran).toMatchObject({ status: 3, stderr: expect.stringMatching(/PrometheusRule[^]*nothing was changed/iu) })
})
