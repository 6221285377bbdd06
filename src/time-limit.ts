import type { Clock } from './ports.ts'

/** When work stops: on a signal, or when its time on the clock is up. */
export interface Timed {
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** A signal that aborts with the given one, or after `ms`; `isUp` says which it was. `end` takes the timer away. */
export interface TimeLimit {
  readonly signal: AbortSignal
  readonly isUp: () => boolean
  readonly end: () => void
}

/** Whether the time passes; false: it was ended before. */
export async function passes(ms: number, { clock, signal }: Timed): Promise<boolean> {
  return await clock.after(ms, signal).then(
    () => true,
    () => false,
  )
}

/** Why work ended whose time was up; no bug. */
export class TimeIsUp extends Error {
  override readonly name = 'TimeIsUp'
}

export function timeLimit(ms: number, { clock, signal }: Timed): TimeLimit {
  const done = new AbortController()
  const late = new AbortController()
  clock.after(ms, AbortSignal.any([done.signal, signal])).then(
    () => late.abort(new TimeIsUp(`no answer within ${ms / 1000} s`)),
    () => undefined,
  )
  return {
    signal: AbortSignal.any([signal, late.signal]),
    isUp: () => late.signal.aborted,
    end: () => done.abort(),
  }
}
