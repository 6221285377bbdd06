import { gzipSync } from 'node:zlib'
import { expect, test } from '@jest/globals'
import type { RecoveryReport } from '../../src/cli/close-recovery.ts'
import type { DeployReport } from '../../src/flows/deploy/report.ts'
import type { HistoryReport } from '../../src/flows/history.ts'
import { forgeHere, freshNamespace, kubectl, object } from '../support/cluster.ts'
import { document } from '../support/forge.ts'
import { restoreFixture } from '../support/restore-fixture.ts'
import { testSandbox } from '../support/sandbox.ts'
import { moved, settled, stored } from '../support/small.ts'
import { deployed } from '../support/small-deployed.ts'

test('what an older forge left half done is put right, and what it deployed is gone back to', async () => {
  const namespace = freshNamespace('format')
  await restoreFixture('v1', 'history', namespace)
  const { kubeconfig } = await testSandbox()
  const run = async (command: string, ...flags: string[]) =>
    await forgeHere([command, ...flags, '--kubeconfig', kubeconfig, '-n', namespace, '--project', 'two', '--json'])
  const colours = async () =>
    await Promise.all(
      ['base', 'top'].map(async (name) => (await object('configmap', name, namespace))?.data?.['COLOUR']),
    )
  expect(await colours()).toEqual(['black', 'white'])

  const { deploys, unreadable } = document<HistoryReport>(await run('history'))
  expect([deploys.map(({ number, state }) => `${number} ${state}`), unreadable]).toEqual([
    [
      '9 killed',
      '8 deployed',
      '7 failed',
      '6 restored',
      '5 rolled-back',
      '4 deployed',
      '3 restored',
      '2 deployed',
      '1 deployed',
    ],
    [],
  ])

  const recovery = await run('recover')
  expect({ status: recovery.status, ...document<RecoveryReport>(recovery) }).toMatchObject({
    status: 0,
    outcome: 'restored',
    actions: [
      { kind: 'restore-secret', secret: 'shared-secret' },
      { kind: 'settle', release: 'top', because: 'helm refuses a release that is in the middle of something' },
      { kind: 'roll-back', release: 'top' },
      { kind: 'roll-back', release: 'base', because: 'revision 10 was never proven ready' },
    ],
  })
  expect(await colours()).toEqual(['white', 'white'])
  expect(document<{ ready: boolean }>(await run('status')).ready).toBe(true)

  const back = await run('rollback', '2', '--yes')
  expect({ status: back.status, ...document<DeployReport>(back) }).toMatchObject({ status: 0, outcome: 'rolled-back' })
  expect(await colours()).toEqual(['green', 'green'])
  const { deploys: after } = document<HistoryReport>(await run('history'))
  expect(after.slice(0, 2)).toMatchObject([
    { number: 10, state: 'rolled-back', live: true },
    { number: 9, state: 'restored' },
  ])
})

const NEWER = { v: 3, needs: '0.9.0', number: 1, state: 'failed', steps: 'of another kind' }

test('an entry of a newer forge is no failure: whatever would rest on it is refused, and it stays as it is', async () => {
  const small = await deployed('newer')
  const name = 'forge-journal-small-1'
  const entry = gzipSync(JSON.stringify(NEWER)).toString('base64')
  await kubectl(['patch', 'secret', name, '-n', small.namespace, '-p', JSON.stringify({ data: { entry } })])
  const before = await settled(small.namespace)

  const refused = { code: 'E_JOURNAL_NEWER', message: expect.stringContaining('needs forge 0.9.0 or newer') as unknown }
  for (const [command, ...flags] of [
    ['deploy'],
    ['recover'],
    ['rollback', '--yes'],
    ['rollback', '1', '--dry-run'],
    ['uninstall', '--yes'],
  ] as const) {
    const ran = await small.run(command, ['--json', ...flags])
    const { verdict } = document<DeployReport>(ran)
    expect({ command, status: ran.status, ...verdict }).toMatchObject({ command, status: 3, ...refused })
  }
  expect(await small.run('history', [])).toMatchObject({
    status: 0,
    stdout: expect.stringContaining(
      '#1 cannot be read by this forge: it has format 3 (needs forge 0.9.0 or newer)',
    ) as unknown,
  })
  expect(await small.run('status', [])).toMatchObject({
    status: 8,
    stdout: expect.stringContaining('it is not known what runs') as unknown,
  })
  expect(await small.plan()).toMatchObject({ live: null, unknown: expect.stringContaining('0.9.0') as unknown })
  expect((await object('secret', name, small.namespace))?.data).toEqual({ entry })
  expect(moved(before, await stored(small.namespace))).toEqual({})
})
