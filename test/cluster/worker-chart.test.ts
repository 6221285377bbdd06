import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { chartAt, podTemplates, type Chart } from '../support/chart.ts'
import type { LiveObject } from '../support/cluster.ts'
import { Network } from '../support/network.ts'
import { asPod, strictNamespace, type StrictNamespace } from '../support/strict-namespace.ts'
import { refusal, type WrongValue } from '../support/wrong-values.ts'

const worker = chartAt('temporal-worker')
const main = chartAt('api-forge')
const LEAST = 'default-values.yaml'

let room: StrictNamespace

beforeAll(async () => {
  room = await strictNamespace('worker')
})
afterAll(async () => await room.remove())

const named = (objects: readonly LiveObject[]): string[] =>
  objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`).sort()

/** The sandbox has no Prometheus Operator: test/real/monitoring.test.ts asks a cluster that has its kinds. */
const known = ({ apiVersion }: LiveObject): boolean => !apiVersion.startsWith('monitoring.coreos.com/')

describe.each(worker.ciFiles)('%s', (file) => {
  test('renders the same bytes twice, is accepted field by field, and its pods by a namespace of the level restricted', async () => {
    const [once, twice] = await Promise.all([0, 1].map(async () => await worker.template([worker.ciFile(file)])))
    expect(once).toEqual(twice)
    const objects = (await worker.render(file, undefined, room.name)).filter(known)
    expect(await room.dryRun(objects)).toHaveLength(objects.length)
    const pods = podTemplates(objects)
    expect(await room.dryRun(pods.map((pod, index) => asPod(pod, index, room.name)))).toHaveLength(1)
    for (const { spec } of pods) {
      expect(spec).toMatchObject({ automountServiceAccountToken: false, enableServiceLinks: false })
      for (const { image } of [...spec.containers, ...(spec.initContainers ?? [])])
        expect(image).toMatch(/:[^/:@]+$|@sha256:[0-9a-f]{64}$/u)
    }
  })

  test('has objects of one name, and everything that selects its pod selects it', async () => {
    const objects = await worker.render(file)
    const [pod] = podTemplates(objects)
    const names = new Set(
      objects
        .filter(({ kind }) => kind !== 'ServiceAccount')
        .map(({ metadata }) => metadata.name.replace(/-dashboards$/u, '')),
    )
    expect([...names]).toEqual([pod?.of.split('/')[1]])
    const selectors = objects
      .filter(known)
      .flatMap(({ spec }) => [spec?.['selector'], spec?.['podSelector']] as const)
      .filter(Boolean)
    for (const one of selectors as Record<string, Record<string, string>>[])
      expect(pod?.metadata.labels).toMatchObject(one['matchLabels'] ?? one)
  })
})

const WRONG: readonly WrongValue[] = [
  ['image', 5, /string/u],
  ['replicaCount', 2, /additional propert/iu],
  ['replicas', '2', /integer/u],
  ['replicas', -1, /minimum|greater/iu],
  ['uid', 0, /minimum|greater/iu],
  ['fullnameOverride', 'My_Worker', /pattern/iu],
  ['temporal.address', 'http://temporal:7233', /pattern/iu],
  ['temporal.address', 'temporal', /pattern/iu],
  ['temporal.taskQueue', '', /minLength|length/iu],
  ['temporal.queue', 'x', /additional propert/iu],
  ['env.LOG_LEVEL', 5, /string/u],
  ['env.MY-NAME', 'x', /additional propert/iu],
  ['secrets.env.DB_PASSWORD', { secret: 'db' }, /key/u],
  ['secrets.existing', ['Team_Secrets'], /pattern/iu],
  ['secrets.internalApiSharedSecret', 'x', /additional propert/iu],
  ['vault.files.shared', { path: '/secret/data/x', env: { A: 'a' } }, /pattern/iu],
  ['vault.files.shared', { path: 'secret/data/x', env: {} }, /minProperties|propert/iu],
  ['vault.enabled', 'true', /boolean/u],
  ['health.port', 80, /minimum|greater/iu],
  ['health.path', 'health', /pattern/iu],
  ['metrics.port', 'http', /integer/u],
  ['imagePullSecrets', ['harbor'], /object/u],
  ['autoscaling.minReplicas', 0, /minimum|greater/iu],
  ['podDisruptionBudget.maxUnavailable', '150%', /pattern/iu],
  ['resources.limits.memory', '4 GB', /oneOf|pattern/iu],
  ['terminationGracePeriodSeconds', 0, /minimum|greater/iu],
  ['longestActivitySeconds', '5m', /integer/u],
  ['autoscaling.backlog.averageValue', 0, /anyOf|minimum|greater/iu],
  ['spread', 'always', /one of|must be/iu],
  ['rbac.rules', [{ apiGroups: [''], resources: ['pods'] }], /verbs/u],
  ['database.host', 'http://postgres', /pattern/iu],
  ['application.url', 'psa.example.com', /pattern/iu],
  ['encryption.iterations', '10000', /integer/u],
  ['verifySecrets.variables.MY-NAME', 1, /additional propert/iu],
  ['networkPolicy.outbound.addresses.redis', 'redis', /pattern/iu],
  ['networkPolicy.outbound.https', ['api.resend.com'], /pattern/iu],
  ['global.imagePullPolicy', 'Sometimes', /one of|must be/iu],
  ['global.labels.helm\\.sh/chart', 'mine', /false schema|not allowed/iu],
]

test.each(WRONG)('%s: %j is refused', async (path, value, reason) =>
  expect(await refusal(worker, path, value, reason)).toBe('said'),
)

const VAULT = { enabled: true, files: { shared: { path: 'secret/data/x', env: { KEY: 'key' } } } }

/** What a schema cannot say is said by the templates, with the path and a way out. */
test.each([
  ['no image', { image: '' }, /image is empty: give an image reference with a tag or a digest/u],
  ['an image without a tag', { image: 'acme/worker' }, /image: "acme\/worker" has neither a tag nor a digest/u],
  ['a registry with a port is no tag', { image: 'acme:5000/worker' }, /has neither a tag nor a digest/u],
  [
    'a budget that forbids every drain',
    { podDisruptionBudget: { enabled: true, minAvailable: 1 } },
    /minAvailable is 1 with 1 replicas: no node could be drained/u,
  ],
  [
    'two budgets',
    { replicas: 3, podDisruptionBudget: { enabled: true, minAvailable: 1, maxUnavailable: 1 } },
    /exclude each other/u,
  ],
  [
    'fewer at most than at least',
    { autoscaling: { enabled: true, minReplicas: 99 } },
    /minReplicas \(99\) is greater than maxReplicas/u,
  ],
  [
    'an autoscaler without a target',
    { autoscaling: { enabled: true, targetCPUUtilizationPercentage: null } },
    /no target is set/u,
  ],
  ['one port for two things', { metrics: { enabled: true, port: 8080 } }, /metrics\.port is 8080, as health\.port/u],
  [
    'Vault and secrets of this machine',
    { vault: VAULT, secrets: { local: { A: 'b' } } },
    /vault\.enabled and secrets\.local exclude each other/u,
  ],
  ['Vault without files', { vault: { enabled: true } }, /vault\.files is empty/u],
  ['Vault without a command', { vault: VAULT }, /vault\.enabled needs command/u],
  [
    'a variable that is a secret and is none',
    { env: { A: 'b' }, secrets: { env: { A: { secret: 's', key: 'k' } } } },
    /env\.A is given as a secret too/u,
  ],
])('%s: refused by the templates', async (_, values, message) => {
  const { status, stderr } = await worker.template([worker.ciFile(LEAST)], values)
  expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringMatching(message) })
})

test('alone it makes what its README names, and off nothing', async () => {
  const kinds = ['ConfigMap', 'Deployment', 'NetworkPolicy', 'Service', 'ServiceAccount']
  expect(named(await worker.render(LEAST))).toEqual(kinds.map((kind) => `${kind}/temporal-worker`))
  expect(await worker.render(LEAST, { enabled: false })).toEqual([])
  const prod = named(await worker.render('prod-values.yaml'))
  expect(prod).toEqual(
    expect.arrayContaining(['HorizontalPodAutoscaler/temporal-worker', 'PodDisruptionBudget/temporal-worker']),
  )
  expect((await worker.template([worker.ciFile('prod-values.yaml')])).stdout).not.toMatch(/^ +replicas:/mu)
  expect(named(await worker.render('local-values.yaml'))).toContain('Secret/temporal-worker')
})

const other = (release: string): Chart => chartAt('temporal-worker', release)

test('names carry the release, as helm has it, and two in one namespace select each its own', async () => {
  const [one, two] = await Promise.all([other('blue').render(LEAST), other('green').render(LEAST)])
  expect(named(one)).toContain('Deployment/blue-temporal-worker')
  const all = new Network([...one, ...two])
  for (const { spec } of all.policies) expect(all.selected(spec)).toHaveLength(1)
})

test('Vault: files that a shell can read, the agent alone gets a token, and the command runs with them', async () => {
  const [pod] = podTemplates(await worker.render('staging-vault-values.yaml'))
  expect(pod?.metadata.annotations).toMatchObject({
    'vault.hashicorp.com/agent-inject': 'true',
    'vault.hashicorp.com/role': 'temporal-worker',
    'vault.hashicorp.com/agent-inject-secret-internal-api': 'secret/data/acme/temporal-worker',
    'vault.hashicorp.com/agent-inject-template-auth-key': `{{- with secret "secret/data/acme/shared" -}}
export ALGA_AUTH_KEY='{{ index .Data.data "alga_auth_key" | replaceAll "'" "'\\\\''" }}'
{{- end }}
`,
    'vault.hashicorp.com/agent-service-account-token-volume-name': 'vault-token',
  })
  const [container] = pod?.spec.containers ?? []
  expect(JSON.stringify(container)).not.toContain('vault-token')
  expect(container?.args).toEqual([
    expect.stringMatching(/for file in \/vault\/secrets\/auth-key \/vault\/secrets\/internal-api;/u),
    'vault',
    'node',
    'dist/worker.js',
  ])
})

test('its pods restart for their settings, and neither for the release nor for labels of objects', async () => {
  const template = async (chart: Chart, values: unknown = {}): Promise<unknown> =>
    podTemplates(await chart.render(LEAST, values))[0]
  const [here, there] = [{ fullnameOverride: 'one' }, { fullnameOverride: 'one', global: { labels: { a: 'b' } } }]
  expect(await template(other('b'), there)).toEqual(await template(other('a'), here))
  expect(await template(other('a'), { ...here, env: { LOG_LEVEL: 'debug' } })).not.toEqual(
    await template(other('a'), here),
  )
})

describe('inside api-forge', () => {
  const INSIDE = 'temporal-worker-values.yaml'

  test('it is off unless said, and then nothing of it is there', async () => {
    const off = named(await main.render('own-files-values.yaml'))
    expect(off.filter((one) => one.includes('temporal-worker'))).toEqual([])
    expect(off).toContain('Deployment/worker')
  })

  test('on, it has the names that a release of its own has, and the same pod', async () => {
    const inside = await main.render(INSIDE, undefined, room.name)
    const own = named(await worker.render(LEAST))
    expect(named(inside).filter((one) => one.endsWith('/temporal-worker'))).toEqual(own)
    expect(named(inside)).not.toContain('Deployment/worker')
    expect(await room.dryRun(inside)).toHaveLength(inside.length)
  })

  test('its values are checked there too, and `global` reaches it', async () => {
    const { status, stderr } = await main.template([main.ciFile(INSIDE)], { 'temporal-worker': { replicas: 'two' } })
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: expect.stringMatching(/temporal-worker:[^]*replicas[^]*integer/u),
    })
    const global = { imagePullSecrets: [{ name: 'harbor' }], imageRegistry: 'mirror.example.com' }
    const pods = podTemplates(await main.render(INSIDE, { global, 'temporal-worker': { image: 'acme/worker:1' } }))
    const pod = pods.find(({ app }) => app === 'temporal-worker')
    expect(pod?.spec).toMatchObject({ imagePullSecrets: global.imagePullSecrets })
    expect(pod?.spec.containers[0]?.image).toBe('mirror.example.com/acme/worker:1')
  })

  test.each([
    ['postgres', 5432],
    ['redis', 6379],
    ['temporal', 7233],
  ])('%s:%i lets it in, inside and as a release of its own', async (service, port) => {
    const apart = [...(await main.render('own-files-values.yaml')), ...(await worker.render(LEAST))]
    for (const objects of [await main.render(INSIDE), apart]) {
      const network = new Network(objects)
      const from = network.pods.find(({ app }) => app === 'temporal-worker')?.metadata.labels ?? {}
      const [to] = network.behind(service, port)
      expect(to !== undefined && network.letsIn(from, to.pod, to.port)).toBe(true)
    }
  })
})
