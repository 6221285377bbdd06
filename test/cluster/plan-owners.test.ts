import { expect, test } from '@jest/globals'
import { kubectl, object } from '../support/cluster.ts'
import * as sample from '../support/manifests.ts'
import type { Small } from '../support/small.ts'
import { deployed, refused, settings } from '../support/small-deployed.ts'
import type { PlanDocument } from '../../src/domain/plan/document.ts'

const web = (tag: string, env: Record<string, string> = { A: '1' }) =>
  sample.web({ image: `example.test/web:${tag}`, env })

async function deploys(small: Small, ...flags: string[]): Promise<void> {
  const { status, report } = await small.deploy(...flags)
  expect({ status, verdict: report.verdict }).toEqual({ status: 0, verdict: null })
}

async function container(small: Small): Promise<{ image: string; env?: { name: string; value: string }[] }> {
  const found = await object('deployment', 'web', small.namespace)
  const { containers } = (found?.spec?.['template'] as { spec: { containers: unknown[] } }).spec
  return containers[0] as { image: string; env?: { name: string; value: string }[] }
}

/** Another program declares the same value: nothing differs, and both own the field. */
async function declaresImage(small: Small, tag: string): Promise<void> {
  const spec = { template: { spec: { containers: [{ name: 'web', image: `example.test/web:${tag}` }] } } }
  const declared = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' }, spec }
  await kubectl(
    ['apply', '--server-side', '--field-manager=other', '-n', small.namespace, '-f', '-'],
    JSON.stringify(declared),
  )
}

function conflictsIn(plan: PlanDocument): readonly unknown[] {
  return plan.objects.flatMap(({ conflicts }) => conflicts)
}

const IMAGE = 'spec.template.spec.containers[web].image'

test.each([3, 4] as const)(
  'a field that another manager declares is refused with helm %i, and taken over where that is said',
  async (helm) => {
    const small = await deployed(`held${helm}`, helm, [settings('1'), web('1')])
    await declaresImage(small, '1')
    expect(await small.plan()).toMatchObject({ unchanged: true })
    await small.render([settings('1'), web('2')])
    expect(conflictsIn(await small.plan())).toEqual([{ field: IMAGE, manager: 'other', held: true }])
    const report = await refused(small, 'E_FIELD_HELD')
    expect(report.verdict?.message).toContain('Deployment/web image belongs to other')
    await deploys(small, '--overwrite-drift')
    expect((await container(small)).image).toBe('example.test/web:2')
  },
)

test.each([3, 4] as const)(
  'a value set by hand that the chart then follows is recorded with helm %i, and no conflict later',
  async (helm) => {
    const small = await deployed(`caught${helm}`, helm, [settings('1'), web('1')])
    await kubectl(['set', 'image', 'deployment/web', 'web=example.test/web:2', '-n', small.namespace])
    await small.render([settings('1'), web('2')])
    const plan = await small.plan()
    expect(plan).toMatchObject({ unchanged: false, releases: [{ unrecorded: ['Deployment/web'] }] })
    expect(plan.objects.filter(({ action }) => action !== 'unchanged')).toEqual([])
    await deploys(small)
    expect(await small.plan()).toMatchObject({ unchanged: true })

    await small.render([settings('1'), web('3')])
    expect(conflictsIn(await small.plan())).toEqual([{ field: IMAGE, manager: 'kubectl-set', held: false }])
    await deploys(small)
    expect((await container(small)).image).toBe('example.test/web:3')
  },
)

test.each([3, 4] as const)(
  'what the chart gives up and somebody else owns stays with helm %i, and so does what was added by hand',
  async (helm) => {
    const small = await deployed(`given${helm}`, helm, [settings('1'), web('1', { A: '1', B: '1', C: '1' })])
    await kubectl(['set', 'env', 'deployment/web', 'B=hand', '-n', small.namespace])
    await small.render([settings('1'), web('1', { A: '1' })])
    const plan = await small.plan()
    expect(plan.objects.flatMap(({ drift }) => drift)).toMatchObject([
      { manager: 'kubectl-set', live: 'hand', end: 'kept' },
    ])
    await deploys(small)
    expect((await container(small)).env).toEqual([
      { name: 'A', value: '1' },
      { name: 'B', value: 'hand' },
    ])
    expect(await small.plan()).toMatchObject({ unchanged: true })
  },
)

test('a value set by hand where no deploy stated one is not taken back by a chart that states it now', async () => {
  const small = await deployed('stated', 3, [settings('1'), web('1')])
  await kubectl(['set', 'env', 'deployment/web', 'LEVEL=hand', '-n', small.namespace])
  await small.render([settings('1'), web('1', { A: '1', LEVEL: 'chart' })])
  await refused(small, 'E_FIELD_HELD')
})

test('an object that is made anew would lose what somebody added to it: refused, or preserved', async () => {
  const small = await deployed('remade', 4, [settings('1'), web('1')])
  await kubectl(['annotate', 'deployment/web', 'example.test/note=mine', '-n', small.namespace])
  await small.render([settings('1'), sample.web({ selector: { app: 'web', track: 'b' } })])
  expect((await refused(small, 'E_DRIFT')).verdict?.message).toContain('example.test/note')
  await small.drift({ preserve: ["Deployment/web:metadata.annotations.'example.test/note'"] })
  await deploys(small)
  expect((await object('deployment', 'web', small.namespace))?.metadata.annotations).toMatchObject({
    'example.test/note': 'mine',
  })
  expect(await small.plan()).toMatchObject({ unchanged: true })
})

test.each([3, 4] as const)('an autoscaler that no chart renders decides the count with helm %i', async (helm) => {
  const small = await deployed(`scaler${helm}`, helm, [settings('1'), web('1')])
  await kubectl(['autoscale', 'deployment/web', '--min=2', '--max=9', '-n', small.namespace])
  await kubectl(['wait', 'deployment/web', '-n', small.namespace, '--for=jsonpath={.spec.replicas}=2', '--timeout=40s'])
  await small.render([settings('1'), web('2')])
  await deploys(small)
  expect((await object('deployment', 'web', small.namespace))?.spec?.['replicas']).toBe(2)
  expect(await small.plan()).toMatchObject({ unchanged: true })
})
