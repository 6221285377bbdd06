import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { stringify } from 'yaml'
import { RealNamespace } from '../support/real-cluster.ts'
import { realProject } from '../support/real-project.ts'
import type { TestProject } from '../support/project.ts'

// The CronJob postgres-backup: what it makes can be restored, and what goes wrong costs no dump that was there.
const FOLDER = '/var/lib/postgresql/backups'
const DATABASES = ['appdb', 'temporal', 'temporal_visibility']

let namespace: RealNamespace
let project: TestProject

beforeAll(async () => {
  namespace = await RealNamespace.create('backup')
  project = await realProject(namespace)
  const off = { enabled: false }
  // Only what is made by hand: the schedule rests.
  const postgresBackup = { enabled: true, suspend: true, backoffLimit: 0, keep: { count: 2 } }
  await project.write('config.yaml', stringify({ config: { redis: off, temporal: off } }))
  await project.write('backup.yaml', stringify({ worker: off, jobs: { postgresBackup } }))
  await project.configure(['releases', 'api-forge', 'values'], ['deploy/values.yaml', 'backup.yaml'])
  expect(await namespace.deploy(project)).toMatchObject({ status: 0, report: { outcome: 'deployed', verdict: null } })
  await sql(
    'appdb',
    `set role appowner; create table kept (what text); insert into kept select 'row ' || n from generate_series(1, 1000) n`,
  )
}, 300_000)

afterAll(async () => await namespace.remove())

async function postgres(script: string): Promise<string> {
  const { status, output } = await namespace.exec('postgres', script)
  if (status !== 0) throw new Error(`${script} ended with ${status}:\n${output}`)
  return output
}

const sql = async (database: string, statement: string): Promise<string> =>
  await postgres(`psql -v ON_ERROR_STOP=1 -Atq -d ${database} -c "${statement}"`)

/** Dumps by database, the oldest first; whatever else is there under its own name. */
async function dumps(): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {}
  for (const file of (await postgres(`cd ${FOLDER} && ls -A`)).split('\n').sort())
    (found[/^(\w+)-\d{8}T\d{6}Z\.dump$/u.exec(file)?.[1] ?? file] ??= []).push(file)
  return found
}

/** A Job of the CronJob, as `kubectl create job --from` makes it. Its log, and what its container said last. */
async function backUp(name: string, condition: 'complete' | 'failed'): Promise<{ log: string; last: string }> {
  await namespace.kubectl(['create', 'job', name, '--from=cronjob/postgres-backup'])
  await namespace.waitFor(`job/${name}`, `condition=${condition}`)
  const last = 'jsonpath={.items[0].status.containerStatuses[0].state.terminated.message}'
  return {
    log: await namespace.kubectl(['logs', `job/${name}`]),
    last: (await namespace.kubectl(['get', 'pods', '-l', `job-name=${name}`, '-o', last])).trim(),
  }
}

test('each database is dumped, and the dump brings back what was in it', async () => {
  const { log, last } = await backUp('first', 'complete')

  const made = await dumps()
  expect(Object.keys(made).sort()).toEqual(DATABASES)
  const files = Object.values(made).flat()
  expect(files).toHaveLength(3)
  expect(last.split(' ').sort()).toEqual(files.sort())
  for (const file of files) expect(log).toMatch(new RegExp(`^ok +${file}: \\d+ bytes, \\d+ entries$`, 'mu'))
  expect(await postgres(`find ${FOLDER} -name '*.dump' -perm /o+r`)).toBe('')

  const dump = `${FOLDER}/${made['appdb']?.[0] ?? ''}`
  expect(await postgres(`pg_restore --list ${dump}`)).toMatch(/TABLE public kept appowner/u)
  await postgres(`createdb restored && pg_restore --exit-on-error -d restored ${dump}`)
  expect(await sql('restored', 'select count(*), max(what) from kept')).toBe('1000|row 999')
  // Why it reads more than the list: that of a file cut short is whole.
  const cut = await postgres(
    `head -c -200 ${dump} >/tmp/cut && pg_restore --list /tmp/cut >/dev/null && echo listed; pg_restore --file=/dev/null /tmp/cut 2>/dev/null || echo refused`,
  )
  expect(cut.split('\n')).toEqual(['listed', 'refused'])
}, 120_000)

test('so many stay as are to be kept, the newest', async () => {
  const [first] = (await dumps())['appdb'] ?? []
  await backUp('second', 'complete')
  const { log } = await backUp('third', 'complete')

  const kept = await dumps()
  expect(Object.values(kept).map((files) => files.length)).toEqual([2, 2, 2])
  expect(kept['appdb']).not.toContain(first)
  expect(log).toContain(`gone    ${first}`)
}, 120_000)

test('a database that cannot be dumped fails the Job, and costs neither its own dumps nor those of the others', async () => {
  const before = await dumps()
  await sql('postgres', 'alter role temporaluser nologin')

  const { log, last } = await backUp('broken', 'failed')

  expect(log).toMatch(/^FAILED +temporal: pg_dump: .*temporaluser/mu)
  expect(log).toMatch(/^FAILED +temporal_visibility: pg_dump/mu)
  expect(log).not.toMatch(/gone +temporal/u)
  const after = await dumps()
  expect(after).toMatchObject({ temporal: before['temporal'], temporal_visibility: before['temporal_visibility'] })
  expect(Object.keys(after).sort()).toEqual(DATABASES)
  expect(after['appdb']).toEqual([before['appdb']?.[1], last])
}, 120_000)

test('a server that is away costs no dump', async () => {
  await sql('postgres', 'alter role temporaluser login')
  const before = await dumps()
  await namespace.kubectl([
    'patch',
    'service',
    'postgres',
    '-p',
    '{"spec":{"selector":{"app.kubernetes.io/name":"nobody"}}}',
  ])

  const { log } = await backUp('away', 'failed')

  expect(log.match(/^FAILED/gmu)).toHaveLength(3)
  expect(await dumps()).toEqual(before)
}, 120_000)
