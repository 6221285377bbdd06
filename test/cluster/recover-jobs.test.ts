import { expect, test } from '@jest/globals'
import { forgeHere, freshNamespace, kubectl, object, objects } from '../support/cluster.ts'
import { document, startForge } from '../support/forge.ts'
import { testSandbox } from '../support/sandbox.ts'
import type { TestProject } from '../support/tiny.ts'
import { told } from '../support/waiting-deploy.ts'
import { secretProject } from '../support/with-secret.ts'
import type { DeployReport } from '../../src/flows/deploy/report.ts'

/** Deployed with the Job `migrate-b`, and left in the middle of the wait for pods that never get ready. */
async function leftMigrating(
  project: TestProject,
  { more = [] }: { readonly more?: readonly string[] },
): Promise<void> {
  const args = ['deploy', '-e', 'sandbox', '-C', project.dir]
  const { name } = await testSandbox()
  const slow = ['--set', 'migration=b', '--set', 'delay=300s', ...more]
  // The first signal of GitHub Actions leaves everything as it is, and frees the lock: nobody has to wait for its end.
  const run = startForge([...args, ...slow], { env: { FORGE_SANDBOX: name, GITHUB_ACTIONS: 'true' } })
  await told(run, '/7 web')
  run.kill('SIGINT')
  expect((await run).exitCode).toBe(130)
}

test('a Job that runs past its deadline stops the recovery before anything goes back: exit status 5', async () => {
  const namespace = freshNamespace('still')
  const { name, kubeconfig } = await testSandbox()
  const project = await secretProject(namespace)
  await project.configure(['stages', 'web', 'timeout'], '4s')
  expect(await forgeHere(['deploy', '-e', 'sandbox', '-C', project.dir])).toMatchObject({ status: 0 })
  await leftMigrating(project, { more: ['--set', 'migrationDelay=300s', '--set', 'data.NEW=yes'] })
  await kubectl(['wait', 'job/migrate-b', '-n', namespace, '--for=jsonpath={.status.ready}=1', '--timeout=30s'])

  const next = await forgeHere(['deploy', '-e', 'sandbox', '-C', project.dir, '--json'])

  const { outcome, verdict } = document<DeployReport>(next)
  expect({ status: next.status, outcome, code: verdict?.code, hint: verdict?.hint }).toEqual({
    status: 5,
    outcome: 'failed',
    code: 'E_JOB_RUNNING',
    hint: `kubectl --kubeconfig ${kubeconfig} --context forge-sandbox-${name} -n ${namespace} wait job/migrate-b --for=condition=complete --timeout=1h && forge recover --env sandbox -C ${project.dir}`,
  })
  expect((await objects('jobs', namespace)).map(({ metadata }) => metadata.name)).toEqual(['migrate-b'])
  expect((await object('configmap', 'web', namespace))?.data).toMatchObject({ NEW: 'yes' })
  const found = await forgeHere(['recover', '-e', 'sandbox', '-C', project.dir, '--dry-run'])
  expect(found).toMatchObject({ status: 0, stderr: expect.stringContaining('wait for the end of migrate-b') })
})

test('a database that what ran before cannot read: nothing goes back, and the next deploy goes forward', async () => {
  const namespace = freshNamespace('forward')
  const project = await secretProject(namespace)
  const schema = async (version: number): Promise<void> =>
    await project.configure(['releases', 'tiny', 'schema'], { version, oldestReader: version })
  await schema(12)
  expect(await forgeHere(['deploy', '-e', 'sandbox', '-C', project.dir])).toMatchObject({ status: 0 })
  await schema(13)
  await leftMigrating(project, {})
  await kubectl(['wait', 'job/migrate-b', '-n', namespace, '--for=condition=complete', '--timeout=30s'])

  const ran = await forgeHere(['recover', '-e', 'sandbox', '-C', project.dir])
  expect(ran.stderr).toContain('what ran before cannot read the schema')
  expect((await objects('jobs', namespace)).map(({ metadata }) => metadata.name)).toEqual(['migrate-b'])
  const back = await forgeHere(['rollback', '1', '-e', 'sandbox', '-C', project.dir, '--json'])
  expect({ status: back.status, code: document<DeployReport>(back).verdict?.code }).toEqual({
    status: 3,
    code: 'E_SCHEMA_GATE',
  })
  const next = await forgeHere(['deploy', '-e', 'sandbox', '-C', project.dir, '--set', 'migration=b'])
  expect(next).toMatchObject({ status: 0 })
})

test('a failed Job of a deploy that was left does not stand in the way of the next, which wants its name', async () => {
  const namespace = freshNamespace('failed')
  const project = await secretProject(namespace)
  expect(await forgeHere(['deploy', '-e', 'sandbox', '-C', project.dir])).toMatchObject({ status: 0 })
  await leftMigrating(project, { more: ['--set', 'migrationDelay=300s'] })
  await kubectl(['patch', 'job/migrate-b', '-n', namespace, '-p', '{"spec":{"activeDeadlineSeconds":1}}'])
  await kubectl(['wait', 'job/migrate-b', '-n', namespace, '--for=condition=failed', '--timeout=30s'])

  const next = await forgeHere(['deploy', '-e', 'sandbox', '-C', project.dir, '--set', 'migration=b'])

  expect(next).toMatchObject({ status: 0, stderr: expect.stringContaining('tiny from revision 2 back to 1') })
  expect((await object('job', 'migrate-b', namespace))?.status).toMatchObject({ succeeded: 1 })
})
