import { describe, expect, test } from '@jest/globals'
import { jobsOf, migration, STAGES, web } from '../support/backup-stack.ts'
import { defineKind, freshNamespace, kubectl, object } from '../support/cluster.ts'
import * as sample from '../support/manifests.ts'
import { smallProject, type Manifest, type Small } from '../support/small.ts'
import { settings } from '../support/small-deployed.ts'

describe('CloudNativePG', () => {
  const CNPG = 'postgresql.cnpg.io'
  const pg = (kind: string, name: string, spec: object, more: object = {}): Manifest => ({
    apiVersion: `${CNPG}/v1`,
    kind,
    metadata: { name, ...more },
    spec,
  })
  const database = pg('Cluster', 'temporal-postgres', { instances: 1 })
  const nightly = pg('ScheduledBackup', 'temporal-postgres', {
    schedule: '0 0 3 * * *',
    method: 'barmanObjectStore',
    cluster: { name: 'temporal-postgres' },
  })

  /** Its own definitions are not there: such as take anything, as no operator runs. */
  async function define(): Promise<void> {
    for (const [kind, plural] of [
      ['Cluster', 'clusters'],
      ['ScheduledBackup', 'scheduledbackups'],
      ['Backup', 'backups'],
    ] as const) {
      await defineKind({
        apiVersion: 'apiextensions.k8s.io/v1',
        kind: 'CustomResourceDefinition',
        metadata: { name: `${plural}.${CNPG}` },
        spec: {
          group: CNPG,
          scope: 'Namespaced',
          names: { kind, plural, singular: kind.toLowerCase() },
          versions: [
            { name: 'v1', served: true, storage: true, schema: sample.ANYTHING, subresources: { status: {} } },
          ],
        },
      } as never)
    }
  }

  /** The database is there before, of another project: no operator would make this one ready. */
  async function stacked(prefix: string, entry: object = {}): Promise<Small> {
    await define()
    const small = await smallProject(freshNamespace(prefix), 4, [settings('1'), web])
    expect((await small.deploy()).status).toBe(0)
    for (const one of [database, nightly])
      await kubectl(['apply', '-n', small.namespace, '-f', '-'], JSON.stringify(one))
    await small.project.configure(['stages'], STAGES)
    await small.project.configure(['backups'], {
      temporal: { from: 'ScheduledBackup/temporal-postgres', before: ['schema'], timeout: '20s', ...entry },
    })
    await small.render([settings('1'), web, migration(1)])
    return small
  }

  /** As the operator would, once the Backup is there. */
  async function answer(small: Small, name: string, status: object): Promise<void> {
    const at = ['-n', small.namespace]
    await kubectl(['wait', `backup.${CNPG}/${name}`, '--for=create', '--timeout=20s', ...at])
    const patch = JSON.stringify({ status })
    await kubectl(['patch', `backup.${CNPG}/${name}`, '--subresource=status', '--type=merge', '-p', patch, ...at])
  }

  test('a Backup is made from the ScheduledBackup and waited for', async () => {
    const small = await stacked('backuppg')
    const startedAt = new Date().toISOString()
    const [{ status, report }] = await Promise.all([
      small.deploy(),
      answer(small, 'temporal-postgres-forge-2', { phase: 'completed', startedAt, stoppedAt: startedAt }),
    ])
    expect({ status, verdict: report.verdict, backups: report.backups }).toMatchObject({
      status: 0,
      verdict: null,
      backups: [{ name: 'temporal', id: 'Backup/temporal-postgres-forge-2' }],
    })
    const made = await object(`backup.${CNPG}`, 'temporal-postgres-forge-2', small.namespace)
    expect(made).toMatchObject({
      metadata: { labels: { 'cnpg.io/cluster': 'temporal-postgres', 'cnpg.io/scheduled-backup': 'temporal-postgres' } },
      spec: { cluster: { name: 'temporal-postgres' }, method: 'barmanObjectStore' },
    })
  })

  test('one that its operator fails ends the deploy with its words', async () => {
    const small = await stacked('backuppgfails')
    const error = 'cannot proceed with the backup as the cluster has no backup section'
    const [{ status, report }] = await Promise.all([
      small.deploy(),
      answer(small, 'temporal-postgres-forge-2', { phase: 'failed', error }),
    ])
    expect({ status, code: report.verdict?.code, message: report.verdict?.message }).toEqual({
      status: 3,
      code: 'E_BACKUP_FAILED',
      message: `backup temporal could not be made: ${error}`,
    })
    expect(await jobsOf(small)).toEqual([])
  })

  test('one that nobody takes up says so', async () => {
    const small = await stacked('backuppgslow', { timeout: '1s' })
    const { status, report } = await small.deploy()
    expect({ status, code: report.verdict?.code }).toEqual({ status: 3, code: 'E_BACKUP_TIMEOUT' })
    expect(report.verdict?.message).toContain('does the operator of CloudNativePG run?')
  })
})
