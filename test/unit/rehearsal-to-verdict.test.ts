import { expect, test } from '@jest/globals'
import { Events } from '../../src/domain/events/events.ts'
import type { KubeObject } from '../../src/domain/kube.ts'
import { timeToVerdict } from '../../src/flows/rehearse/to-verdict.ts'
import type { WatchBatch } from '../../src/ports.ts'
import { FakeClock } from '../support/fake-clock.ts'

const pod = (fails: boolean): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'app-1', annotations: fails ? { 'sandbox.forge.api-forge.io/fail': 'oom' } : {} },
})
const batch = (object: KubeObject, initial = false): WatchBatch => ({ initial, events: [{ type: 'set', object }] })
const step = { index: 6, total: 10, name: 'upgrade' }

/** One after another, each once the one before was looked at; `after` ms. */
async function measured(
  batches: readonly { readonly after: number; readonly batch: WatchBatch }[],
  verdictAfter = 3240,
) {
  const clock = new FakeClock()
  const events = new Events()
  const seen = Promise.withResolvers<undefined>()
  const watch = async function* (): AsyncIterable<WatchBatch> {
    try {
      for (const { after, batch: one } of batches) {
        await clock.advance(after)
        yield one
      }
    } finally {
      seen.resolve(undefined)
    }
  }
  const { signal } = new AbortController()
  const timing = timeToVerdict({ cluster: { watch }, clock, events, namespace: 'shop', signal })
  await seen.promise
  await clock.advance(verdictAfter)
  events.tell({ type: 'step', step, state: 'failed', seconds: 1, found: '' })
  await clock.advance(60_000)
  events.tell({ type: 'step', step: { ...step, name: 'rollback' }, state: 'failed', seconds: 60, found: '' })
  await timing.close()
  return timing.seconds()
}

test('the time begins with the first pod that fails, and ends with the step that says so', async () => {
  const all = [
    { after: 0, batch: batch(pod(true), true) },
    { after: 5000, batch: batch(pod(false)) },
    { after: 2000, batch: batch(pod(true)) },
  ]
  expect(await measured(all)).toBe(3.2)
})

test('where no such pod was seen nobody knows', async () => {
  expect(await measured([{ after: 0, batch: batch(pod(false)) }])).toBeUndefined()
})
