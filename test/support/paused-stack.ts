import { expect } from '@jest/globals'
import { object } from './cluster.ts'
import { document } from './forge.ts'
import * as sample from './manifests.ts'
import type { Manifest, Small } from './small.ts'
import { deployed, settings } from './small-deployed.ts'
import type { PauseReport } from '../../src/flows/pause/pause.ts'

export const web = sample.web({ probe: true, replicas: 2 })
export const nightly = (name: string, suspend = false): Manifest => ({
  apiVersion: 'batch/v1',
  kind: 'CronJob',
  metadata: { name },
  spec: {
    schedule: '0 3 * * *',
    suspend,
    jobTemplate: {
      spec: {
        template: { spec: { restartPolicy: 'Never', containers: [{ name: 'x', image: 'registry.example/x:1' }] } },
      },
    },
  },
})
export const named = (name: string, replicas: number): Manifest => {
  const text = JSON.stringify(sample.web({ probe: true, replicas })).replaceAll('"web"', JSON.stringify(name))
  return JSON.parse(text) as Manifest
}
const STAGES = { databases: { wait: ['Deployment/db'] }, app: { wait: ['Deployment/web'] } }

export async function stack(prefix: string, helm: 3 | 4 = 4): Promise<Small> {
  const small = await deployed(prefix, helm, [
    settings('1'),
    web,
    named('db', 1),
    named('idle', 0),
    nightly('nightly'),
    nightly('never', true),
  ])
  await small.project.configure(['stages'], STAGES)
  await small.project.configure(['components'], { postgres: 'Deployment/db' })
  await small.render([settings('2'), web, named('db', 1), named('idle', 0), nightly('nightly'), nightly('never', true)])
  expect((await small.deploy()).status).toBe(0)
  return small
}

export async function run(small: Small, command: 'pause' | 'resume', ...flags: string[]) {
  const ran = await small.run(command, ['--json', ...flags])
  return { status: ran.status, report: document<PauseReport>(ran) }
}

export async function counts(small: Small): Promise<Record<string, unknown>> {
  const of = async (kind: string, name: string) =>
    (await object(kind, name, small.namespace))?.['spec'] as Record<string, unknown>
  return {
    web: (await of('deployment', 'web'))['replicas'],
    db: (await of('deployment', 'db'))['replicas'],
    idle: (await of('deployment', 'idle'))['replicas'],
    nightly: (await of('cronjob', 'nightly'))['suspend'],
    never: (await of('cronjob', 'never'))['suspend'],
  }
}

export const UP = { web: 2, db: 1, idle: 0, nightly: false, never: true }
export const DOWN = { web: 0, db: 0, idle: 0, nightly: true, never: true }
