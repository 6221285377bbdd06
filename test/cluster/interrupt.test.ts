import { expect, test } from '@jest/globals'
import { document, startForge } from '../support/forge.ts'
import { forgeHere, freshNamespace, kubectl, object, snapshot } from '../support/cluster.ts'
import { testSandbox } from '../support/sandbox.ts'
import { SLOW, tinyProject } from '../support/tiny.ts'
import { helmOf } from '../support/helms.ts'
import { deployThatWaits, told } from '../support/waiting-deploy.ts'
import type { DeployReport } from '../../src/flows/deploy/report.ts'

const hook = (event: string, delay: string): string => `apiVersion: batch/v1
kind: Job
metadata:
  name: slow
  annotations: { helm.sh/hook: ${event}, helm.sh/hook-delete-policy: before-hook-creation }
spec:
  template:
    metadata: { annotations: { sandbox.forge.api-forge.io/delay: ${delay} } }
    spec: { restartPolicy: Never, containers: [{ name: slow, image: example.test/slow:1 }] }
`

/** Runs for minutes, unless it is ended. */
const HOOK = hook('pre-upgrade', '300s')

test.each([
  ['SIGINT', 130, 1],
  ['SIGTERM', 143, 1],
  // Of a terminal that is closed the kernel tells, and its shell as well.
  ['SIGHUP', 143, 2],
] as const)('%s in the middle rolls back and exits %i', async (signal, status, times) => {
  const namespace = freshNamespace('stop')
  const project = await tinyProject(namespace)
  expect(await forgeHere(['deploy', '-e', 'sandbox', '-C', project.dir])).toMatchObject({ status: 0 })
  const before = await snapshot(namespace)

  const { run } = await deployThatWaits(project.dir)
  const heard = told(run, 'going back to #1; Ctrl-C again leaves it as it is')
  run.kill(signal)
  await heard
  for (let more = 1; more < times; more += 1) run.kill(signal)
  const { exitCode, stderr } = await run

  expect({ exitCode, stderr }).toEqual({
    exitCode: status,
    stderr: expect.stringMatching(/STOPPED[^]*sandbox runs #1 again, proven/u),
  })
  expect(await snapshot(namespace)).toEqual(before)
  expect((await object('lease', 'forge-tiny', namespace))?.spec?.['holderIdentity'] ?? '').toBe('')
})

test.each([3, 4] as const)('the first Ctrl-C is answered while helm %i still waits for a hook', async (helm) => {
  const namespace = freshNamespace(`heard-${helm}`)
  const project = await tinyProject(namespace)
  const env = { FORGE_SANDBOX: (await testSandbox()).name, FORGE_HELM: await helmOf(helm) }
  const args = ['deploy', '-e', 'sandbox', '-C', project.dir]
  expect((await startForge(args, { env })).exitCode).toBe(0)
  await project.write('chart/templates/hook.yaml', HOOK)

  const run = startForge(args, { env })
  await told(run, 'hook slow')
  const heard = told(run, 'going back to #1; Ctrl-C again leaves it as it is')
  run.kill('SIGINT')
  await heard
  expect((await run).exitCode).toBe(130)
})

test.each([[], ['--json']])(
  'uninstall answers it while helm waits for a hook, and takes the release away %s',
  async (...more) => {
    const namespace = freshNamespace('unheard')
    const project = await tinyProject(namespace)
    await project.write('chart/templates/hook.yaml', hook('pre-delete', '3s'))
    const env = { FORGE_SANDBOX: (await testSandbox()).name }
    const place = ['-e', 'sandbox', '-C', project.dir]
    expect((await startForge(['deploy', ...place], { env })).exitCode).toBe(0)

    const run = startForge(['uninstall', ...place, '--yes', ...more], { env })
    await kubectl(['wait', 'job/slow', '-n', namespace, '--for=create', '--timeout=20s'])
    const heard = told(
      run,
      'stopping once helm has taken tiny away: what is gone stays gone, the rest stays as it is; Ctrl-C again does not end it sooner',
    )
    run.kill('SIGINT')
    await heard
    expect(await run).toMatchObject({ exitCode: 130 })
    expect(await object('deployment', 'web', namespace)).toBeUndefined()
    const recovered = await forgeHere(['recover', ...place])
    expect(recovered).toMatchObject({ status: 0, stdout: expect.stringContaining('counts as uninstalled') })
  },
)

test('recover answers it while helm goes back, says that it is half-way, and is taken up by the next one', async () => {
  const namespace = freshNamespace('rehear')
  const project = await tinyProject(namespace)
  await project.write('chart/templates/hook.yaml', hook('pre-rollback', '2s'))
  const env = { FORGE_SANDBOX: (await testSandbox()).name }
  const place = ['-e', 'sandbox', '-C', project.dir]
  expect((await startForge(['deploy', ...place], { env })).exitCode).toBe(0)
  const before = await snapshot(namespace)
  const { run: killed } = await deployThatWaits(project.dir)
  killed.kill('SIGKILL')
  await killed

  const run = startForge(['recover', ...place], { env })
  await kubectl(['wait', 'job/slow', '-n', namespace, '--for=create', '--timeout=60s'])
  const heard = told(run, 'forge recover goes on with the rest; Ctrl-C again does not end it sooner')
  run.kill('SIGINT')
  await heard
  const { exitCode, stderr } = await run
  expect({ exitCode, stderr }).toEqual({
    exitCode: 130,
    stderr: expect.stringMatching(/now +what is done stays done[^]*next +forge recover /u),
  })
  expect(await forgeHere(['recover', ...place])).toMatchObject({ status: 0 })
  expect(await snapshot(namespace)).toMatchObject(before)
})

test('while another deploy holds the lock: exit status 6, and nothing is written', async () => {
  const namespace = freshNamespace('lock')
  const project = await tinyProject(namespace)
  expect(await forgeHere(['deploy', '-e', 'sandbox', '-C', project.dir])).toMatchObject({ status: 0 })
  const { run } = await deployThatWaits(project.dir)
  const secrets = await kubectl(['get', 'secrets', '-n', namespace, '-o', 'name'])

  const other = await forgeHere(['deploy', '-e', 'sandbox', '-C', project.dir, '--json', '--set', 'replicas=2'])
  const report = document<DeployReport>(other)

  expect({ status: other.status, outcome: report.outcome, code: report.verdict?.code }).toEqual({
    status: 6,
    outcome: 'refused',
    code: 'E_LOCKED',
  })
  expect(await kubectl(['get', 'secrets', '-n', namespace, '-o', 'name'])).toBe(secrets)
  run.kill('SIGINT')
  expect((await run).exitCode).toBe(130)
})

test('a reader that goes away (`forge deploy 2>&1 | head -1`) does not stop a deploy half-way', async () => {
  const namespace = freshNamespace('pipe')
  const project = await tinyProject(namespace)
  const { name } = await testSandbox()
  const run = startForge(['deploy', '-e', 'sandbox', '-C', project.dir], { env: { FORGE_SANDBOX: name } })
  for await (const line of run.iterable({ from: 'stderr' })) if (line !== '') break

  expect((await run).exitCode).toBe(0)
  expect((await object('deployment', 'web', namespace))?.status?.['availableReplicas']).toBe(1)
  expect((await object('lease', 'forge-tiny', namespace))?.spec?.['holderIdentity'] ?? '').toBe('')
})

test('a protected environment is not deployed to without --yes where nobody can be asked', async () => {
  const namespace = freshNamespace('guard')
  const project = await tinyProject(namespace)

  const refused = await forgeHere(['deploy', '-e', 'guarded', '-C', project.dir, '--json'])
  expect({ status: refused.status, code: document<DeployReport>(refused).verdict?.code }).toEqual({
    status: 3,
    code: 'E_CONFIRMATION_REQUIRED',
  })
  expect(await kubectl(['get', 'namespace', namespace, '--ignore-not-found', '-o', 'name'])).toBe('')

  expect(await forgeHere(['deploy', '-e', 'guarded', '-C', project.dir, '--yes'])).toMatchObject({ status: 0 })
})

test('a stage that runs out of its time is rolled back, with the deepest reason known', async () => {
  const namespace = freshNamespace('late')
  const project = await tinyProject(namespace)
  expect(await forgeHere(['deploy', '-e', 'sandbox', '-C', project.dir])).toMatchObject({ status: 0 })
  const before = await snapshot(namespace)

  const ran = await forgeHere(['deploy', '-e', 'sandbox', '-C', project.dir, '--json', '--timeout', '2s', ...SLOW])
  const report = document<DeployReport>(ran)

  expect({ status: ran.status, outcome: report.outcome, code: report.verdict?.code }).toEqual({
    status: 4,
    outcome: 'restored',
    code: 'E_PROBE_FAILING',
  })
  expect(await snapshot(namespace)).toEqual(before)
})

test('--no-rollback leaves what was deployed: exit status 5', async () => {
  const namespace = freshNamespace('kept')
  const project = await tinyProject(namespace)
  expect(await forgeHere(['deploy', '-e', 'sandbox', '-C', project.dir])).toMatchObject({ status: 0 })

  const ran = await forgeHere([
    'deploy',
    '-e',
    'sandbox',
    '-C',
    project.dir,
    '--json',
    '--no-rollback',
    '--set',
    'image=registry.invalid/web:2',
  ])

  expect({ status: ran.status, outcome: document<DeployReport>(ran).outcome }).toEqual({ status: 5, outcome: 'failed' })
  expect(JSON.stringify((await object('deployment', 'web', namespace))?.spec)).toContain('registry.invalid/web:2')
})
