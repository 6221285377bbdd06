import { expect, test } from '@jest/globals'
import { execa } from 'execa'
import { chartAt, podTemplates } from '../support/chart.ts'
import { helmOf } from '../support/helms.ts'
import { refusal, type WrongValue } from '../support/wrong-values.ts'

const chart = chartAt('temporal')
const LEAST = 'default-values.yaml'

/** Where the variables of a server come from: a value, or SECRET.KEY, with `?` where the key may be missing. */
async function connection(file: string, values: unknown = {}): Promise<Record<string, string>> {
  const pods = podTemplates(await chart.render(file, values))
  const [container] = pods.find(({ of }) => of === 'Deployment/temporal-frontend')?.spec.containers ?? []
  const env = (container?.env ?? []) as readonly {
    readonly name: string
    readonly value?: string
    readonly valueFrom?: { readonly secretKeyRef?: { name: string; key: string; optional?: boolean } }
  }[]
  return Object.fromEntries(
    env
      .filter(({ name }) => name.startsWith('DATABASE_'))
      .map(({ name, value, valueFrom: { secretKeyRef: from } = {} }) => [
        name,
        value ?? `${from?.name ?? ''}.${from?.key ?? ''}${from?.optional === true ? '?' : ''}`,
      ]),
  )
}

const ADMIN = 'managed-postgres-credentials'

test.each([
  [
    'the values of seed 002: NONE is the Secret, whose port and user may be missing',
    'managed-values.yaml',
    {},
    {
      DATABASE_HOST: `${ADMIN}.host`,
      DATABASE_PORT: `${ADMIN}.port?`,
      DATABASE_PORT_DEFAULT: '5432',
      DATABASE_USER: `${ADMIN}.username?`,
      DATABASE_USER_DEFAULT: 'postgres',
      DATABASE_PASSWORD: `${ADMIN}.password`,
    },
  ],
  [
    'no host is NONE too, and keys have other names',
    'managed-values.yaml',
    { database: { host: '', username: '', secret: { hostKey: 'endpoint', usernameKey: 'user', passwordKey: 'pw' } } },
    {
      DATABASE_HOST: `${ADMIN}.endpoint`,
      DATABASE_PORT: `${ADMIN}.port?`,
      DATABASE_PORT_DEFAULT: '5432',
      DATABASE_USER: `${ADMIN}.user`,
      DATABASE_PASSWORD: `${ADMIN}.pw`,
    },
  ],
  [
    'a host of the values: so are port and user',
    LEAST,
    {},
    {
      DATABASE_HOST: 'db.example.com',
      DATABASE_PORT_DEFAULT: '5432',
      DATABASE_USER_DEFAULT: 'temporal',
      DATABASE_PASSWORD: 'temporal-postgres.password',
    },
  ],
  [
    'a Cluster that is there: the Secret that CloudNativePG made',
    'cnpg-existing-values.yaml',
    {},
    {
      DATABASE_HOST: 'shared-postgres-rw',
      DATABASE_PORT_DEFAULT: '5432',
      DATABASE_USER_DEFAULT: 'temporal',
      DATABASE_PASSWORD: 'shared-postgres-app.password',
    },
  ],
])('%s', async (_, file, values, expected) => expect(await connection(file, values)).toEqual(expected))

const WRONG: readonly WrongValue[] = [
  ['mode', 'cluster', /one of|must be/iu],
  ['namePrefix', 'Temporal', /pattern/iu],
  ['server.image', 'temporalio/server:1.29.0', /object/u],
  ['server.image.tag', 1.29, /string/u],
  ['server.image.digest', 'sha256:abc', /pattern/iu],
  ['server.numHistoryShards', 0, /minimum|greater/iu],
  ['server.replicaCount', 1, /additional propert/iu],
  ['server.logLevel', 'verbose', /one of|must be/iu],
  ['server.config', {}, /additional propert/iu],
  ['database.mode', 'rds', /one of|must be/iu],
  ['database.host', 'db.example.com:5432', /pattern/iu],
  ['database.port', '5432', /integer/u],
  ['database.driver', 'postgres', /additional propert/iu],
  ['database.name', 'tem"poral', /pattern/iu],
  ['database.secret.password', 'geheim', /additional propert/iu],
  ['database.secret.name', 'My_Secret', /pattern/iu],
  ['database.cnpg.instances', 0, /minimum|greater/iu],
  ['database.cnpg.monitoring', { enabled: true }, /additional propert/iu],
  ['database.cnpg.parameters.max_connections', 100, /string/u],
  ['database.cnpg.storage.size', '20 GB', /pattern/iu],
  ['database.cnpg.backup.schedule', '0 3 * * *', /pattern/iu],
  ['visibility.store', 'opensearch', /one of|must be/iu],
  ['visibility.elasticsearch.url', 'https://elastic:geheim@es:9200', /pattern/iu],
  ['loadBalancer.metallb', 'metallb', /one of|must be/iu],
  ['loadBalancer.sourceRanges', ['10.0.0.1'], /pattern/iu],
  ['frontend.replicas', -1, /minimum|greater/iu],
  ['frontend.podDisruptionBudget.maxUnavailable', '150%', /pattern/iu],
  ['history.autoscaling', { enabled: true }, /additional propert/iu],
  ['web.ingress.hosts', [{ name: 'x' }], /host/u],
  ['dynamicConfig.values.limit', 5, /array/u],
  ['namespaces', [{ name: 'orders', retention: '3d' }], /pattern/iu],
  ['schema.waitSeconds', 0, /minimum|greater/iu],
  ['global.imagePullPolicy', 'Sometimes', /one of|must be/iu],
  ['global.labels.helm\\.sh/chart', 'mine', /false schema|not allowed/iu],
]

test.each(WRONG)('%s: %j is refused', async (path, value, reason) =>
  expect(await refusal(chart, path, value, reason)).toBe('said'),
)

/** What a schema cannot say is said by the templates, with the path and a way out. */
test.each([
  [
    'no Secret',
    { database: { secret: { name: '' } } },
    /database\.secret\.name is empty: name the Secret with the key password/u,
  ],
  [
    'one database for two',
    { database: { visibilityName: 'temporal' } },
    /both "temporal": Temporal's two schemas need/u,
  ],
  [
    'files without TLS',
    { database: { tls: { caKey: 'ca.crt' } } },
    /database\.tls\.enabled is false: the connection would not/u,
  ],
  ['half a certificate', { database: { tls: { enabled: true, certKey: 'a' } } }, /certKey and keyKey belong together/u],
  [
    'a host beside a Cluster',
    { database: { mode: 'cnpg' } },
    /database\.host is "db\.example\.com", but with database\.mode cnpg/u,
  ],
  [
    'a hook before its database',
    { database: { mode: 'internal', host: '' }, schema: { hook: true } },
    /set schema\.hook to false/u,
  ],
  [
    'backups to nowhere',
    { database: { mode: 'cnpg', host: '', cnpg: { backup: { enabled: true } } } },
    /destinationPath is empty/u,
  ],
  [
    'the libraries of seed 003',
    { database: { mode: 'cnpg', host: '', cnpg: { parameters: { shared_preload_libraries: 'x' } } } },
    /it is database\.cnpg\.sharedPreloadLibraries/u,
  ],
  ['Elasticsearch nowhere', { visibility: { store: 'elasticsearch' } }, /visibility\.elasticsearch\.url is empty/u],
  ['an image without a tag', { server: { image: { tag: '' } } }, /server\.image has neither a tag nor a digest/u],
  ['an Ingress without hosts', { web: { ingress: { enabled: true } } }, /web\.ingress\.hosts is empty/u],
  ['TLS without certificates', { tls: { enabled: true } }, /tls\.\w+\.secretName is empty/u],
  ['a monitor of nothing', { metrics: { enabled: false, serviceMonitor: { enabled: true } } }, /nothing to scrape/u],
  [
    'a budget that forbids every drain',
    { history: { podDisruptionBudget: { enabled: true, minAvailable: 1 } } },
    /history\.podDisruptionBudget\.minAvailable is 1 with 1 replicas/u,
  ],
  [
    'fewer at most than at least',
    { matching: { autoscaling: { enabled: true, minReplicas: 9 } } },
    /matching\.autoscaling: minReplicas \(9\)/u,
  ],
  [
    'two on one port',
    {
      loadBalancer: { address: '10.0.0.1' },
      frontend: { loadBalancer: { enabled: true } },
      web: { loadBalancer: { enabled: true, port: 7233 } },
    },
    /are both 7233: on a shared address each needs its own/u,
  ],
])('%s: refused by the templates', async (_, values, message) => {
  const { status, stderr } = await chart.template([chart.ciFile(LEAST)], values)
  expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringMatching(message) })
})

test.each(chart.ciFiles)('%s: helm 3 makes what helm 4 makes', async (file) => {
  const [three, four] = await Promise.all(
    ([3, 4] as const).map(async (major) => {
      const helm = await helmOf(major)
      const { stdout } = await execa(helm, ['template', 'temporal', chart.dir, '--values', chart.ciFile(file)])
      // Helm 4 leaves an empty line before each document.
      return stdout.replaceAll(/\n+/gu, '\n').trim()
    }),
  )
  expect(three).toBe(four)
})
