import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { secretMaker } from '../../src/adapters/files/secret-maker.ts'
import { print, RealNamespace, restarts } from '../support/real-cluster.ts'
import { done, install, secret, served, startWorker, temporal, underWorkflows } from '../support/real-temporal.ts'

const SERVERS = ['frontend', 'history', 'matching', 'worker']

/** A namespace that refuses every pod below the level `restricted`. */
async function strict(group: string): Promise<RealNamespace> {
  const namespace = await RealNamespace.create(group)
  await namespace.kubectl(['label', 'namespace', namespace.name, 'pod-security.kubernetes.io/enforce=restricted'])
  return namespace
}

describe('a PostgreSQL of another namespace, known by a Secret alone', () => {
  const PASSWORD = 'quo"te\\back%slash$dollar&and'
  let team: RealNamespace
  let postgres: RealNamespace

  beforeAll(async () => {
    postgres = await RealNamespace.create('temporal-db')
    await postgres.kubectl(['run', 'db', '--image=postgres:15', '--env=POSTGRES_PASSWORD=superuser', '--port=5432'])
    await postgres.kubectl(['expose', 'pod', 'db', '--port=5432'])
    await postgres.waitFor('pod/db', 'condition=Ready')
    const there = `until psql -h 127.0.0.1 -U postgres -c 'SELECT 1' >/dev/null 2>&1; do sleep 0.2; done`
    await postgres.kubectl(['exec', 'db', '--', 'sh', '-c', `PGPASSWORD=superuser; export PGPASSWORD; ${there}`])
    await sql(`CREATE ROLE temporal LOGIN PASSWORD '${PASSWORD}'`)
    team = await strict('temporal-external')
    const stringData = {
      host: `db.${postgres.name}.svc.cluster.local`,
      port: '5432',
      username: 'temporal',
      password: PASSWORD,
    }
    await secret(team, 'managed-postgres-credentials', stringData)
  }, 120_000)

  afterAll(async () => {
    await team.remove()
    await postgres.remove()
  })

  async function sql(statement: string, database = 'postgres'): Promise<string> {
    const script = `PGPASSWORD=superuser psql -h 127.0.0.1 -U postgres -d ${database} -v ON_ERROR_STOP=1 -Atc "$1"`
    return await postgres.kubectl(['exec', 'db', '--', 'sh', '-c', script, 'sql', statement])
  }

  /** What a second run must not touch: the databases themselves, and each step of their schemas with its time. */
  const state = async (): Promise<string[]> => [
    await sql(
      "SELECT oid, datname, pg_get_userbyid(datdba) FROM pg_database WHERE datname LIKE 'temporal%' ORDER BY 2",
    ),
    ...(await Promise.all(
      ['temporal', 'temporal_visibility'].map(
        async (one) => await sql('SELECT * FROM schema_update_history ORDER BY update_time', one),
      ),
    )),
  ]

  const values = {
    mode: 'single',
    database: { host: 'NONE', username: 'postgres', secret: { name: 'managed-postgres-credentials' } },
  }

  test('a user who may not make databases is told so, with the statement that lets him', async () => {
    const failing = { ...values, schema: { hook: true, backoffLimit: 0 } }
    expect(await install(team, failing)).toMatchObject({
      status: 1,
      output: expect.stringContaining('temporal-schema'),
    })
    const said = await team.kubectl(['logs', '-l', 'app.kubernetes.io/name=temporal-schema', '--tail=-1'])
    expect(said).toContain('ALTER ROLE "temporal" CREATEDB')
    expect(said).not.toContain(PASSWORD)
  }, 120_000)

  test('as a hook it makes both databases before the servers are there, and a second run changes nothing', async () => {
    await sql('ALTER ROLE temporal CREATEDB')
    const hook = { ...values, schema: { hook: true } }
    expect(await install(team, hook)).toMatchObject({ status: 0 })
    expect(await done(team, 'schema')).toMatch(/database temporal is made[^]*database temporal_visibility is made/u)
    await served(team, ['server', 'web', 'admin-tools'])
    await done(team, 'namespaces')
    expect(await temporal(team, 'operator', 'cluster', 'health')).toBe('SERVING')
    const before = await state()
    expect(before[0]).toMatch(/^\d+\|temporal\|temporal\n\d+\|temporal_visibility\|temporal$/u)

    expect(await install(team, hook)).toMatchObject({ status: 0 })
    expect(await done(team, 'schema')).toMatch(/visibility is current[^]*temporal is current/u)
    expect(await done(team, 'schema')).not.toContain('is made')
    expect(await state()).toEqual(before)
    expect(restarts(await team.pods())).toEqual([])
  }, 300_000)
})

describe('CloudNativePG, a server each', () => {
  let namespace: RealNamespace
  const database = { mode: 'cnpg', cnpg: { storage: { size: '1Gi' } } }

  beforeAll(async () => {
    namespace = await strict('temporal-cnpg')
    expect(await install(namespace, { database })).toMatchObject({ status: 0 })
    await served(namespace, [...SERVERS, 'web', 'admin-tools'])
    await done(namespace, 'namespaces')
  }, 300_000)

  afterAll(async () => await namespace.remove())

  test('serves, with its namespace, its UI, and both databases of the owner', async () => {
    expect(await temporal(namespace, 'operator', 'cluster', 'health')).toBe('SERVING')
    expect(await temporal(namespace, 'operator', 'namespace', 'describe', '-n', 'default')).toMatch(/168h|604800s/u)
    const page = await namespace.get('/api/v1/namespaces', 'temporal-web:8080')
    expect(JSON.stringify(page)).toContain('"default"')
    expect(await done(namespace, 'schema')).not.toContain('is made')
    const [made] = await namespace.objects('databases.postgresql.cnpg.io')
    expect(made).toMatchObject({ spec: { name: 'temporal_visibility', owner: 'temporal' }, status: { applied: true } })
    expect(restarts(await namespace.pods())).toEqual([])
  }, 60_000)

  test('an upgrade of every server while workflows run: none fails, and a long one ends well', async () => {
    await startWorker(namespace)
    const start = ['workflow', 'start', '--type', 'Long', '--task-queue', 'test', '--workflow-id', 'long']
    await temporal(namespace, ...start, '--input', '45')
    const report = await underWorkflows(namespace)
    const uids = async (): Promise<string[]> =>
      (await Promise.all(SERVERS.map(async (one) => await namespace.pods(`temporal-${one}`))))
        .flat()
        .map(({ metadata }) => metadata.uid)
    const before = await uids()
    const changed = { 'limit.maxIDLength': [{ value: 255 }] }

    expect(await install(namespace, { database, dynamicConfig: { values: changed } })).toMatchObject({ status: 0 })
    await served(namespace, SERVERS)
    const retained = { namespaces: [{ name: 'default', retention: '72h' }] }
    expect(await install(namespace, { database, dynamicConfig: { values: changed }, ...retained })).toMatchObject({
      status: 0,
    })

    expect((await uids()).filter((uid) => before.includes(uid))).toEqual([])
    expect(await temporal(namespace, 'workflow', 'describe', '--workflow-id', 'long', '--output', 'json')).toMatch(
      /STATUS_RUNNING|"Running"/u,
    )
    expect(await temporal(namespace, 'workflow', 'result', '--workflow-id', 'long')).toContain('45 beats')
    const { ended, failed, refused, slowest } = await report()
    print(
      `upgrade of all servers of Temporal: ${ended} workflows ended, ${failed.length} failed, slowest ${slowest.toFixed(1)} s`,
    )
    expect({ failed, refused, enough: ended > 100 }).toEqual({ failed: [], refused: [], enough: true })
  }, 300_000)

  test('the namespace has the retention that it was given since', async () => {
    await namespace.kubectl([
      'wait',
      'job',
      '-l',
      'app.kubernetes.io/name=temporal-namespaces',
      '--for=condition=complete',
      '--timeout=120s',
    ])
    expect(await temporal(namespace, 'operator', 'namespace', 'describe', '-n', 'default')).toMatch(/72h|259200s/u)
  }, 130_000)
})

describe('mTLS, on the internal database', () => {
  let namespace: RealNamespace

  beforeAll(async () => {
    namespace = await strict('temporal-mtls')
    const now = Date.now()
    const issuer = await secretMaker.authority({ name: 'test', now, days: 2 })
    for (const one of ['internode', 'frontend', 'client']) {
      const made = await secretMaker.server({ hosts: [`temporal-${one}`], issuer, now, days: 2 })
      const stringData = { 'tls.crt': made.certificate, 'tls.key': made.key, 'ca.crt': issuer.certificate }
      await secret(namespace, `temporal-${one}-tls`, stringData)
    }
    await secret(namespace, 'temporal-postgres', { password: 'a-password-of-the-internal-database' })
    const tls = {
      enabled: true,
      internode: { secretName: 'temporal-internode-tls' },
      frontend: { secretName: 'temporal-frontend-tls' },
      client: { secretName: 'temporal-client-tls' },
    }
    const database = { mode: 'internal', secret: { name: 'temporal-postgres' } }
    expect(await install(namespace, { database, tls })).toMatchObject({ status: 0 })
    await served(namespace, [...SERVERS, 'web', 'admin-tools'])
    await done(namespace, 'namespaces')
  }, 300_000)

  afterAll(async () => await namespace.remove())

  test('tools and UI come in with their certificate, and nobody without one', async () => {
    expect(await temporal(namespace, 'operator', 'cluster', 'health')).toBe('SERVING')
    const page = await namespace.get('/api/v1/namespaces', 'temporal-web:8080')
    expect(JSON.stringify(page)).toContain('"default"')
    const without =
      'unset TEMPORAL_TLS_CERT TEMPORAL_TLS_CLIENT_CERT_PATH TEMPORAL_TLS_KEY TEMPORAL_TLS_CLIENT_KEY_PATH'
    await expect(
      namespace.kubectl([
        'exec',
        'deploy/temporal-admin-tools',
        '--',
        'sh',
        '-c',
        `${without}; temporal --command-timeout 5s operator cluster health`,
      ]),
    ).rejects.toThrow(/failed reaching server/u)
  }, 60_000)

  test("Temporal's own worker works through it: nothing is started twice, and its workflows run", async () => {
    const list = await temporal(namespace, 'workflow', 'list', '-n', 'temporal-system', '--output', 'json')
    expect(list).toContain('temporal-sys-tq-scanner')
    expect(restarts(await namespace.pods())).toEqual([])
  }, 60_000)
})
