import { expect, test } from '@jest/globals'
import { forgeHere, freshNamespace, kubectl } from '../support/cluster.ts'
import { testSandbox } from '../support/sandbox.ts'
import { tinyProject } from '../support/tiny.ts'

test('a mistyped namespace is said not to exist, with the one that was meant', async () => {
  const namespace = freshNamespace('meant')
  await kubectl(['create', 'namespace', namespace])
  const typo = `${namespace}x`
  const { kubeconfig } = await testSandbox()
  for (const command of ['status', 'history', 'rollback', 'recover', 'uninstall']) {
    const ran = await forgeHere([command, '--kubeconfig', kubeconfig, '-n', typo, '--project', 'tiny'])
    expect({ command, status: ran.status, stderr: ran.stderr }).toEqual({
      command,
      status: 2,
      stderr: expect.stringContaining(`namespace ${typo} does not exist (did you mean ${namespace}?)`),
    })
  }
  const project = await tinyProject(typo)
  const place = ['-e', 'sandbox', '-C', project.dir]
  expect((await forgeHere(['status', ...place])).stdout.replaceAll('\n', ' ')).toContain(
    `tiny was never deployed to sandbox. namespace ${typo} does not exist (did you mean ${namespace}?)`,
  )
  for (const command of [
    ['rollback'],
    ['history'],
    ['recover'],
    ['uninstall', '--yes'],
    ['logs', 'web'],
    ['open', 'web'],
    ['shell', 'web'],
  ]) {
    const { stdout, stderr } = await forgeHere([...command, ...place])
    expect({ command, said: `${stderr}${stdout}` }).toEqual({
      command,
      said: expect.stringContaining(`namespace ${typo} does not exist (did you mean ${namespace}?)`),
    })
  }
  expect((await forgeHere(['plan', ...place])).stdout).toContain(
    `live: nothing: namespace ${typo} does not exist, a deploy makes it`,
  )
})
