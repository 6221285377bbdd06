import { expect, test } from '@jest/globals'
import { forgeHere, freshNamespace, kubectl, objects } from '../support/cluster.ts'
import { document } from '../support/forge.ts'
import { tinyProject } from '../support/tiny.ts'

interface Report {
  readonly verdict: { readonly code: string; readonly message: string; readonly hint: string } | null
}

const enforce = async (namespace: string, level: string): Promise<void> => {
  await kubectl(['label', '--overwrite', 'namespace', namespace, `pod-security.kubernetes.io/enforce=${level}`])
}

test('pods that the namespace will not take are refused before anything is written, by plan and by deploy', async () => {
  const namespace = freshNamespace('level')
  const { dir } = await tinyProject(namespace)
  await kubectl(['create', 'namespace', namespace])
  await enforce(namespace, 'restricted')
  const run = async (...args: string[]) => await forgeHere([...args, '--env', 'sandbox', '-C', dir, '--json'])

  for (const command of ['plan', 'deploy']) {
    const ran = await run(command)
    const { verdict } = document<Report>(ran)
    expect({ status: ran.status, code: verdict?.code }).toEqual({ status: 3, code: 'E_ADMISSION' })
    expect(verdict?.message).toMatch(
      /^pods of Deployment\/web would be refused: violates PodSecurity "restricted:latest"/u,
    )
    expect(verdict?.hint).toContain(`describe namespace ${namespace}`)
  }
  expect(await objects('deployments,configmaps', namespace)).toMatchObject([{ metadata: { name: 'kube-root-ca.crt' } }])

  // A level that it meets takes it; pods that run already are not asked about again.
  await enforce(namespace, 'baseline')
  expect((await run('deploy')).status).toBe(0)
  await enforce(namespace, 'restricted')
  expect(await run('deploy')).toMatchObject({ status: 0, stdout: expect.stringContaining('"unchanged"') })
  const changed = await run('deploy', '--set', 'image=web:2')
  expect({ status: changed.status, code: document<Report>(changed).verdict?.code }).toEqual({
    status: 3,
    code: 'E_ADMISSION',
  })
})
