import { createHook } from 'node:async_hooks'
import { settled, type FakeClock } from '../fake-clock.ts'

/** No run of forge takes longer. */
const LIMIT_MS = 3_600_000
/** So often with no timer at all: nothing ever comes. A fault may move the clock, too, and has none at its beginning. */
const IDLE_ROUNDS = 20

/** What a run gives, with the clock moved on whenever it only waits. Throws where it waits for nothing. */
export async function inTime<T>(clock: FakeClock, run: Promise<T>): Promise<T> {
  const end = { isHere: false }
  const over = (): void => void (end.isHere = true)
  run.then(over, over)
  const begin = clock.monotonic()
  let idle = 0
  for (;;) {
    await atRest()
    if (end.isHere) return await run
    idle = (await clock.next()) ? 0 : idle + 1
    if (idle > IDLE_ROUNDS) throw new Error('the run waits for something that never comes')
    if (clock.monotonic() - begin > LIMIT_MS) throw new Error('the run does not end within an hour of its own clock')
  }
}

/** Hashes that are being made, in threads of their own: no other work of a run leaves the event loop. */
const hashing = new Set<number>()

createHook({
  trackPromises: false,
  init: (id, type) => {
    if (type === 'HASHREQUEST' || type === 'SIGNREQUEST') hashing.add(id)
  },
  after: (id) => void hashing.delete(id),
}).enable()

/** Nothing goes on any more until the clock moves. */
async function atRest(): Promise<void> {
  for (;;) {
    await settled()
    if (hashing.size === 0) return
    while (hashing.size > 0) await new Promise((resolve) => setImmediate(resolve))
  }
}
