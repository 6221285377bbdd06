import { afterAll, expect, test } from '@jest/globals'
import { kubectl, object } from '../support/cluster.ts'
import { helmRecords, migrate, stated } from '../support/migrating.ts'
import { SMALL_OBJECTS, smallLegacy } from '../support/small-legacy.ts'

// A workload that only the old stack has: gone once all is proven, and proven to run again before the old stack is given back.
const made: string[] = []

afterAll(async () => {
  if (made.length > 0) await kubectl(['delete', 'namespace', ...made, '--wait=false'])
})

const labels = { 'app.kubernetes.io/name': 'solo' }
const containers = [{ name: 'solo', image: 'solo:1', readinessProbe: { httpGet: { path: '/', port: 80 } } }]
const solo = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'solo' },
  spec: { replicas: 1, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers } } },
}

test('it is waited for on the way back, and where it does not become ready, what helm ran stays', async () => {
  const stack = await smallLegacy({ ...SMALL_OBJECTS, solo })
  const { namespace } = stack
  made.push(namespace)
  const before = await stated(namespace)
  const first = await migrate(stack, '--from', 'old')
  expect({ status: first.status, verdict: first.report.verdict }).toEqual({ status: 0, verdict: null })
  expect(first.report.retired).toEqual(['Deployment/solo'])
  const migrated = await stated(namespace)
  expect(migrated).not.toHaveProperty('Deployment/solo')

  // Room for the pod that runs, and for no other.
  await kubectl(['-n', namespace, 'create', 'quota', 'full', '--hard=pods=1'])
  const failed = await migrate(stack, '--undo', '--timeout', '10s')
  expect({ status: failed.status, outcome: failed.report.outcome }).toEqual({ status: 4, outcome: 'restored' })
  expect(failed.report.verdict?.message).toContain('solo')
  expect(await stated(namespace)).toEqual(migrated)
  expect(await helmRecords(namespace)).toBeGreaterThan(0)

  await kubectl(['-n', namespace, 'delete', 'quota', 'full'])
  const shown = await migrate(stack, '--undo', '--dry-run')
  expect(shown.report.plan?.migration).toEqual([expect.objectContaining({ action: 'create' })])
  const undone = await migrate(stack, '--undo')
  expect({ status: undone.status, verdict: undone.report.verdict }).toEqual({ status: 0, verdict: null })
  expect((await object('deployment', 'solo', namespace))?.['status']).toMatchObject({ readyReplicas: 1 })
  expect(await stated(namespace)).toEqual(before)
  expect(await helmRecords(namespace)).toBe(0)
}, 120_000)
