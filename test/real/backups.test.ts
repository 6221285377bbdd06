import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { stringify } from 'yaml'
import { projectOf, type TestProject } from '../support/project.ts'
import { currentContext, image, RealNamespace, type Deployed } from '../support/real-cluster.ts'
import { realProject } from '../support/real-project.ts'

// A deploy whose Job changes the database has a real dump of it before, and one that cannot have it changes nothing.
const FOLDER = '/var/lib/postgresql/backups'

describe('the CronJob of the chart', () => {
  let namespace: RealNamespace
  let project: TestProject

  beforeAll(async () => {
    namespace = await RealNamespace.create('backups')
    project = await realProject(namespace)
    const off = { enabled: false }
    const postgresBackup = { enabled: true, suspend: true, backoffLimit: 0 }
    await project.write('config.yaml', stringify({ config: { redis: off, temporal: off } }))
    await project.write('backup.yaml', stringify({ worker: off, jobs: { postgresBackup } }))
    await project.configure(['releases', 'api-forge', 'values'], ['deploy/values.yaml', 'backup.yaml'])
    await project.configure(['images', 'app'], { ref: image('1.0.0'), to: ['api-forge:app.image'] })
    await project.configure(['releases', 'schema'], { manifests: ['migrate.yaml'], needs: ['api-forge'] })
    await project.configure(['stages'], {
      databases: { wait: ['Deployment/postgres'], timeout: '3m' },
      app: { wait: ['Deployment/app'], timeout: '3m' },
      schema: { wait: ['Job/migrate'], timeout: '2m' },
    })
    await project.configure(['backups'], {
      postgres: { from: 'CronJob/postgres-backup', before: ['schema'], timeout: '2m' },
    })
    const { status, report } = await migrate(
      1,
      `create table kept (what text); insert into kept select 'row ' || n from generate_series(1, 1000) n`,
    )
    expect({ status, verdict: report.verdict }).toEqual({ status: 0, verdict: null })
  }, 300_000)

  afterAll(async () => await namespace.remove())

  async function migrate(number: number, statement: string): Promise<Deployed> {
    const labels = { 'app.kubernetes.io/name': 'migrate' }
    const secretKeyRef = { name: 'postgres-secrets', key: 'postgres_app_owner_pw' }
    const container = {
      name: 'migrate',
      image: 'app_data_postgres_image',
      imagePullPolicy: 'IfNotPresent',
      command: ['psql', '-v', 'ON_ERROR_STOP=1', '-d', 'host=postgres dbname=appdb user=appowner sslmode=require'],
      args: ['-c', statement],
      env: [{ name: 'PGPASSWORD', valueFrom: { secretKeyRef } }],
    }
    const template = { metadata: { labels }, spec: { restartPolicy: 'Never', containers: [container] } }
    const metadata = { name: `migrate-${number}`, labels }
    await project.write(
      'migrate.yaml',
      stringify({ apiVersion: 'batch/v1', kind: 'Job', metadata, spec: { backoffLimit: 0, template } }),
    )
    return await namespace.deploy(project)
  }

  async function postgres(script: string): Promise<string> {
    const { status, output } = await namespace.exec('postgres', script)
    if (status !== 0) throw new Error(`${script} ended with ${status}:\n${output}`)
    return output
  }

  const sql = async (database: string, statement: string): Promise<string> =>
    await postgres(`psql -v ON_ERROR_STOP=1 -Atq -d ${database} -c "${statement}"`)

  test('dumps what a migration drops, and the dump brings it back', async () => {
    const { status, report } = await migrate(2, 'drop table kept')
    expect({ status, verdict: report.verdict }).toEqual({ status: 0, verdict: null })
    const [made] = report.backups ?? []
    expect(made).toMatchObject({ name: 'postgres', object: 'Job/postgres-backup-forge-2', before: ['schema'] })
    expect(made?.id).toMatch(/^appdb-\w+\.dump temporal-\w+\.dump temporal_visibility-\w+\.dump$/u)
    expect(await sql('appdb', `select to_regclass('kept') is null`)).toBe('t')
    const [dump = ''] = made?.id.split(' ') ?? []
    await postgres(`createdb restored && pg_restore --exit-on-error -d restored ${FOLDER}/${dump}`)
    expect(await sql('restored', 'select count(*), max(what) from kept')).toBe('1000|row 999')
  }, 180_000)

  test('where it fails, nothing is migrated', async () => {
    await sql('postgres', 'alter role temporaluser nologin')
    const { status, report } = await migrate(3, 'create table never (what text)')
    expect({ status, code: report.verdict?.code, outcome: report.outcome }).toEqual({
      status: 3,
      code: 'E_BACKUP_FAILED',
      outcome: 'refused',
    })
    expect(await sql('appdb', `select to_regclass('never') is null`)).toBe('t')
    expect((await namespace.objects('jobs')).map(({ metadata }) => metadata.name)).not.toContain('migrate-3')
    await sql('postgres', 'alter role temporaluser login')
    expect((await namespace.deploy(project)).status).toBe(0)
    expect(await sql('appdb', `select to_regclass('never') is null`)).toBe('f')
  }, 180_000)
})

test('CloudNativePG without an object store: its own words end the deploy before any change', async () => {
  const namespace = await RealNamespace.create('backupspg')
  const settings = (level: string) => ({
    ...{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' } },
    data: { level },
  })
  const database = {
    ...{ apiVersion: 'postgresql.cnpg.io/v1', kind: 'Cluster', metadata: { name: 'pg' } },
    spec: { instances: 1, storage: { size: '256Mi' } },
  }
  const nightly = {
    ...{ apiVersion: 'postgresql.cnpg.io/v1', kind: 'ScheduledBackup', metadata: { name: 'pg' } },
    spec: { schedule: '0 0 3 1 1 *', suspend: true, cluster: { name: 'pg' } },
  }
  const migration = {
    ...{ apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'migrate' } },
    spec: {
      template: {
        spec: { restartPolicy: 'Never', containers: [{ name: 'x', image: 'busybox:1.36', command: ['true'] }] },
      },
    },
  }
  const project = await projectOf({
    'forge.yaml': stringify({
      version: 1,
      project: 'shop',
      environments: { real: { cluster: { context: await currentContext() }, namespace: namespace.name } },
      releases: { shop: { manifests: ['shop.yaml'] } },
      stages: { databases: { optional: ['Cluster/pg'], timeout: '3m' }, schema: { optional: ['Job/migrate'] } },
      backups: { pg: { from: 'ScheduledBackup/pg', before: ['schema'], timeout: '1m' } },
    }),
    'shop.yaml': [settings('1'), database, nightly].map((one) => stringify(one)).join('---\n'),
  })
  expect(await namespace.deploy(project)).toMatchObject({ status: 0 })
  await project.write(
    'shop.yaml',
    [settings('2'), database, nightly, migration].map((one) => stringify(one)).join('---\n'),
  )
  const { status, report } = await namespace.deploy(project)
  expect({ status, outcome: report.outcome, code: report.verdict?.code, message: report.verdict?.message }).toEqual({
    status: 3,
    outcome: 'refused',
    code: 'E_BACKUP_FAILED',
    message: 'backup pg could not be made: cannot proceed with the backup as the cluster has no backup section',
  })
  const [map] = (await namespace.objects('configmaps')).filter(({ metadata }) => metadata.name === 'settings')
  expect(map).toMatchObject({ data: { level: '1' } })
  expect((await namespace.objects('jobs')).map(({ metadata }) => metadata.name)).not.toContain('migrate')
  await namespace.remove()
}, 240_000)
