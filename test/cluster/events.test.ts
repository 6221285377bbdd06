import { mkdtemp, readFile, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { eventSchema, type DeployEvent } from '../../src/domain/events/schema.ts'
import { forgeHere, freshNamespace } from '../support/cluster.ts'
import { tinyProject, type TestProject } from '../support/tiny.ts'
import { secretProject } from '../support/with-secret.ts'

type Told = DeployEvent & { readonly seq: number }

async function run(
  { dir }: TestProject,
  command: string,
  ...rest: string[]
): Promise<{ status: number | undefined; events: Told[] }> {
  const file = join(await mkdtemp(join(tmpdir(), 'forge-events-')), 'events.ndjson')
  const ran = await forgeHere([...command.split(' '), '--env', 'sandbox', '-C', dir, '--events', file, ...rest])
  const lines = (await readFile(file, 'utf8')).trimEnd().split('\n')
  const events = lines.map((line) => eventSchema.parse(JSON.parse(line)) as Told)
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, at) => at + 1))
  expect((await stat(file)).mode & 0o077).toBe(0)
  return { status: ran.status, events }
}

const steps = (events: readonly Told[]): string[] =>
  events.flatMap((one) => (one.type === 'step' && one.state !== 'running' ? [`${one.name} ${one.state}`] : []))

test('a deploy tells its steps, its workloads and its end', async () => {
  const project = await tinyProject(freshNamespace('events'))

  const { status, events } = await run(project, 'deploy')

  expect([status, events[0], events.at(-1)]).toMatchObject([
    0,
    { type: 'begun', command: 'deploy', project: 'tiny', environment: 'sandbox', cluster: 'sandbox' },
    { type: 'ended', outcome: 'deployed', deploy: 1, code: null },
  ])
  expect(steps(events)).toEqual(
    ['prerequisites', 'images', 'secrets', 'configuration', 'preview', 'upgrade', 'web'].map((name) => `${name} done`),
  )
  const stands = events.filter((one) => one.type === 'workload')
  expect(stands.at(-1)).toMatchObject({
    stage: 'web',
    subject: { kind: 'Deployment', name: 'web' },
    way: 'there',
    state: 'ready',
    ready: 1,
    wanted: 1,
  })
  const operations = events.flatMap((one) =>
    one.type === 'operation' ? [`${one.operation} ${one.release ?? ''} ${one.state}`] : [],
  )
  expect(operations).toEqual(['upgrade tiny running', 'upgrade tiny done'])

  const password = 'hunter2-and-more'
  const failed = await run(
    project,
    'deploy',
    '--set',
    'annotations.sandbox\\.forge\\.api-forge\\.io/fail=crash-loop',
    '--set',
    `data.PASSWORD=${password}`,
    '--set',
    `annotations.sandbox\\.forge\\.api-forge\\.io/log=connects with ${password}`,
  )
  expect(failed.status).toBe(4)
  const blamed = failed.events.filter((one) => one.type === 'workload' && one.state === 'failed')
  expect(blamed).toMatchObject([
    { code: 'E_CRASH_LOOP', way: 'there', chain: ['Deployment/web', expect.any(String), expect.any(String), 'web'] },
  ])
  expect(failed.events.some((one) => one.type === 'line' && one.text.startsWith('connects with'))).toBe(true)
  expect(JSON.stringify(failed.events)).not.toContain(password)
  expect(steps(failed.events).slice(-3)).toEqual(['web failed', 'evidence done', 'rollback done'])
  expect(failed.events.filter((one) => one.type === 'workload').at(-1)).toMatchObject({ way: 'back', state: 'ready' })
  expect(failed.events.at(-1)).toMatchObject({ type: 'ended', outcome: 'restored', code: 'E_CRASH_LOOP' })
})

test('the end is told of a run that was refused, too', async () => {
  const project = await tinyProject(freshNamespace('refused'))

  const { status, events } = await run(project, 'deploy', '--set', 'image=Not A Reference')
  expect([status, events.at(-1)]).toMatchObject([
    3,
    { type: 'ended', outcome: 'refused', deploy: null, code: expect.stringMatching(/^E_/u) },
  ])

  const early = await run({ ...project, dir: join(project.dir, 'chart') }, 'uninstall', '--yes')
  expect([early.status, early.events.at(-1)]).toMatchObject([2, { type: 'ended', outcome: 'refused', seq: 1 }])
})

test('a file that cannot be written is refused before anything is done', async () => {
  const project = await tinyProject(freshNamespace('unwritable'))

  const ran = await forgeHere(['deploy', '--env', 'sandbox', '-C', project.dir, '--events', '/proc/none/events'])

  expect(ran).toMatchObject({ status: 3, stderr: expect.stringContaining('E_FILE_UNWRITABLE') })
  const history = await forgeHere(['history', '--env', 'sandbox', '-C', project.dir, '--json'])
  expect(JSON.parse(history.stdout)).toMatchObject({ deploys: [] })
})

test('whatever looks at an environment, or restarts a part of it, tells the same way', async () => {
  const project = await secretProject(freshNamespace('eventsof'))
  expect(await run(project, 'deploy')).toMatchObject({ status: 0 })
  const key = 'the-second-api-key'
  await project.write('keys/api_key.txt', key)

  const planned = await run(project, 'plan')
  const restarted = await run(project, 'secrets apply', '--restart')
  const recovered = await run(project, 'recover')

  const told = [planned, restarted, recovered]
  expect(told.map(({ status, events }) => [status, events[0], events.at(-1)])).toMatchObject([
    [0, { type: 'begun', command: 'plan' }, { type: 'ended', outcome: 'planned', deploy: 1 }],
    [0, { type: 'begun', command: 'secrets apply' }, { type: 'ended', outcome: 'deployed', deploy: 2 }],
    [0, { type: 'begun', command: 'recover', project: 'tiny' }, { type: 'ended', outcome: 'unchanged', deploy: null }],
  ])
  expect(steps(restarted.events)).toEqual(
    ['prerequisites', 'secrets', 'preview', 'upgrade', 'web'].map((name) => `${name} done`),
  )
  expect(restarted.events.filter((one) => one.type === 'workload').at(-1)).toMatchObject({ state: 'ready' })
  expect(JSON.stringify(told)).not.toContain(key)
})
