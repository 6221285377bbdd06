import { describe, expect, test } from '@jest/globals'
import { kubectl, object, podsByName } from '../support/cluster.ts'
import { defineGitopsKinds } from '../support/gitops-kinds.ts'
import { document } from '../support/forge.ts'
import { helmOf } from '../support/helms.ts'
import { execa } from 'execa'
import * as sample from '../support/manifests.ts'
import { counts, DOWN, named, nightly, run, stack, UP } from '../support/paused-stack.ts'
import type { Small } from '../support/small.ts'
import { deployed, settings } from '../support/small-deployed.ts'
import { testSandbox } from '../support/sandbox.ts'
import type { StatusDocument } from '../../src/domain/status/model.ts'

describe.each([4, 3] as const)('with helm %i', (helm) => {
  test('a stack goes down from its last stage, and comes up as it was, without a trace', async () => {
    const small = await stack(`pause${helm}`, helm)
    const at = ['-n', small.namespace]
    const planned = await run(small, 'pause', '--dry-run')
    expect(planned.report).toMatchObject({ outcome: 'planned', deploy: null })
    expect(await counts(small)).toEqual(UP)

    const { status, report } = await run(small, 'pause')
    expect({ status, verdict: report.verdict, outcome: report.outcome }).toEqual({
      status: 0,
      verdict: null,
      outcome: 'paused',
    })
    expect(report.objects.map(({ name, stage, from, to, state }) => [stage, name, from, to, state])).toEqual([
      ['others', 'nightly', null, null, 'done'],
      ['app', 'web', 2, 0, 'done'],
      ['databases', 'postgres', 1, 0, 'done'],
    ])
    expect(await counts(small)).toEqual(DOWN)
    expect(await podsByName(small.namespace)).toEqual({})

    const again = await run(small, 'pause')
    expect({ status: again.status, outcome: again.report.outcome }).toEqual({ status: 0, outcome: 'unchanged' })

    const looked = await small.run('status', ['--json'])
    expect(looked.status).toBe(0)
    expect(document<StatusDocument>(looked).paused).toMatchObject({
      deploy: report.deploy,
      components: ['postgres', 'web'],
    })
    const refused = await small.deploy('--yes')
    expect({
      status: refused.status,
      code: refused.report.verdict?.code,
      hint: refused.report.verdict?.hint,
    }).toMatchObject({
      status: 3,
      code: 'E_ENVIRONMENT_PAUSED',
      hint: expect.stringMatching(/^forge deploy .*--resume/u),
    })
    expect((await small.run('rollback', ['--json', '--yes'])).stdout).toContain('E_ENVIRONMENT_PAUSED')
    expect((await small.plan()).warnings).toContainEqual(expect.stringContaining('paused since'))

    const woken = await run(small, 'resume')
    expect({ status: woken.status, verdict: woken.report.verdict, outcome: woken.report.outcome }).toEqual({
      status: 0,
      verdict: null,
      outcome: 'resumed',
    })
    expect(woken.report.objects.map(({ name, from, to }) => [name, from, to])).toEqual([
      ['postgres', 0, 1],
      ['web', 0, 2],
      ['nightly', null, null],
    ])
    expect(await counts(small)).toEqual(UP)
    const after = JSON.stringify(await object('deployment', 'web', small.namespace))
    expect(after).not.toContain('forge.api-forge.io/paused')
    expect(await kubectl(['get', 'deployment', 'web', '-o', 'yaml', '--show-managed-fields', ...at])).not.toContain(
      'forge-pause',
    )

    const plan = await small.plan()
    expect(
      plan.objects.filter(({ action }) => action !== 'unchanged').map(({ object: name, action }) => [name, action]),
    ).toEqual([])
    expect((await small.deploy()).report.outcome).toBe('unchanged')
    // helm alone, with another count: nobody else holds it.
    await small.render([
      settings('2'),
      sample.web({ probe: true, replicas: 3 }),
      named('db', 1),
      named('idle', 0),
      nightly('nightly'),
      nightly('never', true),
    ])
    const { kubeconfig } = await testSandbox()
    await execa(
      await helmOf(helm),
      ['upgrade', 'small', 'chart', '--values', 'values.yaml', '--reset-values', ...at, '--kubeconfig', kubeconfig],
      { cwd: small.project.dir },
    )
    expect(await counts(small)).toMatchObject({ web: 3 })

    const told = JSON.parse((await small.run('history', ['--json'])).stdout) as {
      deploys: { state: string; live: boolean }[]
    }
    expect(told.deploys.map(({ state, live }) => [state, live])).toEqual([
      ['resumed', false],
      ['paused', false],
      ['deployed', true],
      ['deployed', false],
    ])
  })
})

test('a part: what comes after it is in the way, a count that somebody set stays, what was deleted is said', async () => {
  const small = await stack('pausepart')
  const at = ['-n', small.namespace]
  const needed = await run(small, 'pause', 'postgres')
  expect({ status: needed.status, code: needed.report.verdict?.code }).toEqual({ status: 3, code: 'E_PAUSE_NEEDED' })
  const unknown = await run(small, 'pause', 'postgrse')
  expect({ status: unknown.status, message: unknown.report.verdict?.message }).toMatchObject({
    status: 2,
    message: expect.stringContaining('did you mean "postgres"'),
  })
  // Not by --yes, which a pipeline says of protected environments.
  const agreed = await run(small, 'pause', 'postgres', '--yes')
  expect({ status: agreed.status, code: agreed.report.verdict?.code }).toEqual({ status: 3, code: 'E_PAUSE_NEEDED' })
  const alone = await run(small, 'pause', 'postgres', '--accept-unmet-needs')
  expect({ status: alone.status, counts: await counts(small) }).toEqual({ status: 0, counts: { ...UP, db: 0 } })
  expect(await run(small, 'resume')).toMatchObject({ status: 0 })
  expect(await run(small, 'pause', 'web')).toMatchObject({ status: 0, report: { outcome: 'paused' } })
  expect(await counts(small)).toEqual({ ...UP, web: 0 })
  expect(await run(small, 'pause')).toMatchObject({ status: 0, report: { outcome: 'paused' } })
  const early = await run(small, 'resume', 'web')
  expect({ status: early.status, code: early.report.verdict?.code }).toEqual({ status: 3, code: 'E_PAUSE_NEEDED' })

  await kubectl(['scale', 'deployment/web', '--replicas=1', ...at])
  await kubectl(['delete', 'cronjob/nightly', ...at])
  const { status, report } = await run(small, 'resume')
  expect({ status, outcome: report.outcome }).toEqual({ status: 0, outcome: 'resumed' })
  expect(report.objects.find(({ name }) => name === 'web')?.note).toBe('stays at 1, as somebody scaled it; it had 2')
  expect(report.left).toContainEqual({ object: 'CronJob/nightly', because: 'somebody has deleted it' })
  expect((await object('deployment', 'web', small.namespace))?.['spec']).toMatchObject({ replicas: 1 })
})

test('an autoscaler sleeps with its target, and wakes with it', async () => {
  const small = await deployed('pausehpa', 4, [settings('1'), sample.web({ probe: true }), sample.autoscaler('web', 2)])
  await kubectl(['scale', 'deployment/web', '--replicas=2', '-n', small.namespace])
  expect(await run(small, 'pause')).toMatchObject({ status: 0, report: { objects: [{ from: 2, to: 0 }] } })
  expect(await run(small, 'resume')).toMatchObject({ status: 0, report: { objects: [{ from: 0, to: 2 }] } })
})

/** No controller of it runs. */
async function fluxOver(small: Small, name: string): Promise<void> {
  await defineGitopsKinds()
  const release = {
    apiVersion: 'helm.toolkit.fluxcd.io/v2',
    kind: 'HelmRelease',
    metadata: { name, namespace: small.namespace },
    spec: { interval: '1m' },
  }
  await kubectl(['apply', '-f', '-'], JSON.stringify(release))
  const labels = [`helm.toolkit.fluxcd.io/name=${name}`, `helm.toolkit.fluxcd.io/namespace=${small.namespace}`]
  await kubectl(['label', 'deployment', 'web', ...labels, '-n', small.namespace])
}

test('the HelmRelease that owns it is suspended first and resumed last', async () => {
  const small = await deployed('pauseflux', 4, [settings('1'), sample.web({ probe: true })])
  await fluxOver(small, 'shop')
  const suspended = async (): Promise<unknown> =>
    ((await object('helmrelease', 'shop', small.namespace)) as { spec?: { suspend?: boolean } } | undefined)?.spec
      ?.suspend
  const paused = await run(small, 'pause')
  expect({ status: paused.status, verdict: paused.report.verdict }).toEqual({ status: 0, verdict: null })
  expect(paused.report.objects.map(({ object: name }) => name)).toEqual(['HelmRelease/shop', 'Deployment/web'])
  expect(await suspended()).toBe(true)
  const woken = await run(small, 'resume')
  expect(woken.report.objects.map(({ object: name }) => name)).toEqual(['Deployment/web', 'HelmRelease/shop'])
  expect(await suspended()).toBe(false)
})

test('pods that do not go end it with what is left, and both ways on lead out', async () => {
  const small = await deployed('pausestuck', 4, [settings('1'), sample.web({ probe: true })])
  const at = ['-n', small.namespace]
  const [pod = ''] = (await kubectl(['get', 'pods', '-o', 'name', ...at])).trim().split('\n')
  await kubectl(['patch', pod, '--type=merge', '-p', '{"metadata":{"finalizers":["example.test/hold"]}}', ...at])
  const stuck = await run(small, 'pause', '--timeout', '5s')
  expect({ status: stuck.status, code: stuck.report.verdict?.code, outcome: stuck.report.outcome }).toEqual({
    status: 5,
    code: 'E_PAUSE_TIMEOUT',
    outcome: 'failed',
  })
  await kubectl(['patch', pod, '--type=merge', '-p', '{"metadata":{"finalizers":[]}}', ...at])
  expect(await run(small, 'pause')).toMatchObject({ status: 0, report: { outcome: 'unchanged' } })
  expect(await run(small, 'resume')).toMatchObject({ status: 0, report: { objects: [{ to: 1 }] } })
})
