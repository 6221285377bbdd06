import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { forgeHere, freshNamespace } from '../support/cluster.ts'
import { ROOT, type Ran } from '../support/forge.ts'
import { exampleProject } from '../support/project.ts'
import { testSandbox } from '../support/sandbox.ts'

/** What differs from run to run becomes a word; lines of progress, which come as they come, are left out. */
async function steady(
  { stdout, stderr }: Ran,
  { namespace, dir }: { namespace: string; dir: string },
): Promise<string> {
  const { name, kubeconfig } = await testSandbox()
  const lines = `${stderr}${stdout}`.split('\n').filter((line) => !/^\d\d:\d\d:\d\d (?:·| {5})/u.test(line))
  return (
    lines
      .join('\n')
      .replaceAll(dir, 'DIR')
      .replaceAll(namespace, 'NAMESPACE')
      .replaceAll(kubeconfig, 'KUBECONFIG')
      .replaceAll(`forge-sandbox-${name}`, 'CONTEXT')
      .replaceAll(/^\d\d:\d\d:\d\d/gmu, 'TIME')
      .replaceAll(/\d+\.\d+ ?s\b/gu, 'N.Ns')
      .replaceAll(/\(deployed, .*?, .*?\)/gu, '(deployed, AGO, USER@HOST)')
      .replaceAll(/-[0-9a-f]{8,10}(?:-[a-z0-9]{5})?\b/gu, '-HASH')
      .replaceAll(/helm \d+\.\d+\.\d+, Kubernetes \d+\.\d+\.\d+/gu, 'helm X, Kubernetes Y')
      .replaceAll(/(evidence|log): .*/gu, '$1: PATH')
      .replaceAll(/\d+ files/gu, 'N files')
      // The project is a copy; its chart is of this checkout, if it is one.
      .replaceAll(/; \S+ at [0-9a-f]{12}(?:, with changes that are not committed)?/gu, '')
  )
}

/** `UPDATE_GOLDEN=1 npm run test:cluster -- screens` writes the files anew: read the difference before you commit it. */
async function expectGolden(file: string, screen: string): Promise<void> {
  const path = join(ROOT, 'test', 'cluster', 'golden', file)
  if (process.env['UPDATE_GOLDEN'] === '1') await writeFile(path, screen)
  expect(screen).toBe(await readFile(path, 'utf8'))
}

test('what a person reads of a first deploy, of one that changes nothing, of a change, and of a failure', async () => {
  const namespace = freshNamespace('screen')
  const project = await exampleProject(namespace)
  const deploy = async (...more: string[]): Promise<string> =>
    await steady(await forgeHere(['deploy', '-e', 'sandbox', '-C', project.dir, ...more]), {
      namespace,
      dir: project.dir,
    })

  await expectGolden('first.golden.txt', await deploy())
  await expectGolden('unchanged.golden.txt', await deploy())
  await project.edit('.env', 'LOG_LEVEL=INFO', 'LOG_LEVEL=DEBUG')
  await expectGolden('change.golden.txt', await deploy())
  await expectGolden('failure.golden.txt', await deploy('--set', 'app.image=registry.invalid/api-forge-app:2'))
})
