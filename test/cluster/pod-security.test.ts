import { expect, test } from '@jest/globals'
import { forgeHere, freshNamespace, kubectl, objects } from '../support/cluster.ts'
import { document } from '../support/forge.ts'
import { tinyProject } from '../support/tiny.ts'

interface Report {
  readonly verdict: { readonly code: string; readonly message: string; readonly hint: string } | null
}

const LEVEL = 'pod-security.kubernetes.io/enforce'
const enforce = async (namespace: string, level: string): Promise<void> => {
  await kubectl(['label', '--overwrite', 'namespace', namespace, `${LEVEL}=${level}`])
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

test('in a namespace that forge makes, a plan says that it could not try, and a deploy tries before all else', async () => {
  const namespace = freshNamespace('level-made')
  const { dir, configure } = await tinyProject(namespace)
  await configure(['releases', 'tiny', 'createNamespace'], { labels: { [LEVEL]: 'restricted' } })
  const run = async (...args: string[]) => await forgeHere([...args, '--env', 'sandbox', '-C', dir])
  const plan = await run('plan')
  expect(plan.status).toBe(0)
  expect(plan.stdout.replace(/\s+/gu, ' ')).toContain(
    `whether Pod Security restricted takes the pods of Deployment/web: not checked, namespace ${namespace} is not there yet`,
  )
  const refused = await run('deploy', '--json')
  expect({ status: refused.status, verdict: document<Report>(refused).verdict }).toMatchObject({
    status: 3,
    verdict: { code: 'E_ADMISSION', message: expect.stringContaining('violates PodSecurity "restricted:latest"') },
  })
  const left = await objects('deployments,configmaps,secrets,leases', namespace)
  expect(left).toMatchObject([{ metadata: { name: 'kube-root-ca.crt' } }])
  // The namespace is there by now, and so a plan can try.
  expect((await run('plan')).status).toBe(3)
})
