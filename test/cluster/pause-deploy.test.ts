import { expect, test } from '@jest/globals'
import { kubectl, object } from '../support/cluster.ts'
import { document } from '../support/forge.ts'
import * as sample from '../support/manifests.ts'
import { counts, DOWN, run, stack, UP } from '../support/paused-stack.ts'
import type { Manifest, Small } from '../support/small.ts'
import { deployed, settings } from '../support/small-deployed.ts'
import { forgeOnTerminal } from '../support/terminal.ts'
import type { DeployReport } from '../../src/flows/deploy/report.ts'

const QUESTION = 'Resume test first, and then go on? (y/N)'

async function history(small: Small): Promise<[number, string][]> {
  const { deploys } = JSON.parse((await small.run('history', ['--json'])).stdout) as {
    deploys: { number: number; state: string }[]
  }
  return deploys.map(({ number, state }) => [number, state])
}

async function level(small: Small): Promise<unknown> {
  return (await object('configmap', 'settings', small.namespace))?.data?.['level']
}

async function change(small: Small, to: string): Promise<void> {
  const values = await small.project.read('values.yaml')
  await small.project.write('values.yaml', values.replace(/level: .*/u, `level: "${to}"`))
}

test('a deploy on a paused environment asks: No leaves it, Yes wakes it in order, proves it, and then deploys', async () => {
  const small = await stack('pauseask')
  expect(await run(small, 'pause')).toMatchObject({ status: 0 })
  await change(small, '3')
  const ask = async (keys: string) => {
    const terminal = await forgeOnTerminal(['deploy', '--env', 'test', '-C', small.project.dir])
    await terminal.shows(QUESTION)
    terminal.types(keys)
    return await terminal.ended()
  }
  const no = await ask('n\n')
  expect({ status: no.status, told: no.screen.includes('E_NOT_CONFIRMED') }).toEqual({ status: 3, told: true })
  expect(no.screen).toMatch(/test is paused since \d{4}-\d\d-\d\d \d\d:\d\d UTC by \S+: /u)
  expect(no.screen).toMatch(/\+ databases +Deployment\/db +0 → 1\s+\+ app +Deployment\/web +0 → 2/u)
  expect(await counts(small)).toEqual(DOWN)

  const yes = await ask('y\n')
  expect({ status: yes.status, level: await level(small) }).toEqual({ status: 0, level: '3' })
  expect(yes.screen).toMatch(/resume databases[\s\S]*resume app[\s\S]*Resumed test as #4[\s\S]*deploy #5, after #2/u)
  expect(await counts(small)).toEqual(UP)
  expect(await history(small)).toEqual([
    [5, 'deployed'],
    [4, 'resumed'],
    [3, 'paused'],
    [2, 'deployed'],
    [1, 'deployed'],
  ])
})

test('where nobody can be asked --yes is no answer to it, and --resume is; a rollback takes it, too', async () => {
  const small = await stack('pauseci')
  expect(await run(small, 'pause')).toMatchObject({ status: 0 })
  await change(small, '3')
  const refused = await small.deploy('--yes')
  expect({ status: refused.status, verdict: refused.report.verdict }).toMatchObject({
    status: 3,
    verdict: { code: 'E_ENVIRONMENT_PAUSED', hint: expect.stringMatching(/^forge deploy .*--resume$/u) },
  })
  expect(await counts(small)).toEqual(DOWN)

  const { status, report } = await small.deploy('--resume')
  expect({ status, resumed: report.resumed, deploy: report.deploy }).toEqual({ status: 0, resumed: 4, deploy: 5 })
  expect(report.steps.slice(0, 3).map(({ name }) => name)).toEqual(['resume databases', 'resume app', 'resume others'])
  expect(await counts(small)).toEqual(UP)

  expect(await run(small, 'pause')).toMatchObject({ status: 0 })
  const back = await small.run('rollback', ['--json', '--yes'])
  expect(document<DeployReport>(back).verdict).toMatchObject({
    code: 'E_ENVIRONMENT_PAUSED',
    hint: expect.stringMatching(/^forge rollback 2 .*--resume /u),
  })
  const gone = document<DeployReport>(await small.run('rollback', ['--json', '--resume']))
  expect({ outcome: gone.outcome, resumed: gone.resumed, level: await level(small) }).toEqual({
    outcome: 'rolled-back',
    resumed: 7,
    level: '2',
  })
})

test('what was broken before its pause is no obstacle to the deploy that mends it', async () => {
  const small = await deployed('pausemend', 4, [settings('1'), sample.web({ probe: true })])
  const web = JSON.stringify(sample.web({ probe: true })).replace(
    '"template":{"metadata":{',
    '"template":{"metadata":{"annotations":{"sandbox.forge.api-forge.io/fail":"crash-loop"},',
  )
  await small.render([settings('2'), JSON.parse(web) as Manifest])
  expect(await small.deploy('--no-rollback')).toMatchObject({ status: 5 })
  expect(await run(small, 'pause')).toMatchObject({ status: 0 })
  await small.render([settings('3'), sample.web({ probe: true })])
  const ran = await small.run('deploy', ['--resume'])
  expect({ status: ran.status, level: await level(small) }).toEqual({ status: 0, level: '3' })
  expect(ran.stderr).toMatch(/warning {2}woken and not ready: .*\(E_CRASH_LOOP\); it goes on all the same/u)
  expect(JSON.stringify(await object('deployment', 'web', small.namespace))).not.toContain('forge.api-forge.io/paused')
})

test('a deploy that is refused after it says that the environment stays awake', async () => {
  const small = await deployed('pauseawake', 4, [settings('1'), sample.web({ probe: true })])
  expect(await run(small, 'pause')).toMatchObject({ status: 0 })
  await kubectl([
    'patch',
    'configmap',
    'settings',
    '--type=merge',
    '-p',
    '{"data":{"level":"hand"}}',
    '-n',
    small.namespace,
  ])
  await change(small, '2')
  const ran = await small.run('deploy', ['--resume'])
  expect({ status: ran.status, told: /E_DRIFT/u.test(ran.stderr) }).toEqual({ status: 3, told: true })
  expect(ran.stderr).toContain('test stays resumed (#3)')
  expect((await small.run('status', [])).stdout).not.toContain('paused')
})
