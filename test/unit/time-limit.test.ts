import { expect, test } from '@jest/globals'
import { untilGone } from '../../src/flows/observe/until-gone.ts'
import { timeLimit } from '../../src/time-limit.ts'
import { FakeClock } from '../support/fake-clock.ts'

const never = (): AbortSignal => new AbortController().signal

test('a limit aborts when its time is up, and says that it was that', async () => {
  const clock = new FakeClock()
  const limit = timeLimit(1000, { clock, signal: never() })
  await clock.advance(999)
  expect([limit.signal.aborted, limit.isUp()]).toEqual([false, false])
  await clock.advance(1)
  expect([limit.signal.aborted, limit.isUp()]).toEqual([true, true])
})

test('a limit that is ended, or whose work is stopped, leaves no timer', async () => {
  const clock = new FakeClock()
  const stop = new AbortController()
  timeLimit(1000, { clock, signal: never() }).end()
  const limit = timeLimit(1000, { clock, signal: stop.signal })
  stop.abort()
  await clock.advance(2000)
  expect([clock.pending, limit.signal.aborted, limit.isUp()]).toEqual([0, true, false])
})

test('what does not go in time is told, by the clock that the deploy goes by', async () => {
  const clock = new FakeClock()
  const object = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'public', namespace: 'shop', uid: 'u' } }
  const left = untilGone({ objects: [object], cluster: { watch: silent }, limitMs: 60_000 }, { clock, signal: never() })
  await clock.advance(60_000)
  expect(await left).toEqual([object])
  expect(clock.pending).toBe(0)
})

/** A watch in which nothing happens until it is ended. */
async function* silent(_kinds: unknown, _selector: string, signal: AbortSignal): AsyncGenerator<never> {
  await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))
  yield* []
}
