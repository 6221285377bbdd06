import { describe, expect, test } from '@jest/globals'
import { parseConfig, resolveProject } from '../../src/domain/config/config.ts'
import { jobsThatRun } from '../../src/domain/backup/migrating.ts'
import { backupFrom, backupName, jobFrom, namesSaid } from '../../src/domain/backup/objects.ts'
import { backupBefore } from '../../src/domain/backup/past.ts'
import { freshRun, runsOfCluster, runsOfCronJob } from '../../src/domain/backup/runs.ts'
import type { BackupRun } from '../../src/domain/backup/model.ts'
import type { KubeObject } from '../../src/domain/kube.ts'
import { plannedBackupText } from '../../src/screen/backup.ts'
import { failure } from '../support/project-ports.ts'
import { minimal } from '../support/sample-config.ts'

const NOW = Date.parse('2026-11-28T12:00:00Z')
const HOUR = 3_600_000

describe('forge.yaml', () => {
  const stages = 'stages: { schema: { optional: [Job/migrate] }, app: {} }\n'
  const with_ = (entry: string): string => `${minimal}${stages}backups:\n  temporal: ${entry}\n`

  test('an environment has others, or none', () => {
    const text = `${minimal.replace(
      'dev: { cluster: sandbox }',
      'dev: { cluster: sandbox, backups: { temporal: null, web: { maxAge: 2h } } }',
    )}${stages}backups:\n  temporal: { from: CronJob/a, before: [schema], maxAge: 1h, timeout: 90s }\n  web: { from: ScheduledBackup/b, before: [app, app] }\n`
    const { backups } = resolveProject(parseConfig(text), 'dev', { file: '/p/forge.yaml', dir: '/p' })
    expect(backups).toMatchObject([
      {
        name: 'web',
        from: { kind: 'ScheduledBackup', name: 'b' },
        before: ['app'],
        maxAgeMs: 2 * HOUR,
        timeoutMs: 600_000,
      },
    ])
  })

  test.each([
    ['an unknown kind', '{ from: Job/x, before: [schema] }', 'from must be ScheduledBackup/NAME'],
    [
      'an unknown stage',
      '{ from: CronJob/x, before: [schem] }',
      'before[0] names a stage that does not exist: "schem"; did you mean "schema"?',
    ],
    ['no stage', '{ from: CronJob/x, before: [] }', 'before must name a stage'],
    ['a bad age', '{ from: CronJob/x, before: [schema], maxAge: 1 hour }', 'maxAge must be a duration, such as 3m'],
    ['a number', '{ from: CronJob/x, before: [schema], timeout: 90 }', 'timeout must be a duration, such as 3m or 90s'],
    ['no source', '{ before: [schema] }', '"from" is missing'],
    ['another key', '{ from: CronJob/x, before: [schema], maxage: 1h }', 'did you mean "maxAge"?'],
  ])('%s is told with its line', async (_, entry, message) => {
    const { code, problems } = await failure(Promise.resolve().then(() => parseConfig(with_(entry))))
    expect(code).toBe('E_CONFIG_INVALID')
    expect(problems).toEqual([expect.stringContaining(message)])
    expect(problems[0]).toMatch(/^forge\.yaml:8:\d+: /u)
  })
})

const run = (state: BackupRun['state'], minutes: number, name = 'x'): BackupRun => ({
  ref: { apiVersion: 'batch/v1', kind: 'Job', name },
  state,
  beganAt: NOW - minutes * 60_000,
})

describe('young enough', () => {
  const at = { now: NOW, maxAgeMs: HOUR, after: undefined }
  test.each([
    ['the newest that is done', [run('done', 50, 'old'), run('done', 10, 'new')], at, 'new'],
    ['one that is done before one that runs', [run('done', 50, 'done'), run('running', 1, 'runs')], at, 'done'],
    ['one that runs', [run('running', 1, 'runs'), run('failed', 0)], at, 'runs'],
    ['too old by when it began', [run('done', 61)], at, undefined],
    ['of before the last deploy', [run('done', 20)], { ...at, after: NOW - 15 * 60_000 }, undefined],
    ['from the future', [run('done', -5)], at, undefined],
    ['nobody says when it began', [{ ...run('done', 1), beganAt: Number.NaN }], at, undefined],
    ['the cluster does not say what time it is', [run('done', 1)], { ...at, now: undefined }, undefined],
    ['no age is young enough unless forge.yaml says one', [run('done', 1)], { ...at, maxAgeMs: undefined }, undefined],
  ])('%s', (_, runs, when, name) => expect(freshRun(runs, when)?.run.ref.name).toBe(name))
})

const meta = (name: string, more: object = {}): KubeObject['metadata'] => ({ name, namespace: 'shop', ...more })

describe('CronJob', () => {
  const cron: KubeObject = {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: meta('postgres-backup', { uid: 'u1' }),
    spec: { jobTemplate: { metadata: { labels: { a: 'b' } }, spec: { backoffLimit: 0 } } },
  }
  const made = (name: string, uid: string, status: object): KubeObject => ({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: meta(name, {
      creationTimestamp: '2026-11-28T11:58:00Z',
      ownerReferences: [{ apiVersion: 'batch/v1', kind: 'CronJob', name: 'postgres-backup', uid }],
    }),
    status,
  })

  test('its Jobs, and no one else’s', () => {
    const done = { startTime: '2026-11-28T11:50:00Z', conditions: [{ type: 'Complete', status: 'True' }] }
    const found = runsOfCronJob(cron, [
      made('done', 'u1', done),
      made('of-one-before', 'u0', done),
      made('failed', 'u1', { conditions: [{ type: 'Failed', status: 'True' }] }),
      made('runs', 'u1', {}),
    ])
    expect(found.map(({ ref, state }) => [ref.name, state])).toEqual([
      ['done', 'done'],
      ['failed', 'failed'],
      ['runs', 'running'],
    ])
    expect(found[2]?.beganAt).toBe(Date.parse('2026-11-28T11:58:00Z'))
  })

  test('a Job is made as kubectl makes it', () => {
    expect(jobFrom(cron, 'x', 'temporal')).toEqual({
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: {
        name: 'x',
        namespace: 'shop',
        labels: { a: 'b' },
        annotations: { 'cronjob.kubernetes.io/instantiate': 'manual', 'forge.api-forge.io/backup': 'temporal' },
        ownerReferences: [
          { apiVersion: 'batch/v1', kind: 'CronJob', name: 'postgres-backup', uid: 'u1', controller: true },
        ],
      },
      spec: { backoffLimit: 0 },
    })
  })

  test.each([
    ['a.dump b.dump\n', 'a.dump b.dump'],
    ['all went well!', undefined],
    ['two\nlines', undefined],
    ['', undefined],
  ])('what it says last: %j', (message, said) => {
    const status = { containerStatuses: [{ state: { terminated: { exitCode: 0, message } } }] }
    expect(namesSaid([{ apiVersion: 'v1', kind: 'Pod', metadata: meta('p'), status }])).toBe(said)
  })

  test('names fit, and differ', () => {
    expect(backupName('postgres-backup', '42', 0)).toBe('postgres-backup-forge-42')
    expect(backupName('postgres-backup', '42', 1)).toBe('postgres-backup-forge-42-2')
    expect(backupName('x'.repeat(80), '42', 1)).toHaveLength(63)
  })
})

describe('CloudNativePG', () => {
  const cluster: KubeObject = {
    apiVersion: 'postgresql.cnpg.io/v1',
    kind: 'Cluster',
    metadata: meta('pg', { uid: 'c1', creationTimestamp: '2026-11-28T11:00:00Z' }),
  }
  const scheduled: KubeObject = {
    apiVersion: 'postgresql.cnpg.io/v1',
    kind: 'ScheduledBackup',
    metadata: meta('nightly', { uid: 's1' }),
    spec: {
      cluster: { name: 'pg' },
      schedule: '0 0 3 * * *',
      method: 'volumeSnapshot',
      online: false,
      backupOwnerReference: 'self',
    },
  }

  test('a Backup is made as its operator makes it', () => {
    expect(backupFrom(scheduled, cluster, 'x', 'temporal')).toMatchObject({
      kind: 'Backup',
      metadata: {
        labels: { 'cnpg.io/cluster': 'pg', 'cnpg.io/scheduled-backup': 'nightly' },
        ownerReferences: [{ kind: 'ScheduledBackup', uid: 's1' }],
      },
      spec: { cluster: { name: 'pg' }, method: 'volumeSnapshot', online: false },
    })
    expect(JSON.stringify(backupFrom(scheduled, cluster, 'x', 'temporal'))).not.toContain('schedule"')
  })

  test('one of before the Cluster was made is of another database', () => {
    const backup = (name: string, startedAt: string, of = 'pg'): KubeObject => ({
      apiVersion: 'postgresql.cnpg.io/v1',
      kind: 'Backup',
      metadata: meta(name),
      spec: { cluster: { name: of } },
      status: { phase: 'completed', startedAt },
    })
    const found = runsOfCluster(cluster, [
      backup('before', '2026-11-28T10:00:00Z'),
      backup('other', '2026-11-28T11:30:00Z', 'other'),
      backup('own', '2026-11-28T11:30:00Z'),
    ])
    expect(found.map(({ ref }) => ref.name)).toEqual(['own'])
  })
})

test('Jobs that run: made, made again, hooks; not those that stay', () => {
  const ref = (name: string) => ({ apiVersion: 'batch/v1', kind: 'Job', namespace: 'shop', name })
  const targets = [ref('new'), ref('stays'), { ...ref('hook'), hook: true }, { ...ref('web'), kind: 'Deployment' }]
  const plans = [
    { ref: ref('new'), action: 'create' as const },
    { ref: ref('stays'), action: 'change' as const },
    { ref: { ...ref('web'), kind: 'Deployment' }, action: 'create' as const },
  ]
  expect(jobsThatRun({ name: 'schema', timeoutMs: 1, targets }, plans)).toEqual(['new', 'hook'])
})

test('what was saved before code could not read its database any more', () => {
  const entry = (number: number, version: number, id?: string) =>
    ({
      number,
      configuration: { releases: [{ name: 'app', schema: { version, oldestReader: version } }] },
      ...(id === undefined ? {} : { backups: [{ name: 'temporal', id }] }),
    }) as never
  const entries = [entry(4, 3, 'd'), entry(3, 2, 'c'), entry(2, 2, 'b'), entry(1, 1)]
  expect(backupBefore(entries, 'app', 1)).toMatchObject({ deploy: 2, backups: [{ id: 'b' }] })
  expect(backupBefore(entries, 'app', 2)).toMatchObject({ deploy: 4 })
  expect(backupBefore(entries, 'app', 3)).toBeUndefined()
})

test('a plan says what would be made, and what is fresh enough', () => {
  const planned = {
    name: 'temporal',
    from: 'CronJob/x',
    before: ['schema'],
    jobs: ['m'],
    object: null,
    at: null,
    why: null,
  }
  expect(plannedBackupText({ ...planned, state: 'due' }, NOW)).toBe(
    'temporal from CronJob/x would be made before stage schema',
  )
  const fresh = { ...planned, state: 'fresh' as const, object: 'Job/y', at: '2026-11-28T11:48:00Z' }
  expect(plannedBackupText(fresh, NOW)).toBe('temporal before stage schema: fresh enough: Job/y, of 12 minutes ago')
})
