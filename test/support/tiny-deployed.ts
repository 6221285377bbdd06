import { expect } from '@jest/globals'
import { forgeHere, freshNamespace } from './cluster.ts'
import { tinyProject } from './tiny.ts'

/** The tiny project, deployed on the sandbox; `args` lead to it, as `environment`. */
export async function tinyDeployed(prefix: string, environment = 'sandbox') {
  const namespace = freshNamespace(prefix)
  const { dir } = await tinyProject(namespace)
  const args = ['-e', 'sandbox', '-C', dir]
  expect(await forgeHere(['deploy', ...args])).toMatchObject({ status: 0 })
  return { namespace, dir, args: ['-e', environment, '-C', dir] }
}
