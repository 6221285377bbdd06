import { expect, test } from '@jest/globals'
import { kubectl, object } from '../support/cluster.ts'
import { document } from '../support/forge.ts'
import * as sample from '../support/manifests.ts'
import type { Manifest } from '../support/small.ts'
import { deployed, refused } from '../support/small-deployed.ts'
import type { UninstallReport } from '../../src/flows/uninstall/uninstall.ts'

const account = (name: string): Manifest => ({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name } })

function web(pod: Record<string, unknown>): Manifest {
  const made = sample.web() as Manifest & { spec: { template: { spec: object } } }
  const { template } = made.spec
  const spec = { ...made.spec, template: { ...template, spec: { ...template.spec, ...pod } } }
  return { ...made, spec }
}

test.each([3, 4] as const)('an account that pods keep is not deleted under them, with helm %i', async (helm) => {
  const small = await deployed(`used${helm}`, helm, [account('app'), web({ serviceAccountName: 'app' })])
  await small.render([web({})])
  const report = await refused(small, 'E_STILL_USED')
  expect(report.verdict?.message).toBe('ServiceAccount/app would be deleted, and Deployment/web goes on using it')

  await small.render([account('app'), web({})])
  expect((await small.plan()).warnings).toEqual([
    'Deployment/web: the chart gives up spec.template.spec.serviceAccountName, and it stays as it is live',
  ])

  await small.render([web({ serviceAccountName: 'default' })])
  expect(await small.deploy()).toMatchObject({ status: 0, report: { verdict: null } })
  expect(await object('serviceaccount', 'app', small.namespace)).toBeUndefined()
})

test('a ConfigMap that goes while its Deployment still names it is refused, and goes with the reference', async () => {
  const from = (name: string): object => ({
    containers: [{ name: 'web', image: 'example.test/web:1', envFrom: [{ configMapRef: { name } }] }],
  })
  const small = await deployed('usedmap', 4, [sample.configMap('settings', { a: '1' }), web({ ...from('settings') })])
  await small.render([web({ ...from('settings') })])
  await refused(small, 'E_STILL_USED')
  await small.render([sample.web()])
  expect(await small.deploy()).toMatchObject({ status: 0, report: { verdict: null } })
})

test('what somebody else goes on using is refused too, in a deploy and in a rollback, and told before an uninstallation', async () => {
  const small = await deployed('useelse', 4, [sample.web()])
  await small.render([sample.web(), sample.configMap('settings', { a: '1' })])
  expect(await small.deploy()).toMatchObject({ status: 0 })
  const envFrom = [{ configMapRef: { name: 'settings' } }]
  const tool = web({ containers: [{ name: 'tool', image: 'example.test/tool:1', envFrom }] })
  // Nothing runs of it now: its next pod is what counts.
  const idle = { ...tool, metadata: { name: 'tool' }, spec: { ...(tool['spec'] as object), replicas: 0 } }
  await kubectl(['apply', '-n', small.namespace, '-f', '-'], JSON.stringify(idle))

  await small.render([sample.web()])
  const said = 'ConfigMap/settings would be deleted, and Deployment/tool, which is not part of this, goes on using it'
  expect((await refused(small, 'E_STILL_USED')).verdict?.message).toContain(said)
  expect((await small.plan()).warnings).toEqual([expect.stringContaining(said)])
  const back = await small.run('rollback', ['--yes', '--json'])
  expect(document(back)).toMatchObject({ outcome: 'refused', verdict: { code: 'E_STILL_USED' } })
  const shown = document<UninstallReport>(await small.run('uninstall', ['--dry-run', '--json']))
  expect(shown.stillUsed).toEqual([{ object: 'ConfigMap/settings', by: 'Deployment/tool' }])

  const agreed = await small.run('rollback', ['--yes', '--confirm', 'settings'])
  expect({
    status: agreed.status,
    told: agreed.stderr.split('ConfigMap/settings would be deleted').length - 1,
  }).toEqual({
    status: 0,
    told: 1,
  })
  expect(await object('configmap', 'settings', small.namespace)).toBeUndefined()
})
