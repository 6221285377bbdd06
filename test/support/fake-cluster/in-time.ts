import { settled, type FakeClock } from '../fake-clock.ts'

/** No run of forge takes longer. */
const LIMIT_MS = 3_600_000
/** Rounds in which neither a promise nor a timer goes on: nothing ever will. */
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

/** Hashes are made in threads of their own: one that is asked for later comes later. */
async function atRest(): Promise<void> {
  for (let round = 0; round < 2; round++) {
    await settled()
    await crypto.subtle.digest('SHA-256', new Uint8Array())
  }
  await settled()
}
