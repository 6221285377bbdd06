import { expect, test } from '@jest/globals'
import { forgeHere, freshNamespace, kubectl, object } from '../support/cluster.ts'
import { document, startForge } from '../support/forge.ts'
import { testSandbox } from '../support/sandbox.ts'
import { tinyProject, type TestProject } from '../support/tiny.ts'
import type { UninstallReport } from '../../src/flows/uninstall/uninstall.ts'

const RECORD = 'sh.helm.release.v1.tiny.v1'

interface Left {
  readonly namespace: string
  readonly project: TestProject
  /** helm's record of the release, which is gone, as a helm that was killed leaves it. */
  readonly record: Record<string, unknown>
}

/** Deployed, then uninstalled, and stopped when helm had come to its end: an object with a finalizer was still there. */
async function leftUninstalling(prefix: string): Promise<Left> {
  const namespace = freshNamespace(prefix)
  const project = await tinyProject(namespace)
  expect(await forgeHere(['deploy', '-e', 'sandbox', '-C', project.dir])).toMatchObject({ status: 0 })
  const record = await object('secret', RECORD, namespace)
  const finalizers = async (names: readonly string[]): Promise<string> =>
    await kubectl([
      'patch',
      'configmap/web',
      '-n',
      namespace,
      '--type=merge',
      '-p',
      JSON.stringify({ metadata: { finalizers: names } }),
    ])
  await finalizers(['forge.test/stays'])
  const { name } = await testSandbox()
  const run = startForge(['uninstall', '-e', 'sandbox', '-C', project.dir, '--yes'], { env: { FORGE_SANDBOX: name } })
  await kubectl(['wait', `secret/${RECORD}`, '-n', namespace, '--for=delete', '--timeout=60s'])
  run.kill('SIGINT')
  expect((await run).exitCode).toBe(130)
  await finalizers([])
  await kubectl(['wait', 'configmap/web', '-n', namespace, '--for=delete', '--timeout=30s'])
  const labels = { ...record?.metadata.labels, status: 'uninstalling' }
  return { namespace, project, record: { ...record, metadata: { name: RECORD, namespace, labels } } }
}

test('an uninstallation that was stopped after its last step counts as done', async () => {
  const { project } = await leftUninstalling('unlast')

  const ran = await forgeHere(['uninstall', '-e', 'sandbox', '-C', project.dir, '--yes', '--json'])

  expect({ status: ran.status, outcome: document<UninstallReport>(ran).outcome }).toEqual({
    status: 0,
    outcome: 'unchanged',
  })
  const history = await forgeHere(['history', '-C', project.dir, '--env', 'sandbox', '--json'])
  expect(JSON.parse(history.stdout)).toMatchObject({ live: null, deploys: [{ number: 2, state: 'uninstalled' }, {}] })
})

test('a release that helm left in `uninstalling` is healed: the next uninstall ends it, the next deploy makes it again', async () => {
  const { namespace, project, record } = await leftUninstalling('unmid')
  await kubectl(['apply', '-f', '-'], JSON.stringify(record))

  const shown = await forgeHere(['recover', '-e', 'sandbox', '-C', project.dir, '--dry-run'])
  expect(shown).toMatchObject({
    status: 0,
    stderr: expect.stringMatching(/tiny revision 1 from uninstalling to failed[^]*what it took away stays away/u),
  })
  expect(await forgeHere(['deploy', '-e', 'sandbox', '-C', project.dir])).toMatchObject({ status: 0 })
  expect((await object('configmap', 'web', namespace))?.data).toMatchObject({ COLOUR: 'blue' })
  const ran = await forgeHere(['uninstall', '-e', 'sandbox', '-C', project.dir, '--yes', '--json'])
  expect(document<UninstallReport>(ran).outcome).toBe('uninstalled')
})
