import { expect, test } from '@jest/globals'
import { forgeHere, kubectl, object } from '../support/cluster.ts'
import { document, type Ran } from '../support/forge.ts'
import * as sample from '../support/manifests.ts'
import type { Manifest, Small } from '../support/small.ts'
import { deployed, refused } from '../support/small-deployed.ts'
import type { DeployReport } from '../../src/flows/deploy/report.ts'
import type { StatusDocument } from '../../src/domain/status/model.ts'
import type { UninstallReport } from '../../src/flows/uninstall/uninstall.ts'

const HOLD = 'example.test/hold'
const SOON = ['--timeout', '3s']

const web = (image = 'example.test/web:1', more: object = {}): Manifest => sample.web({ image, probe: true, ...more })

/** As a cloud's controller does it: the object stays after its deletion until somebody has cleaned up. */
async function hold(small: Small, kind: string, name: string, finalizers: readonly string[] | null): Promise<void> {
  const patch = JSON.stringify({ metadata: { finalizers } })
  await kubectl(['patch', kind, name, '-n', small.namespace, '--type=merge', '-p', patch])
}

async function status(small: Small): Promise<StatusDocument> {
  return document(await forgeHere(['status', '--json', '--env', 'test', '-C', small.project.dir]))
}

function now({ stderr }: Ran): string {
  return /^now +(.*)$/mu.exec(stderr)?.[1] ?? stderr
}

test.each([3, 4] as const)(
  'what a finalizer holds is never proven, and is made again once it is gone (helm %i)',
  async (helm) => {
    const first = [web(), sample.service('public')]
    const small = await deployed(`held${helm}`, helm, first)
    const before = (await object('service', 'public', small.namespace))?.metadata.uid
    await hold(small, 'service', 'public', [HOLD])
    await small.render([web('none.invalid/web:2')])

    const failed = await small.run('deploy', SOON)
    const gone = `Service/public is being deleted (finalizer ${HOLD})`
    expect({ status: failed.status, now: now(failed) }).toEqual({
      status: 5,
      now: `rolled back and ready, but ${gone}`,
    })
    expect(await status(small)).toMatchObject({ ready: false, leaving: [gone] })

    await small.render(first)
    expect((await small.plan()).objects.find(({ object: name }) => name === 'Service/public')).toMatchObject({
      action: 'create',
      because: `is being deleted (finalizer ${HOLD}): made again once it is gone`,
    })
    const report = await refused(small, 'E_NOT_GONE', ...SOON)
    expect(report.verdict?.message).toContain(`finalizer ${HOLD} holds it`)

    const back = small.run('rollback', ['1', '--yes', '--json'])
    setTimeout(() => void hold(small, 'service', 'public', null), 2000)
    expect(document<DeployReport>(await back)).toMatchObject({ outcome: 'rolled-back', verdict: null })
    const after = await object('service', 'public', small.namespace)
    expect(after?.metadata.deletionTimestamp).toBeUndefined()
    expect(after?.metadata.uid).not.toBe(before)
  },
)

test('a first install does not take what is going for what it makes', async () => {
  const small = await deployed('again', 4, [web(), sample.service('public')])
  await hold(small, 'service', 'public', [HOLD])
  const away = await small.run('uninstall', ['--yes', '--json', ...SOON])
  expect({ status: away.status, report: document<UninstallReport>(away) }).toMatchObject({
    status: 5,
    report: { outcome: 'failed', verdict: { code: 'E_NOT_GONE', message: expect.stringContaining(HOLD) } },
  })
  const { status: exit, report } = await small.deploy(...SOON)
  expect({ exit, code: report.verdict?.code }).toEqual({ exit: 3, code: 'E_NOT_GONE' })

  const again = small.deploy()
  setTimeout(() => void hold(small, 'service', 'public', null), 2000)
  expect((await again).report.verdict).toBeNull()
  expect((await object('service', 'public', small.namespace))?.metadata.deletionTimestamp).toBeUndefined()
})

test.each([
  ['of the chart', [sample.claim('data', '1Gi'), web('example.test/web:1', { claim: 'data' })], 'data'],
  ['of a StatefulSet', [sample.service('db'), sample.statefulSet('db', 'db')], 'data-db-0'],
])('a claim that goes with its last pod stops everything before it is written: one %s', async (_, objects, claim) => {
  const small = await deployed('claim', 4, objects)
  await kubectl(['delete', 'persistentvolumeclaim', claim, '-n', small.namespace, '--wait=false'])
  const plan = document<DeployReport>(await small.run('plan', ['--json']))
  expect(plan).toMatchObject({
    outcome: 'refused',
    verdict: {
      code: 'E_OBJECT_TERMINATING',
      message: expect.stringContaining(`PersistentVolumeClaim/${claim} is being deleted`),
    },
  })
  await refused(small, 'E_OBJECT_TERMINATING')
  const { ready, sentence } = await status(small)
  expect({ ready, sentence }).toEqual({
    ready: false,
    sentence: expect.stringContaining(`PersistentVolumeClaim/${claim} is being deleted`),
  })
})

test('what has to go before it is made anew, and stays, is not called replaced', async () => {
  const small = await deployed('stuck', 4, [web()])
  await hold(small, 'deployment', 'web', [HOLD])
  await small.render([web('example.test/web:1', { selector: { app: 'other' } })])
  const { status: exit, report } = await small.deploy(...SOON)
  expect({ exit, code: report.verdict?.code }).toEqual({ exit: 5, code: 'E_NOT_GONE' })
  expect((await status(small)).sentence).toContain(`is being deleted (finalizer ${HOLD})`)
  await hold(small, 'deployment', 'web', null)
})
