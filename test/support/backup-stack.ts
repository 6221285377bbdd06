import { expect } from '@jest/globals'
import { freshNamespace, objects as list } from './cluster.ts'
import * as sample from './manifests.ts'
import { job, podTemplate } from './pods.ts'
import { smallProject, type Manifest, type Small } from './small.ts'
import { settings } from './small-deployed.ts'

type Steer = Readonly<Record<string, string>>

export const web = sample.web({ probe: true })

export function backup(steer: Steer = {}, spec: Readonly<Record<string, unknown>> = {}): Manifest {
  const template = podTemplate({ name: 'dump', steer, spec: { restartPolicy: 'Never' } })
  const metadata = { labels: { role: 'dump' }, annotations: { owner: 'dba' } }
  const jobTemplate = { metadata, spec: { backoffLimit: 0, template } }
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: 'postgres-backup' },
    spec: { schedule: '0 3 1 1 *', suspend: true, jobTemplate, ...spec },
  }
}

/** Its name changes with what it does, as that of the charts here does. */
export function migration(number: number, steer: Steer = {}): Manifest {
  const made = job({ name: 'migrate', steer }, { backoffLimit: 0 }) as Manifest
  return { ...made, metadata: { ...made.metadata, name: `migrate-${number}` } }
}

export const STAGES = { schema: { optional: ['Job/migrate'], timeout: '20s' }, app: { wait: ['Deployment/web'] } }

export async function stack(
  prefix: string,
  entry: Readonly<Record<string, unknown>> = {},
  cron = backup(),
): Promise<Small> {
  const small = await smallProject(freshNamespace(prefix), 4, [settings('1'), web, cron, migration(1)])
  await small.project.configure(['stages'], STAGES)
  await small.project.configure(['backups'], {
    temporal: { from: 'CronJob/postgres-backup', before: ['schema'], ...entry },
  })
  const first = await small.run('deploy', [])
  expect(first).toMatchObject({ status: 0 })
  // There is nothing to lose yet, and nothing that could save it: said, and gone on.
  expect(first.stderr).toContain('nothing to back up, CronJob/postgres-backup is not there yet')
  expect(await jobsOf(small)).toEqual(['migrate-1'])
  return small
}

export async function jobsOf({ namespace }: Small): Promise<string[]> {
  return (await list('jobs', namespace)).map(({ metadata }) => metadata.name).sort()
}

export async function next(small: Small, number: number, cron = backup(), steer: Steer = {}): Promise<void> {
  await small.render([settings('1'), web, cron, migration(number, steer)])
}
