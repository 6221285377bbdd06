import type { Clock } from '../../ports.ts'

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
  const done = new AbortController()
  const late = new AbortController()
  clock.after(ms, done.signal).then(
    () => late.abort(new Error(`no answer within ${ms / 1000} s`)),
    () => undefined,
  )
  const both = AbortSignal.any([signal, late.signal])
  try {
    return await Promise.race([action(both), whenAborted(both, done.signal)])
  } finally {
    done.abort()
  }
}

async function whenAborted(signal: AbortSignal, done: AbortSignal): Promise<never> {
  return await new Promise<never>((_resolve, reject) => {
    const fail = (): void => reject(signal.reason as Error)
    if (signal.aborted) fail()
    else signal.addEventListener('abort', fail, { once: true, signal: done })
  })
}
