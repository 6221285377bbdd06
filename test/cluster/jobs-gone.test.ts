import { describe, expect, test } from '@jest/globals'
import { freshNamespace, kubectl, object } from '../support/cluster.ts'
import { document } from '../support/forge.ts'
import * as sample from '../support/manifests.ts'
import { deployment, job } from '../support/pods.ts'
import { moved, settled, smallProject, stored, type Manifest } from '../support/small.ts'
import type { DeployReport } from '../../src/flows/deploy/report.ts'

interface Migration {
  readonly ttl?: number
  readonly steer?: Readonly<Record<string, string>>
  readonly number?: number
}

/** Its TTL takes it away `ttl` seconds after its end. */
function migration({ ttl, steer = {}, number = 1 }: Migration = {}): Manifest {
  const limits = { backoffLimit: 0, ...(ttl === undefined ? {} : { ttlSecondsAfterFinished: ttl }) }
  const made = job({ name: 'migrate', steer }, limits) as Manifest
  return { ...made, metadata: { ...made.metadata, name: `migrate-${number}` } }
}

const slowWeb = (delay: string): Manifest => deployment({ name: 'web', steer: { delay } }) as Manifest

/** A hook on which helm blocks while the Jobs of the release come to their end. */
function blocking(delay: string): Manifest {
  const made = job({ name: 'smoke', steer: { delay } }) as Manifest
  const annotations = { 'helm.sh/hook': 'post-install,post-upgrade' }
  const metadata = { ...made.metadata, annotations }
  return { ...made, metadata }
}

const web = (image: string): Manifest => sample.web({ image, probe: true })

describe.each([3, 4] as const)('a Job that its TTL removes is done, with helm %i', (helm) => {
  test.concurrent('while its stage waits for something else', async () => {
    const objects = (number: number): Manifest[] => [migration({ ttl: 1, number }), slowWeb(`${3 + number}s`)]
    const small = await smallProject(freshNamespace(`ttl${helm}`), helm, objects(1))
    const wait = ['Job/migrate', 'Deployment/web']
    await small.project.configure(['stages'], { all: { wait, timeout: '15s' } })
    const first = await small.run('deploy', [])
    expect(first).toMatchObject({ status: 0 })
    expect(first.stderr).toMatch(/all +migrate done, web 1\/1/u)
    await small.render(objects(2))
    expect(await small.run('deploy', [])).toMatchObject({ status: 0 })
  })

  test.concurrent('while helm still runs', async () => {
    const objects = [migration({ ttl: 1 }), web('example.test/web:1'), blocking('4s')]
    const small = await smallProject(freshNamespace(`ttlhelm${helm}`), helm, objects)
    expect(await small.deploy()).toMatchObject({ status: 0, report: { outcome: 'deployed', verdict: null } })
    expect(await object('job', 'migrate-1', small.namespace)).toBeUndefined()
  })

  test.concurrent('at the moment at which it has ended', async () => {
    const small = await smallProject(freshNamespace(`ttl0${helm}`), helm, [])
    await small.project.configure(['stages'], { schema: { wait: ['Job/migrate'], timeout: '10s' } })
    for (const number of [1, 2, 3]) {
      await small.render([migration({ ttl: 0, number, steer: { log: `step ${number}` } })])
      const { status, stderr } = await small.run('deploy', [])
      expect({ status, stderr }).toMatchObject({ status: 0 })
      // A pod that comes, ends and goes within milliseconds may take its log with it: then that is said.
      expect(stderr).toMatch(
        new RegExp(`migrate │ (step ${number}\n|\\(its log went with it: Pod/migrate-${number}-)`, 'u'),
      )
    }
  })

  test.concurrent('and has failed where it failed, with its log', async () => {
    const small = await smallProject(freshNamespace(`ttlbad${helm}`), helm, [web('example.test/web:1')])
    expect(await small.deploy()).toMatchObject({ status: 0 })
    const log = 'relation users does not exist'
    // It runs long enough to be listened to; it goes at the moment at which it fails.
    const steer = { fail: 'job', log, delay: '2s' }
    await small.render([web('example.test/web:1'), migration({ ttl: 0, steer })])
    const { status, stderr } = await small.run('deploy', [])
    expect(status).toBe(4)
    expect(stderr).toMatch(/^FAILED {2}migrate-1 failed: it exits with status 1/mu)
    expect(stderr).toContain(log)
    const { entry } = document<{ entry: { verdict: { log: string[] } } }>(await small.run('history', ['2', '--json']))
    expect(entry.verdict.log.join('\n')).toContain(log)
  })

  test.concurrent('where it is a hook', async () => {
    // Not 0 or 1: helm does not look until it has made the Job, and waits for ever for one that is gone by then.
    const made = migration({ ttl: 4, steer: { log: 'as a hook' } })
    const annotations = { 'helm.sh/hook': 'pre-install,pre-upgrade' }
    const metadata = { ...made.metadata, annotations }
    const objects = [{ ...made, metadata }, web('example.test/web:1'), blocking('7s')]
    const small = await smallProject(freshNamespace(`ttlhook${helm}`), helm, objects)
    await small.project.configure(['stages'], { schema: { wait: ['Job/migrate'] }, web: { wait: ['Deployment/web'] } })
    const { status, stderr } = await small.run('deploy', [])
    expect({ status, stderr }).toMatchObject({ status: 0 })
    expect(stderr).toMatch(/schema +migrate done/u)
    expect(await object('job', 'migrate-1', small.namespace)).toBeUndefined()
  })
})

describe.each([3, 4] as const)(
  'a deploy that fails goes back to what was there, with helm %i, where before it',
  (helm) => {
    const broken = 'registry.invalid/web:2'

    test.concurrent.each([
      ['the TTL of a Job had removed it', async (): Promise<unknown> => await Promise.resolve(undefined), 0],
      [
        'a Job was deleted by hand',
        async (namespace: string) => await kubectl(['delete', 'job', 'migrate-1', '-n', namespace]),
        undefined,
      ],
      [
        'a Deployment was deleted by hand',
        async (namespace: string) => await kubectl(['delete', 'deployment', 'other', '-n', namespace]),
        undefined,
      ],
    ])('%s', async (_, byHand, ttl) => {
      const others = [migration(ttl === undefined ? {} : { ttl }), sample.web({ name: 'other', probe: true })]
      const small = await smallProject(freshNamespace(`gone${helm}`), helm, [...others, web('example.test/web:1')])
      expect(await small.deploy()).toMatchObject({ status: 0 })
      await byHand(small.namespace)
      const before = await settled(small.namespace)
      await small.render([...others, web(broken)])

      const { status, report } = await small.deploy()

      expect({ status, outcome: report.outcome, verdict: report.verdict }).toMatchObject({
        status: 4,
        outcome: 'restored',
        verdict: { code: 'E_IMAGE_PULL' },
      })
      expect(moved(before, await stored(small.namespace))).toEqual({ 'Deployment/web': 'change' })
    })
  },
)

test.concurrent.each([3, 4] as const)(
  'forge rollback brings a Job with a TTL back, which runs and goes, with helm %i',
  async (helm) => {
    const objects = (number: number): Manifest[] => [
      migration({ ttl: 0, number }),
      web(`example.test/web:${number}`),
      blocking('2s'),
    ]
    const small = await smallProject(freshNamespace(`ttlback${helm}`), helm, objects(1))
    expect(await small.deploy()).toMatchObject({ status: 0 })
    await small.render(objects(2))
    expect(await small.deploy()).toMatchObject({ status: 0 })
    const report = document<DeployReport>(await small.run('rollback', ['--json']))
    expect(report).toMatchObject({ outcome: 'rolled-back', verdict: null })
  },
)

test.concurrent('a Job that somebody deletes while it runs has failed, at once', async () => {
  const small = await smallProject(freshNamespace('job-cut'), 4, [web('example.test/web:1')])
  expect(await small.deploy()).toMatchObject({ status: 0 })
  await small.render([web('example.test/web:1'), migration({ steer: { delay: '60s' } })])
  const running = small.deploy()
  for (const condition of ['create', 'jsonpath={.status.ready}=1'])
    await kubectl(['wait', 'job/migrate-1', '-n', small.namespace, `--for=${condition}`, '--timeout=20s'])
  await kubectl(['delete', 'job', 'migrate-1', '-n', small.namespace])
  const { status, report } = await running
  expect({ status, code: report.verdict?.code, message: report.verdict?.message }).toEqual({
    status: 4,
    code: 'E_OBJECT_GONE',
    message: 'migrate-1 was deleted before it had ended',
  })
})
