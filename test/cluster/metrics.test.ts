import { mkdtemp, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { forgeHere, freshNamespace } from '../support/cluster.ts'
import { seriesOf, type Series } from '../support/exposition.ts'
import { tinyProject, type TestProject } from '../support/tiny.ts'
import { secretProject } from '../support/with-secret.ts'
import { deployThatWaits, told } from '../support/waiting-deploy.ts'

const OF = { project: 'tiny', environment: 'sandbox' }

const freshFile = async (): Promise<string> => join(await mkdtemp(join(tmpdir(), 'forge-prom-')), 'forge.prom')

const read = async (file: string): Promise<Series[]> => seriesOf(await readFile(file, 'utf8'))

/** By name; each label apart from those that all have. */
function summary(all: readonly Series[]): Record<string, unknown> {
  const one = (name: string) => all.filter((series) => series.name === `forge_deploy_${name}`)
  expect(all.every(({ labels }) => labels['project'] === OF.project && labels['environment'] === OF.environment)).toBe(
    true,
  )
  const [info] = one('info')
  return {
    success: one('success')[0]?.value,
    command: info?.labels['command'],
    outcome: info?.labels['outcome'],
    code: one('verdict_info')[0]?.labels['code'],
    number: one('number')[0]?.value,
    releases: one('release_info').map(({ labels }) => `${labels['release']} ${labels['operation']} ${labels['state']}`),
    steps: one('step_duration_seconds').map(({ labels }) => labels['step']),
  }
}

async function run(file: string, { dir }: TestProject, command: string, ...rest: string[]) {
  const { status } = await forgeHere([...command.split(' '), '-e', 'sandbox', '-C', dir, '--metrics', file, ...rest])
  return { status, ...summary(await read(file)) }
}

test('each run replaces what the one before has left: a deploy, one that fails, a rollback, a refusal', async () => {
  const project = await tinyProject(freshNamespace('prom'))
  const file = await freshFile()
  const begin = Date.now() / 1000

  const first = await run(file, project, 'deploy')
  expect(first).toMatchObject({ status: 0, success: 1, command: 'deploy', outcome: 'deployed', number: 1 })
  expect(first).toMatchObject({ code: undefined, releases: ['tiny upgrade done'] })
  const [finished] = (await read(file)).filter(({ name }) => name === 'forge_deploy_finished_timestamp_seconds')
  expect([finished?.value ?? 0]).toEqual([expect.any(Number)])
  expect(finished?.value).toBeGreaterThan(begin)
  expect(finished?.value).toBeLessThan(Date.now() / 1000)

  const crash = ['--set', 'annotations.sandbox\\.forge\\.api-forge\\.io/fail=crash-loop']
  expect(await run(file, project, 'deploy', ...crash)).toMatchObject({
    ...{ status: 4, success: 0, outcome: 'restored', code: 'E_CRASH_LOOP', releases: ['tiny return done'] },
    steps: expect.arrayContaining(['web', 'evidence', 'rollback']),
  })
  const second = await run(file, project, 'deploy', '--set', 'data.COLOUR=red')
  expect(second).toMatchObject({ status: 0, outcome: 'deployed' })
  expect(await run(file, project, 'rollback', '--yes')).toMatchObject({
    ...{ status: 0, success: 1, command: 'rollback', outcome: 'rolled-back' },
  })

  expect(await run(file, project, 'deploy', '--set', 'image=Not A Reference')).toMatchObject({
    ...{ status: 3, success: 0, outcome: 'refused', releases: [] },
    code: expect.stringMatching(/^E_/u),
  })
})

test('a restart for a new secret has its own, and nothing of the secret', async () => {
  const project = await secretProject(freshNamespace('promkey'))
  const file = await freshFile()
  expect(await run(file, project, 'deploy')).toMatchObject({ status: 0 })
  const key = 'the-second-api-key'
  await project.write('keys/api_key.txt', key)
  const restarted = await run(file, project, 'secrets apply', '--restart')
  expect(restarted).toMatchObject({ status: 0, success: 1, command: 'secrets apply' })
  expect(await readFile(file, 'utf8')).not.toContain(key)
})

test('one that a person stops leaves them too', async () => {
  const project = await tinyProject(freshNamespace('promstop'))
  const file = await freshFile()
  expect(await run(file, project, 'deploy')).toMatchObject({ status: 0 })

  const { run: stopped } = await deployThatWaits(project.dir, { more: ['--metrics', file] })
  const heard = told(stopped, 'going back to #1')
  stopped.kill('SIGTERM')
  await heard
  expect((await stopped).exitCode).toBe(143)
  expect(summary(await read(file))).toMatchObject({ success: 0, code: 'E_INTERRUPTED', command: 'deploy' })
})

test('a file that cannot be written is refused before anything is done, and a run that writes nothing has no metrics', async () => {
  const project = await tinyProject(freshNamespace('promless'))
  const place = ['-e', 'sandbox', '-C', project.dir]
  const file = await freshFile()

  expect(await forgeHere(['deploy', ...place, '--metrics', '/proc/none/forge.prom'])).toMatchObject({
    ...{ status: 3, stderr: expect.stringContaining('E_FILE_UNWRITABLE') },
  })
  for (const command of ['deploy', 'rollback', 'recover', 'migrate-to-helm'])
    expect(await forgeHere([command, ...place, '--dry-run', '--metrics', file])).toMatchObject({
      ...{ status: 2, stderr: expect.stringContaining('E_USAGE') },
    })
  await expect(readFile(file)).rejects.toMatchObject({ code: 'ENOENT' })
  const history = await forgeHere(['history', ...place, '--json'])
  expect(JSON.parse(history.stdout)).toMatchObject({ deploys: [] })
})
