import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '../ports.ts'

/** Longest delay that a Node timer keeps (about 24 days); longer ones would fire at once. */
const MAX_DELAY = 2 ** 31 - 1

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  async after(ms, signal) {
    signal.throwIfAborted()
    try {
      await sleep(Math.min(Math.max(ms, 0), MAX_DELAY), undefined, { signal })
    } catch (error) {
      // Node rejects with an AbortError of its own; callers compare with their signal's reason.
      signal.throwIfAborted()
      throw error
    }
  },
}
