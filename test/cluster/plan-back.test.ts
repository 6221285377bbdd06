import { expect, test } from '@jest/globals'
import { kubectl, object } from '../support/cluster.ts'
import * as sample from '../support/manifests.ts'
import { changedFields, settled, stored, type Small } from '../support/small.ts'
import { deployed, settings } from '../support/small-deployed.ts'

/** Deploys what cannot start, and compares: everything must be as it was, field by field. */
async function failsAndReturns(small: Small, free: readonly string[] = [], ...flags: string[]): Promise<void> {
  const before = await settled(small.namespace)
  const { status, report } = await small.deploy(...flags)
  expect({ status, outcome: report.outcome, code: report.verdict?.code }).toEqual({
    status: 4,
    outcome: 'restored',
    code: 'E_IMAGE_PULL',
  })
  const after = await stored(small.namespace)
  expect([...after.keys()].sort()).toEqual([...before.keys()].sort())
  const changed = [...before].flatMap(([name, was]) =>
    changedFields(was, after.get(name) ?? was).map((field) => `${name} ${field}`),
  )
  expect(changed.filter((one) => !free.includes(one))).toEqual([])
}

const web = (env: Record<string, string>, image = 'example.test/web:1') => sample.web({ env, image })
const BROKEN = 'registry.invalid/web:2'

test.each([3, 4] as const)(
  'a rollback with helm %i brings back what somebody had set, preserved or not',
  async (helm) => {
    const all = [settings('1'), web({ A: '1', B: '1' }), sample.configMap('extra', { a: 'b' }), sample.service('web')]
    const small = await deployed(`kept${helm}`, helm, all)
    await small.drift({ preserve: ['ConfigMap/settings:data.level', 'Deployment/web:spec.replicas'] })
    const at = ['-n', small.namespace]
    await kubectl(['patch', 'configmap', 'settings', ...at, '--type=merge', '--patch', '{"data":{"level":"hand"}}'])
    await kubectl(['scale', 'deployment/web', '--replicas=3', ...at])
    await kubectl(['set', 'env', 'deployment/web', 'A=hand', 'ADDED=hand', ...at])
    await kubectl(['delete', 'configmap', 'extra', ...at])
    await kubectl(['rollout', 'status', 'deployment/web', ...at])
    await small.render([settings('2'), web({ A: '2', B: '2', ADDED: 'chart' }, BROKEN), ...all.slice(2)])

    await failsAndReturns(small, [], '--overwrite-drift')

    expect((await object('configmap', 'settings', small.namespace))?.data).toEqual({ level: 'hand' })
    expect((await object('deployment', 'web', small.namespace))?.spec?.['replicas']).toBe(3)
  },
)

test.each([3, 4] as const)('a rollback with helm %i leaves a claim that has grown as large as it is', async (helm) => {
  const small = await deployed(`large${helm}`, helm, [sample.claim('data', '1Gi'), sample.web({ claim: 'data' })])
  await small.render([sample.claim('data', '2Gi'), sample.web({ claim: 'data', image: BROKEN })])
  await failsAndReturns(small, ['PersistentVolumeClaim/data spec.resources.requests.storage'])
})

test('what somebody added to an object that is replaced comes back with it', async () => {
  const small = await deployed('added', 4, [settings('1'), web({ A: '1' })])
  await kubectl(['annotate', 'deployment/web', 'example.test/note=mine', '-n', small.namespace])
  await small.render([settings('1'), sample.web({ image: BROKEN, selector: { app: 'web', track: 'b' } })])
  await failsAndReturns(small, [], '--overwrite-drift')
})
