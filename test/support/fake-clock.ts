import type { Clock } from '../../src/ports.ts'

interface Timer {
  readonly due: number
  readonly fire: () => void
}

/** A clock that stands still until a test moves it. Wall clock and monotonic clock run alike, from different zeros. */
export class FakeClock implements Clock {
  readonly #start: number
  #elapsed = 0
  #slept = 0
  #timers: Timer[] = []

  constructor(start = '2026-11-03T12:00:00.000Z') {
    this.#start = Date.parse(start)
  }

  now(): number {
    return this.#start + this.#elapsed + this.#slept
  }

  /** The machine sleeps: only the wall clock goes on. */
  sleep(ms: number): void {
    this.#slept += ms
  }

  monotonic(): number {
    return 1_000 + this.#elapsed
  }

  /** Timers that nobody has ended: a test may assert that nothing is left running. */
  get pending(): number {
    return this.#timers.length
  }

  async after(ms: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    await new Promise<void>((resolve, reject) => {
      const timer = { due: this.#elapsed + ms, fire: resolve }
      this.#timers.push(timer)
      signal.addEventListener('abort', () => {
        this.#timers = this.#timers.filter((one) => one !== timer)
        reject(signal.reason as Error)
      })
    })
  }

  /** Moves to the next timer and lets it fire. False: there is none. */
  async next(): Promise<boolean> {
    const due = Math.min(...this.#timers.map((timer) => timer.due))
    if (!Number.isFinite(due)) return false
    await this.advance(Math.max(due - this.#elapsed, 0))
    return true
  }

  /** Moves on in order of the timers; what each sets off has settled before the next one fires. */
  async advance(ms: number): Promise<void> {
    const end = this.#elapsed + ms
    await settled()
    for (;;) {
      const next = this.#timers.filter(({ due }) => due <= end).sort((a, b) => a.due - b.due)[0]
      if (next === undefined) break
      this.#timers = this.#timers.filter((one) => one !== next)
      this.#elapsed = Math.max(this.#elapsed, next.due)
      next.fire()
      await settled()
    }
    this.#elapsed = end
    await settled()
  }
}

/** Everything that waits for promises alone has happened. */
export async function settled(): Promise<void> {
  for (let round = 0; round < 5; round++) await new Promise((resolve) => setImmediate(resolve))
}
