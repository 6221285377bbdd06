import { describe, expect, test } from '@jest/globals'
import { backup, jobsOf, migration, next, stack, STAGES, web } from '../support/backup-stack.ts'
import { freshNamespace, kubectl, object } from '../support/cluster.ts'
import { document } from '../support/forge.ts'
import { smallProject, type Small } from '../support/small.ts'
import { refused, settings } from '../support/small-deployed.ts'
import type { BackupReport } from '../../src/flows/backup-now.ts'
import type { HistoryReport } from '../../src/flows/history.ts'

async function historyOf(small: Small): Promise<HistoryReport['deploys']> {
  return document<HistoryReport>(await small.run('history', ['--json'])).deploys
}

describe('a deploy whose Job migrates', () => {
  test('makes the backup before anything is written, and tells its name', async () => {
    const small = await stack('backup', {}, backup({ log: 'dumping appdb' }))
    await next(small, 2, backup({ log: 'dumping appdb' }))
    const plan = await small.plan()
    expect(plan.backups).toMatchObject([
      { name: 'temporal', from: 'CronJob/postgres-backup', before: ['schema'], jobs: ['migrate'], state: 'due' },
    ])
    expect((await small.run('plan', [])).stdout).toContain(
      'Backup   temporal from CronJob/postgres-backup would be made before stage schema',
    )
    expect(await jobsOf(small)).toEqual(['migrate-1'])

    const ran = await small.run('deploy', [])
    expect(ran).toMatchObject({ status: 0 })
    const shown = ran.stderr.split('\n')
    const at = (text: string): number => shown.findIndex((line) => line.includes(text))
    expect(at('dumping appdb')).toBeGreaterThan(0)
    expect(at('upgrade')).toBeGreaterThan(at('temporal: Job/postgres-backup-forge-2 from CronJob/postgres-backup'))

    const made = await object('job', 'postgres-backup-forge-2', small.namespace)
    const cron = await object('cronjob', 'postgres-backup', small.namespace)
    expect(made?.metadata).toMatchObject({
      labels: { role: 'dump' },
      annotations: { owner: 'dba', 'cronjob.kubernetes.io/instantiate': 'manual' },
      ownerReferences: [{ kind: 'CronJob', name: 'postgres-backup', uid: cron?.metadata.uid }],
    })
    const [newest] = await historyOf(small)
    expect(newest?.backups).toMatchObject([
      {
        name: 'temporal',
        object: 'Job/postgres-backup-forge-2',
        id: 'Job/postgres-backup-forge-2',
        before: ['schema'],
      },
    ])
    expect((await small.run('history', [])).stdout).toContain('backup temporal Job/postgres-backup-forge-2')
    expect((await small.run('history', ['2'])).stdout).toMatch(/^backup +temporal +Job\/postgres-backup-forge-2 /mu)

    // No Job runs: none is made.
    await small.render([settings('2'), web, backup({ log: 'dumping appdb' }), migration(2)])
    const { status, report } = await small.deploy()
    expect({ status, backups: report.backups }).toEqual({ status: 0, backups: undefined })
  })

  test('that cannot be backed up ends before anything is written, with the reason', async () => {
    const broken = backup({ fail: 'job', log: 'pg_dump: error: connection refused' })
    const small = await stack('backupfails', {}, broken)
    await next(small, 2, broken)
    const { verdict } = await refused(small, 'E_BACKUP_FAILED')
    expect(verdict?.message).toMatch(/^backup temporal could not be made: postgres-backup-forge-2 /u)
    expect(verdict?.chain.join(' ')).toContain('Job/postgres-backup-forge-2')
    expect(await jobsOf(small)).toEqual(['migrate-1', 'postgres-backup-forge-2'])
    expect(await historyOf(small)).toHaveLength(1)
    const again = await small.run('deploy', [])
    expect(again.stderr).toContain('pg_dump: error: connection refused')
    expect(await jobsOf(small)).toContain('postgres-backup-forge-2-2')
    // Somebody knows better.
    const skipped = await small.run('deploy', ['--skip-backup'])
    expect(skipped).toMatchObject({ status: 0 })
    expect(skipped.stderr).toContain('runs without backup temporal from CronJob/postgres-backup (--skip-backup)')
    expect(await jobsOf(small)).toContain('migrate-2')
  })

  test('whose backup takes too long', async () => {
    const slow = backup({ delay: '60s' })
    const small = await stack('backupslow', { timeout: '2s' }, slow)
    await next(small, 2, slow)
    const { verdict } = await refused(small, 'E_BACKUP_TIMEOUT')
    expect(verdict?.message).toMatch(/^backup temporal is not there after 2s: /u)
  })

  test('takes one that is young enough, by when it began, and none of before the last deploy', async () => {
    const small = await stack('backupfresh', { maxAge: '1h' })
    const at = ['-n', small.namespace]
    // A second is as exact as these times are.
    await new Promise((resolve) => setTimeout(resolve, 1100))
    await kubectl(['create', 'job', 'mine', '--from=cronjob/postgres-backup', ...at])
    await kubectl(['wait', 'job/mine', '--for=condition=complete', '--timeout=20s', ...at])
    await next(small, 2)
    expect((await small.plan()).backups).toMatchObject([{ state: 'fresh', object: 'Job/mine' }])
    const { status, report } = await small.deploy()
    expect({ status, backups: report.backups }).toMatchObject({
      status: 0,
      backups: [{ name: 'temporal', object: 'Job/mine', fresh: true }],
    })
    expect(await jobsOf(small)).toEqual(['migrate-2', 'mine'])

    await next(small, 3)
    expect((await small.plan()).backups).toMatchObject([{ state: 'due' }])
    expect(await small.deploy()).toMatchObject({
      status: 0,
      report: { backups: [{ object: 'Job/postgres-backup-forge-3' }] },
    })
  })

  test('waits for one that runs where only one may, and takes it if it is young enough', async () => {
    const cron = backup({ delay: '4s' }, { concurrencyPolicy: 'Forbid' })
    const small = await stack('backupforbid', { maxAge: '1h' }, cron)
    const at = ['-n', small.namespace]
    await new Promise((resolve) => setTimeout(resolve, 1100))
    await kubectl(['create', 'job', 'mine', '--from=cronjob/postgres-backup', ...at])
    await next(small, 2, cron)
    expect(await small.deploy()).toMatchObject({ status: 0, report: { backups: [{ object: 'Job/mine' }] } })
  })
})

test('a source that nothing has is told with its line, and the one that was meant', async () => {
  const small = await stack('backupwrong')
  await small.project.configure(['backups', 'temporal', 'from'], 'CronJob/postgres-bakcup')
  const { verdict } = await refused(small, 'E_BACKUP_SOURCE')
  expect(verdict?.message).toBe(
    'backup temporal is from CronJob/postgres-bakcup, which neither the cluster nor a chart has; did you mean "CronJob/postgres-backup"?',
  )
  expect(verdict?.where).toMatch(/^forge\.yaml:\d+:\d+$/u)
})

test('a CronJob that comes only with the migration cannot save what is there', async () => {
  const small = await smallProject(freshNamespace('backuplate'), 4, [settings('1'), web])
  expect((await small.deploy()).status).toBe(0)
  await small.project.configure(['stages'], STAGES)
  await small.project.configure(['backups'], { temporal: { from: 'CronJob/postgres-backup', before: ['schema'] } })
  await next(small, 1)
  expect((await small.plan()).warnings).toContainEqual(
    expect.stringMatching(/^a deploy is refused: CronJob\/postgres-backup makes/u),
  )
  const { verdict } = await refused(small, 'E_BACKUP_MISSING')
  expect(verdict?.hint).toContain('--skip-backup')
  expect((await small.deploy('--skip-backup')).status).toBe(0)
})

describe('forge backup', () => {
  test('makes them now, says their names, and knows which there are', async () => {
    const small = await stack('backupnow', { maxAge: '1h' })
    const dry = await small.run('backup', ['--dry-run'])
    expect(dry).toMatchObject({ status: 0 })
    expect(dry.stdout).toContain('+ temporal from CronJob/postgres-backup')
    expect(await jobsOf(small)).toEqual(['migrate-1'])
    const ran = await small.run('backup', ['--json'])
    const report = document<BackupReport>(ran)
    expect({ status: ran.status, outcome: report.outcome, backups: report.backups }).toMatchObject({
      status: 0,
      outcome: 'backed-up',
      backups: [{ name: 'temporal', from: 'CronJob/postgres-backup' }],
    })
    const [made] = report.backups
    expect(await jobsOf(small)).toContain(made?.object.replace('Job/', ''))
    const unknown = await small.run('backup', ['temproal'])
    expect(unknown).toMatchObject({ status: 2 })
    expect(unknown.stderr).toContain('did you mean "temporal"?')
  })

  test('is refused where only one may run, and one runs', async () => {
    const cron = backup({ delay: '30s' }, { concurrencyPolicy: 'Forbid' })
    const small = await stack('backuptwice', {}, cron)
    await kubectl(['create', 'job', 'mine', '--from=cronjob/postgres-backup', '-n', small.namespace])
    const ran = await small.run('backup', ['--json'])
    expect({ status: ran.status, code: document<BackupReport>(ran).verdict?.code }).toEqual({
      status: 3,
      code: 'E_BACKUP_RUNS',
    })
  })
})
