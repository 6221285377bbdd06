import { expect, test } from '@jest/globals'
import { ciFile, template } from '../support/chart.ts'

/** A value that is wrong, by its path, and what the message says besides the path. */
const WRONG: readonly (readonly [path: string, value: unknown, reason: RegExp])[] = [
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
  ['secretRevisions.postgres-secrets.postgres_password', 'two', /integer/u],
]

const keysOf = (path: string): string[] => path.split(/(?<!\\)\./u).map((key) => key.replaceAll('\\', ''))

const nested = (keys: readonly string[], value: unknown): unknown =>
  keys.reduceRight((inner, key) => ({ [key]: inner }), value)

test.each(WRONG)('%s: %j is refused', async (path, value, reason) => {
  const keys = keysOf(path)
  const { status, stdout, stderr } = await template([ciFile('default-values.yaml')], nested(keys, value))

  expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
  const last = keys.at(-1) ?? ''
  const around = keys.length > 1 ? `/${keys.slice(0, -1).join('/')}` : ''
  // The place of the value; for a key that nobody knows the map around it, with the key.
  const says = (line: string): boolean =>
    line.includes(`'/${keys.map((key) => key.replaceAll('/', '~1')).join('/')}`) ||
    (line.includes(`'${around}'`) && line.includes(`'${last}'`))
  expect(stderr.split('\n').filter((line) => says(line) && reason.test(line)).length === 0 ? stderr : 'said').toBe(
    'said',
  )
})

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
    {},
    /configMaps\.temporal-config is missing: temporal needs it; forge fills it from releases\.<name>\.configMaps\.temporal-config/u,
  ],
  [
    'a key of one',
    { configMaps: { 'temporal-config': { 'entrypoint.sh': 'x' } } },
    /configMaps\.temporal-config\["schema-setup\.sh"\] is missing/u,
  ],
])('a component that is switched on without %s that it needs is refused', async (_, more, message) => {
  const { status, stderr } = await template([ciFile('minimal-values.yaml')], { ...more, temporal: { enabled: true } })
  expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringMatching(message) })
})

test('an HPA owns the number of pods: replicas is left out', async () => {
  const { stdout } = await template([ciFile('default-values.yaml')], {
    app: { replicas: 7, autoscaling: { enabled: true } },
  })
  expect(stdout).toContain('kind: HorizontalPodAutoscaler')
  expect(stdout).not.toContain('replicas: 7')
})
