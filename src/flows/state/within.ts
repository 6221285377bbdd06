import type { Clock } from '../../ports.ts'
import { timeLimit } from '../../time-limit.ts'

/**
 * Runs `action` with a signal that also aborts after `ms`, and rejects then even if the action does not heed it: a
 * request that hangs must not hold up what depends on it.
 */
export async function within<T>(
  clock: Clock,
  ms: number,
  signal: AbortSignal,
  action: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const over = new AbortController()
  const limit = timeLimit(ms, { clock, signal })
  try {
    return await Promise.race([action(limit.signal), whenAborted(limit.signal, over.signal)])
  } finally {
    over.abort()
    limit.end()
  }
}

async function whenAborted(signal: AbortSignal, done: AbortSignal): Promise<never> {
  return await new Promise<never>((_resolve, reject) => {
    const fail = (): void => reject(signal.reason as Error)
    if (signal.aborted) fail()
    else signal.addEventListener('abort', fail, { once: true, signal: done })
  })
}
