import { expect, test } from '@jest/globals'
import { execa } from 'execa'
import { forgeHere, freshNamespace, kubectl, object, snapshot } from '../support/cluster.ts'
import { document, startForge } from '../support/forge.ts'
import { helmOf } from '../support/helms.ts'
import { testSandbox } from '../support/sandbox.ts'
import { tinyProject, twoReleases, type TestProject } from '../support/tiny.ts'
import { deployThatWaits, told } from '../support/waiting-deploy.ts'
import type { RecoveryReport } from '../../src/cli/close-recovery.ts'
import type { DeployReport } from '../../src/flows/deploy/report.ts'

async function deployed(
  prefix: string,
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly namespace: string; readonly project: TestProject }> {
  const namespace = freshNamespace(prefix)
  const project = await tinyProject(namespace)
  expect(await forgeHere(['deploy', '-e', 'sandbox', '-C', project.dir], env)).toMatchObject({ status: 0 })
  return { namespace, project }
}

test.concurrent(
  'recover shows what a killed deploy left and puts it right, from any machine and without a checkout',
  async () => {
    const { namespace, project } = await deployed('recover')
    const before = await snapshot(namespace)
    const { run } = await deployThatWaits(project.dir, { more: ['--set', 'data.NEW=yes'] })
    run.kill('SIGKILL')
    await run
    const { kubeconfig } = await testSandbox()
    const elsewhere = ['recover', '--kubeconfig', kubeconfig, '-n', namespace, '--project', 'tiny']

    const shown = await forgeHere([...elsewhere, '--dry-run'])
    expect(shown).toMatchObject({
      status: 0,
      stderr: expect.stringMatching(
        /found +#2 of [^]*was killed (?:at|after) helm upgrade tiny[^]*tiny from revision 2 back to 1/u,
      ),
      stdout: expect.stringContaining('Nothing was changed.'),
    })
    expect((await object('configmap', 'web', namespace))?.data).toMatchObject({ NEW: 'yes' })

    const done = await forgeHere([...elsewhere, '--json'])
    const report = document<RecoveryReport>(done)
    expect({ status: done.status, outcome: report.outcome, command: report.command, deploy: report.deploy }).toEqual({
      status: 0,
      outcome: 'restored',
      command: 'recover',
      deploy: 2,
    })
    expect(report.releases).toEqual([{ name: 'tiny', revisionBefore: 2, revisionAfter: 3 }])
    expect(report.actions.map(({ kind }) => kind)).toEqual(['roll-back'])
    expect(await snapshot(namespace)).toEqual(before)

    const again = document<RecoveryReport>(await forgeHere(['recover', '-e', 'sandbox', '-C', project.dir, '--json']))
    expect({ outcome: again.outcome, actions: again.actions }).toEqual({ outcome: 'unchanged', actions: [] })
  },
)

test.concurrent('where there is no namespace, nothing was ever deployed', async () => {
  const namespace = freshNamespace('nowhere')
  const { dir } = await tinyProject(namespace)
  const shown = await forgeHere(['recover', '-e', 'sandbox', '-C', dir])
  expect(shown).toMatchObject({ status: 0, stdout: expect.stringMatching(/^Nothing to recover: /u) })
  // Another test's namespace may be called alike, and is named then.
  expect(shown.stderr).toMatch(new RegExp(`namespace ${namespace} does not exist.*: nothing is deployed there`, 'u'))
  const report = document<RecoveryReport>(
    await forgeHere(['recover', '-e', 'sandbox', '-C', dir, '--json', '--dry-run']),
  )
  expect(report).toMatchObject({ outcome: 'unchanged', actions: [], verdict: null })
  expect(await kubectl(['get', 'namespace', namespace, '--ignore-not-found'])).toBe('')
})

test.concurrent.each([3, 4] as const)(
  'a count that somebody had set comes back after a killed deploy with helm %i',
  async (helm) => {
    const env = { FORGE_HELM: await helmOf(helm) }
    const { namespace, project } = await deployed(`counts${helm}`, env)
    await kubectl(['scale', 'deployment/web', '-n', namespace, '--replicas=3'])
    const before = await snapshot(namespace)
    const { run } = await deployThatWaits(project.dir, { env, more: ['--set', 'replicas=2', '--overwrite-drift'] })
    run.kill('SIGKILL')
    await run
    expect((await object('deployment', 'web', namespace))?.spec?.['replicas']).toBe(2)
    const report = document<RecoveryReport>(
      await forgeHere(['recover', '-e', 'sandbox', '-C', project.dir, '--json'], env),
    )
    expect(report.outcome).toBe('restored')
    expect(await snapshot(namespace)).toEqual(before)
    // Whoever deploys next is told that it would go.
    const { stdout } = await forgeHere(['plan', '-e', 'sandbox', '-C', project.dir], env)
    expect(stdout).toMatch(/Deployment\/web +replicas +3 → 1/u)
  },
)

test.concurrent(
  'a release that somebody else left stuck is explained, and touched with --adopt-pending only',
  async () => {
    const { namespace, project } = await deployed('foreign')
    const { kubeconfig } = await testSandbox()
    const name = `sh.helm.release.v1.tiny.v1`
    await kubectl(['label', 'secret', name, '-n', namespace, 'status=pending-upgrade', '--overwrite'])

    for (const command of ['deploy', 'recover']) {
      const ran = await forgeHere([command, '-e', 'sandbox', '-C', project.dir, '--json'])
      const { verdict } = document<DeployReport>(ran)
      expect({ status: ran.status, code: verdict?.code, hint: verdict?.hint }).toEqual({
        status: 3,
        code: 'E_RELEASE_PENDING',
        hint: `forge recover --env sandbox --adopt-pending -C ${project.dir}`,
      })
    }
    const adopted = await forgeHere(['recover', '-e', 'sandbox', '-C', project.dir, '--adopt-pending'])
    expect(adopted).toMatchObject({ status: 0 })
    const args = ['status', 'tiny', '-n', namespace, '--kubeconfig', kubeconfig, '-o', 'json']
    const { stdout } = await execa(await helmOf(4), args)
    expect((JSON.parse(stdout) as { info: { status: string } }).info.status).toBe('failed')
    expect(await forgeHere(['deploy', '-e', 'sandbox', '-C', project.dir])).toMatchObject({ status: 0 })
  },
)

test.concurrent(
  'in GitHub Actions the first signal writes the journal and exits; forge recover does the rest',
  async () => {
    const { namespace, project } = await deployed('actions')
    const before = await snapshot(namespace)
    const { run } = await deployThatWaits(project.dir, { env: { GITHUB_ACTIONS: 'true' } })

    run.kill('SIGINT')
    const { exitCode, stderr } = await run

    expect({ exitCode, stderr }).toEqual({
      exitCode: 130,
      stderr: expect.stringMatching(/everything stays as it is[^]*next +forge recover --env sandbox/u),
    })
    expect(stderr).not.toMatch(/[·✔✖] +(?:evidence|rollback) /u)
    expect((await object('lease', 'forge-tiny', namespace))?.spec?.['holderIdentity'] ?? '').toBe('')
    const report = document<RecoveryReport>(await forgeHere(['recover', '-e', 'sandbox', '-C', project.dir, '--json']))
    expect(report.outcome).toBe('restored')
    expect(await snapshot(namespace)).toEqual(before)
  },
)

test.concurrent('of two releases both go back, the one that was upgraded last first', async () => {
  const namespace = freshNamespace('both')
  const project = await twoReleases(namespace)
  expect(await forgeHere(['deploy', '-e', 'sandbox', '-C', project.dir])).toMatchObject({ status: 0 })
  const before = await snapshot(namespace)
  await project.write('base.yaml', 'data: { COLOUR: green }\n')
  await project.write('top.yaml', 'data: { COLOUR: red }\nannotations: { sandbox.forge.api-forge.io/delay: 300s }\n')
  const { name } = await testSandbox()
  const env = { FORGE_SANDBOX: name, GITHUB_ACTIONS: 'true' }
  const run = startForge(['deploy', '-e', 'sandbox', '-C', project.dir], { env })
  await told(run, '8/8 top')
  run.kill('SIGINT')
  expect((await run).exitCode).toBe(130)

  const ran = await forgeHere(['recover', '-e', 'sandbox', '-C', project.dir, '--json'])

  const { outcome, actions } = document<RecoveryReport>(ran)
  expect({ outcome, actions }).toMatchObject({
    outcome: 'restored',
    actions: [
      { kind: 'roll-back', release: 'top' },
      { kind: 'roll-back', release: 'base' },
    ],
  })
  expect(await snapshot(namespace)).toEqual(before)
})

test.concurrent('a second Ctrl-C leaves everything as it is, and the next deploy takes it up', async () => {
  const { project } = await deployed('twice')
  const { run } = await deployThatWaits(project.dir)
  run.kill('SIGINT')
  await told(run, 'evidence')
  run.kill('SIGINT')
  expect((await run).exitCode).toBe(130)

  const next = await forgeHere(['deploy', '-e', 'sandbox', '-C', project.dir, '--set', 'replicas=2'])
  expect(next).toMatchObject({ status: 0 })
})

test.concurrent('--wait-for-lock waits for the deploy that is alive, then deploys', async () => {
  const { namespace, project } = await deployed('queue')
  const { run } = await deployThatWaits(project.dir)
  const { name } = await testSandbox()
  const waiting = forgeHere(
    ['deploy', '-e', 'sandbox', '-C', project.dir, '--set', 'replicas=2', '--wait-for-lock', '1m'],
    {
      FORGE_SANDBOX: name,
    },
  )
  run.kill('SIGINT')
  expect((await run).exitCode).toBe(130)

  expect(await waiting).toMatchObject({ status: 0 })
  expect((await object('deployment', 'web', namespace))?.spec?.['replicas']).toBe(2)
})
