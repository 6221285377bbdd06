import { expect, test } from '@jest/globals'
import { chartAt, ciFile, render, template } from '../support/chart.ts'
import type { LiveObject } from '../support/cluster.ts'
import { refusal, type WrongValue } from '../support/wrong-values.ts'

const WRONG: readonly WrongValue[] = [
  ['postgres', {}, /additional propert/iu],
  ['app.image_tag', 'v2', /additional propert/iu],
  ['app.replicas', 'two', /integer/u],
  ['app.replicas', -1, /minimum|greater/iu],
  ['app.args', [], /minItems|items/iu],
  ['app.uid', 0, /minimum|greater/iu],
  ['app.env.LOG_LEVEL', 5, /string/u],
  ['app.service.type', 'ExternalName', /one of|must be/iu],
  ['app.service.port', 70_000, /maximum|less/iu],
  ['app.ingress.hosts', [{ name: 'api.example.com' }], /host/u],
  ['app.autoscaling.minReplicas', 0, /minimum|greater/iu],
  ['app.podDisruptionBudget.maxUnavailable', '150%', /pattern/iu],
  ['app.resources.limits.memory', '4 GB', /oneOf|pattern/iu],
  ['postgresql.replicas', 2, /maximum|less/iu],
  ['postgresql.tls.enabled', 'yes', /boolean/u],
  ['postgresql.persistence.data.size', '10 gigabytes', /pattern/iu],
  ['postgresql.dataDirectory', '/data', /pattern/iu],
  ['postgresql.secrets.existingSecret', 'Postgres_Secrets', /pattern/iu],
  ['redis.enabled', 'true', /boolean/u],
  ['redis.config.maxMemoryPolicy', 'lru', /one of|must be/iu],
  ['temporal.config.services', 'history,frontent', /pattern/iu],
  ['temporal.config.numHistoryShards', '64', /integer/u],
  ['worker.healthCheck', 'true', /array/u],
  ['jobs.temporalSchemaSetup.activeDeadlineSeconds', 0, /minimum|greater/iu],
  ['global.imagePullPolicy', 'Sometimes', /one of|must be/iu],
  ['global.labels.helm\\.sh/chart', 'mine', /false schema|not allowed/iu],
  ['app.env.MY-NAME', 'x', /additional propert/iu],
  ['scheduling.web', {}, /additional propert/iu],
  ['configMaps.app-env.LOG_LEVEL', true, /string/u],
  ['configMaps.other', {}, /additional propert/iu],
  ['podLabels.redis.app\\.kubernetes\\.io/name', 'x', /false schema|not allowed/iu],
  ['podLabels.web', {}, /additional propert/iu],
  ['claims.uploads.size', 'large', /pattern/iu],
  ['secretRevisions.postgres-secrets.postgres_password', 'two', /integer/u],
  ['temporal-worker.enabled', 'yes', /boolean/u],
  ['jobs.postgresBackup.schedule', 'at night', /pattern/iu],
  ['jobs.postgresBackup.timeZone', 'Berlin time', /pattern/iu],
  ['jobs.postgresBackup.keep.count', 0, /minimum|greater/iu],
  ['jobs.postgresBackup.databases.appdb.user', 5, /string/u],
  ['jobs.postgresBackup.databases.orders', { user: 'appowner' }, /key/u],
]

test.each(WRONG)('%s: %j is refused', async (path, value, reason) =>
  expect(await refusal(chartAt('api-forge'), path, value, reason)).toBe('said'),
)

/** What a schema cannot say is said by the templates, with the path and a way out. */
test.each([
  ['app.image is empty', { app: { image: '' } }, /app\.image is empty: give an image reference/u],
  [
    'an image without a tag',
    { app: { image: 'ghcr.io/acme/app' } },
    /app\.image: "ghcr\.io\/acme\/app" has neither a tag nor a digest/u,
  ],
  ['an Ingress without hosts', { app: { ingress: { enabled: true } } }, /app\.ingress\.hosts is empty/u],
  [
    'a budget that forbids every drain',
    { app: { podDisruptionBudget: { enabled: true, minAvailable: 1 } } },
    /app\.podDisruptionBudget\.minAvailable is 1 with 1 replicas/u,
  ],
  [
    'two budgets at once',
    { worker: { replicas: 3, podDisruptionBudget: { enabled: true, minAvailable: 1, maxUnavailable: 1 } } },
    /worker\.podDisruptionBudget: minAvailable and maxUnavailable exclude each other/u,
  ],
  [
    'a backup without a place',
    { jobs: { postgresBackup: { enabled: true } }, postgresql: { persistence: { backups: { enabled: false } } } },
    /jobs\.postgresBackup\.enabled needs postgresql\.persistence\.backups\.enabled/u,
  ],
  [
    'fewer at most than at least',
    { app: { autoscaling: { enabled: true, minReplicas: 9 } } },
    /app\.autoscaling: minReplicas \(9\) is greater than maxReplicas \(5\)/u,
  ],
])('%s is refused by the templates', async (_, values, message) => {
  const { status, stderr } = await template([ciFile('default-values.yaml')], values)
  expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringMatching(message) })
})

test.each([
  [
    'a ConfigMap',
    { 'app-config': { 'config.yaml': '{}' } },
    /configMaps\.app-env is missing: app needs it; forge fills it from releases\.<name>\.configMaps\.app-env/u,
  ],
  [
    'a key of one',
    { 'app-env': { LOG_LEVEL: 'INFO' }, 'app-config': { 'other.yaml': '{}' } },
    /configMaps\.app-config\["config\.yaml"\] is missing/u,
  ],
])('what the chart cannot know must be given: without %s it is refused', async (_, configMaps, message) => {
  const { status, stderr } = await template([], { configMaps })
  expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringMatching(message) })
})

const dataOf = (made: readonly LiveObject[], name: string): Record<string, string> =>
  made.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === name)?.data ?? {}

test('a script that is given takes the place of its own, the others of the same ConfigMap stay', async () => {
  const own = await render('own-files-values.yaml')
  const given = { 'temporal-config': { 'schema-setup.sh': '#!/bin/sh\nexit 0\n', 'more.sh': 'more' } }
  const made = await render('own-files-values.yaml', { configMaps: given })
  const before = dataOf(own, 'temporal-config')
  expect(Object.keys(before)).toEqual(['entrypoint.sh', 'namespace-init.sh', 'schema-setup.sh'])
  expect(dataOf(made, 'temporal-config')).toEqual({ ...before, ...given['temporal-config'] })
  const jobs = (all: readonly LiveObject[]): string[] =>
    all
      .filter(({ kind }) => kind === 'Job')
      .map(nameOf)
      .sort()
  const changed = jobs(made).filter((name) => !jobs(own).includes(name))
  expect(changed).toEqual([expect.stringMatching(/^temporal-schema-setup-/u)])
})

const nameOf = ({ metadata }: LiveObject): string => metadata.name

test('without TLS its own pg_hba.conf lets connections in that are not encrypted', async () => {
  const hba = async (enabled: boolean): Promise<string> =>
    dataOf(await render('own-files-values.yaml', { postgresql: { tls: { enabled } } }), 'postgres-config')[
      'pg_hba.conf'
    ] ?? ''
  expect(await hba(true)).toMatch(/^hostssl +appdb/mu)
  expect(await hba(false)).toMatch(/^host +appdb/mu)
  expect(await hba(false)).not.toMatch(/^hostssl|reject$/mu)
})

test('an HPA owns the number of pods: replicas is left out', async () => {
  const { stdout } = await template([ciFile('default-values.yaml')], {
    app: { replicas: 7, autoscaling: { enabled: true } },
  })
  expect(stdout).toContain('kind: HorizontalPodAutoscaler')
  expect(stdout).not.toContain('replicas: 7')
})
