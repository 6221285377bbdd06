import { afterAll, beforeAll, expect, test } from '@jest/globals'
import {
  appOf,
  containersOf,
  print,
  RealNamespace,
  restarts,
  type Deployed,
  type Pod,
} from '../support/real-cluster.ts'
import { realProject, secretOf } from '../support/real-project.ts'
import { chainOf, sharesOf, Timeline, type Shares } from '../support/real-timeline.ts'
import type { TestProject } from '../support/project.ts'

// One namespace, deployed once from nothing; the tests look at it from all sides.
let namespace: RealNamespace
let project: TestProject
let first: Deployed
let shares: Shares
let pods: readonly Pod[]

const DEPLOYMENTS = ['app', 'postgres', 'redis', 'temporal', 'temporal-admin-tools', 'temporal-web', 'worker']
const JOBS = ['postgres-verifier', 'temporal-namespace-init', 'temporal-schema-setup']

beforeAll(async () => {
  namespace = await RealNamespace.create('stack')
  project = await realProject(namespace)
  const timeline = new Timeline(namespace)
  first = await namespace.deploy(project)
  expect(first).toMatchObject({ status: 0, report: { outcome: 'deployed', verdict: null } })
  shares = sharesOf(first, await timeline.end())
  pods = await namespace.pods()
}, 300_000)

afterAll(async () => await namespace.remove())

test('a first deploy brings everything up, and no container is started twice', () => {
  expect(first.report.steps.map(({ name, outcome }) => `${name} ${outcome}`)).toEqual(
    [
      'prerequisites',
      'images',
      'secrets',
      'configuration',
      'preview',
      'upgrade',
      'databases',
      'schema',
      'temporal',
      'app',
    ].map((name) => `${name} done`),
  )
  expect(pods.map(appOf).sort()).toEqual([...DEPLOYMENTS, ...JOBS].sort())
  expect(restarts(pods)).toEqual([])
})

test("from the first pod on it takes the pods' own critical path, and at most one second more", () => {
  const { before, criticalPath, lastName, proven, ended, total } = shares
  print(
    [
      `first install, from start to exit   ${total.toFixed(1)} s`,
      `  forge, until it writes            ${before.toFixed(1)} s`,
      `  secrets, helm, until a pod is     ${(total - criticalPath - before - ended).toFixed(1)} s`,
      `  the pods' critical path           ${criticalPath.toFixed(1)} s   ${chainOf(pods)}`,
      `  after ${lastName}: proven healthy in ${proven.toFixed(1)} s, ended in ${ended.toFixed(1)} s`,
    ].join('\n'),
  )
  expect(proven).toBeLessThanOrEqual(ended)
  expect(ended).toBeLessThanOrEqual(1)
})

test('each part starts after what it needs: the schema before Temporal, its namespace before the worker', () => {
  const time = (app: string, container: string, edge: 'startedAt' | 'finishedAt'): number => {
    const pod = pods.find((one) => appOf(one) === app)
    const state = pod === undefined ? undefined : containersOf(pod).find(({ name }) => name === container)?.state
    return Date.parse(
      (state?.terminated ?? (state?.running as { finishedAt: string; startedAt: string } | undefined))?.[edge] ?? '',
    )
  }
  const edges: readonly [number, number][] = [
    [time('temporal-schema-setup', 'schema-setup', 'finishedAt'), time('temporal', 'temporal', 'startedAt')],
    [time('temporal', 'temporal', 'startedAt'), time('temporal-namespace-init', 'namespace-init', 'startedAt')],
    [time('temporal-namespace-init', 'namespace-init', 'finishedAt'), time('worker', 'worker', 'startedAt')],
    [time('postgres', 'postgres', 'startedAt'), time('app', 'app', 'startedAt')],
  ]
  for (const [earlier, later] of edges) expect(later).toBeGreaterThanOrEqual(earlier)
})

test('init containers say what they wait for, and for how long', async () => {
  const said = async (app: string, container: string): Promise<string> =>
    await namespace.kubectl(['logs', `deploy/${app}`, '-c', container])
  expect(await said('app', 'wait-for-postgres')).toMatch(
    /^waiting for PostgreSQL \(postgres:5432\), at most 420 s\n(?:.*\n)*PostgreSQL \(postgres:5432\) is there$/u,
  )
  expect(await said('temporal', 'wait-for-temporal-schema-setup')).toMatch(
    /this image needs schema temporal v[\d.]+\n(?:.*\n)*waiting for Temporal's schema .*at most 720 s/u,
  )
  expect(await said('worker', 'wait-for-temporal-namespace-init')).toContain('at most 900 s')
})

test('app, web UI and worker are healthy, and a workflow runs through the worker', async () => {
  expect(await namespace.get('/health')).toMatchObject({ status: 'ok' })
  expect(await namespace.get('/health')).toHaveProperty('redis')
  expect(await namespace.get('/healthz', 'temporal-web:8080')).toMatchObject({ status: 'OK' })
  expect((await namespace.exec('worker', 'python /app/src/worker/health_check.py')).status).toBe(0)
  expect(await namespace.get('/hello?name=Ann')).toEqual({ result: expect.stringMatching(/^Hello, Ann/u) })
})

test('Temporal serves, with its schema at the version of its image and its namespace', async () => {
  const tools = async (script: string): Promise<string> => (await namespace.exec('temporal-admin-tools', script)).output
  expect(await tools('temporal operator cluster health')).toContain('SERVING')
  expect(await tools('temporal operator namespace describe -n default')).toMatch(
    /Config\.WorkflowExecutionRetentionTtl\s+168h/u,
  )
  for (const [database, folder] of [
    ['temporal', 'temporal'],
    ['temporal_visibility', 'visibility'],
  ] as const) {
    const newest = await tools(
      `ls /etc/temporal/schema/postgresql/v12/${folder}/versioned | grep '^v' | sort -V | tail -n 1`,
    )
    const current = await sql(
      'temporaluser',
      'postgres_temporal_pw',
      database,
      'SELECT curr_version FROM schema_version',
    )
    expect({ database, version: `v${current.output}` }).toEqual({ database, version: newest })
  }
})

/** psql inside the pod of PostgreSQL, over the network and with the server verified, as the pods of the stack do it. */
async function sql(
  role: string,
  key: string,
  database: string,
  statement: string,
  { host = 'postgres', tls = 'verify-full' } = {},
) {
  const connection = `host=${host} user=${role} dbname=${database} sslmode=${tls} sslrootcert=/tmp/ca.crt connect_timeout=5`
  const script = `cat >/tmp/ca.crt; PGPASSWORD="$(cat /run/secrets/${key})" psql --no-psqlrc -v ON_ERROR_STOP=1 -Atq "${connection}" -c "${statement}"`
  return await namespace.exec('postgres', script, await project.read('infra/secrets/certs/ca/ca-bundle.crt'))
}

test('PostgreSQL takes connections by TLS only, under the names of its certificate', async () => {
  const encrypted = 'SELECT ssl, version FROM pg_stat_ssl WHERE pid = pg_backend_pid()'
  for (const host of ['postgres', `postgres.${namespace.name}.svc`, `postgres.${namespace.name}.svc.cluster.local`]) {
    expect(await sql('appuser', 'postgres_app_user_pw', 'appdb', encrypted, { host })).toEqual({
      status: 0,
      output: 't|TLSv1.3',
    })
  }
  const [service] = await namespace.objects('services', 'app.kubernetes.io/name=postgres')
  const address = String(service?.spec?.['clusterIP'])
  expect((await sql('appuser', 'postgres_app_user_pw', 'appdb', 'SELECT 1', { host: address })).output).toMatch(
    /certificate .*does not match host name/u,
  )
  expect((await sql('appuser', 'postgres_app_user_pw', 'appdb', 'SELECT 1', { tls: 'disable' })).output).toContain(
    'pg_hba.conf rejects connection',
  )
  expect((await sql('appuser', 'postgres_app_ro_pw', 'appdb', 'SELECT 1')).output).toContain(
    'password authentication failed',
  )
})

test.each([
  ['appuser', 'postgres_app_user_pw', 'appdb', "INSERT INTO greetings (name) VALUES ('x')", ''],
  ['appuser', 'postgres_app_user_pw', 'appdb', 'CREATE TABLE mine (id int)', 'permission denied for schema public'],
  ['appuser', 'postgres_app_user_pw', 'appdb', 'DROP TABLE greetings', 'must be owner of table greetings'],
  ['appuser', 'postgres_app_user_pw', 'temporal', 'SELECT 1', 'no pg_hba.conf entry'],
  ['appro', 'postgres_app_ro_pw', 'appdb', 'SELECT count(*) >= 0 FROM greetings', 't'],
  ['appro', 'postgres_app_ro_pw', 'appdb', 'DELETE FROM greetings', 'permission denied for table greetings'],
  ['appowner', 'postgres_app_owner_pw', 'appdb', 'CREATE TABLE later (id int)', ''],
  ['appuser', 'postgres_app_user_pw', 'appdb', 'INSERT INTO later VALUES (1)', ''],
  ['appro', 'postgres_app_ro_pw', 'appdb', 'SELECT * FROM later', '1'],
  ['temporaluser', 'postgres_temporal_pw', 'appdb', 'SELECT 1', 'no pg_hba.conf entry'],
  [
    'temporaluser',
    'postgres_temporal_pw',
    'temporal',
    'SELECT rolsuper FROM pg_roles WHERE rolname = current_user',
    'f',
  ],
])('as %s (%s) in %s: %s', async (role, key, database, statement, answer) => {
  const { output } = await sql(role, key, database, statement)
  if (answer.length > 1) expect(output).toContain(answer)
  else expect(output).toBe(answer)
})

test('the superuser cannot come in from another pod', async () => {
  const program =
    'import os, psycopg2; psycopg2.connect(host="postgres", user="postgres", dbname="postgres", password=input())'
  const { status, output } = await namespace.exec(
    'worker',
    `python -c '${program}'`,
    `${await secretOf(project, 'postgres_password')}\n`,
  )
  expect({ status, output }).toEqual({ status: 1, output: expect.stringContaining('no pg_hba.conf entry') })
})

test('Redis wants its password, which stands in no argument', async () => {
  const redis = async (script: string): Promise<string> => (await namespace.exec('redis', script)).output
  expect(await redis('redis-cli -h redis ping')).toContain('NOAUTH')
  expect(await redis('REDISCLI_AUTH=wrong redis-cli -h redis ping')).toContain('WRONGPASS')
  expect(await redis('REDISCLI_AUTH="$(cat /run/secrets/redis_password)" redis-cli -h redis ping')).toBe('PONG')
  expect(await redis("cat /proc/1/cmdline /proc/1/environ | tr '\\0' ' '")).not.toContain(
    await secretOf(project, 'redis_password'),
  )
})

test.each([
  ['postgres', 999, true],
  ['redis', 999, true],
  ['temporal', 1000, false],
  ['temporal-web', 1000, false],
  ['temporal-admin-tools', 1000, true],
  ['app', 1001, true],
  ['worker', 1001, true],
])('%s runs as user %i, without rights, root file system read-only: %s', async (app, uid, readOnly) => {
  const { output } = await namespace.exec(
    app,
    'id -u; id -g; grep -E "^(CapEff|CapBnd|NoNewPrivs|Seccomp):" /proc/1/status; touch /forge-was-here 2>&1',
  )
  const [user, group, ...rest] = output.split('\n')
  expect({ user, group }).toEqual({ user: String(uid), group: String(uid) })
  const status = Object.fromEntries(
    rest.flatMap((line) => (/^\w+:\s/u.test(line) ? [line.split(/:\s+/u) as [string, string]] : [])),
  )
  expect(status).toMatchObject({
    CapEff: '0000000000000000',
    CapBnd: '0000000000000000',
    NoNewPrivs: '1',
    Seccomp: '2',
  })
  expect(rest.join('\n')).toContain(readOnly ? 'Read-only file system' : 'Permission denied')
  const [pod] = await namespace.pods(app)
  expect(pod?.spec.securityContext).toMatchObject({
    runAsNonRoot: true,
    runAsUser: uid,
    seccompProfile: { type: 'RuntimeDefault' },
  })
})

test('no pod has a token of the API server, and secret files are for its own user only', async () => {
  for (const app of ['app', 'postgres']) {
    expect((await namespace.exec(app, 'ls /var/run/secrets/kubernetes.io')).status).not.toBe(0)
    expect((await namespace.exec(app, 'stat -L -c %a /run/secrets/postgres_app_user_pw')).output).toBe('440')
  }
})

test('data survives the death of PostgreSQL and Redis', async () => {
  await sql('appuser', 'postgres_app_user_pw', 'appdb', "INSERT INTO greetings (name) VALUES ('survivor')")
  await namespace.exec('redis', 'REDISCLI_AUTH="$(cat /run/secrets/redis_password)" redis-cli set survivor yes')

  await namespace.kubectl(['delete', 'pod', '-l', 'app.kubernetes.io/name in (postgres, redis)'])
  for (const name of ['postgres', 'redis']) await namespace.waitFor(`deploy/${name}`, 'condition=Available')

  const count = await sql(
    'appro',
    'postgres_app_ro_pw',
    'appdb',
    "SELECT count(*) FROM greetings WHERE name = 'survivor'",
  )
  expect(count).toEqual({ status: 0, output: '1' })
  const value = await namespace.exec(
    'redis',
    'REDISCLI_AUTH="$(cat /run/secrets/redis_password)" redis-cli get survivor',
  )
  expect(value.output).toBe('yes')
  await namespace.waitFor('deploy/app', 'condition=Available')
  expect(await namespace.get('/health')).toMatchObject({ status: 'ok' })
  expect(restarts(await namespace.pods())).toEqual([])
}, 200_000)

test('a second deploy changes nothing and restarts nothing', async () => {
  const before = (await namespace.pods()).map(({ metadata }) => metadata.uid).sort()

  const { status, report, begin, end } = await namespace.deploy(project)

  print(`unchanged   ${((end - begin) / 1000).toFixed(1)} s`)
  expect({ status, outcome: report.outcome, restarted: report.restarted }).toEqual({
    status: 0,
    outcome: 'unchanged',
    restarted: [],
  })
  expect((await namespace.pods()).map(({ metadata }) => metadata.uid).sort()).toEqual(before)
})
