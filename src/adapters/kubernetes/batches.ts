import type { WatchBatch, WatchEvent } from '../../ports.ts'

/**
 * Gathers what several watches report: everything that exists goes into one first batch; afterwards what arrives in the
 * same turn of the event loop (or while the reader is busy) goes out together.
 */
export class Batches implements AsyncIterable<WatchBatch> {
  private unlisted: number
  private initialSent = false
  private events: WatchEvent[] = []
  private scheduled = false
  private ended = false
  /** How many watches have lost the API server. */
  private blindSources = 0
  private blindTold = false
  private failure: { readonly error: unknown } | undefined
  private wake: (() => void) | undefined

  /** `sources`: how many must report `listed` before the first batch goes out. */
  constructor(sources: number) {
    this.unlisted = sources
    this.schedule()
  }

  push(events: readonly WatchEvent[]): void {
    for (const event of events) this.events.push(event)
    this.schedule()
  }

  listed(): void {
    this.unlisted -= 1
    this.schedule()
  }

  /** A watch has lost the API server, or has it again. */
  blind(isBlind: boolean): void {
    this.blindSources += isBlind ? 1 : -1
    this.schedule()
  }

  fail(error: unknown): void {
    this.failure ??= { error }
    this.wakeUp()
  }

  end(): void {
    this.ended = true
    this.wakeUp()
  }

  async *[Symbol.asyncIterator](): AsyncIterator<WatchBatch> {
    for (;;) {
      if (this.failure !== undefined) throw this.failure.error
      if (this.ended) return
      const batch = this.take()
      if (batch === undefined) await new Promise<void>((resolve) => (this.wake = resolve))
      else yield batch
    }
  }

  private take(): WatchBatch | undefined {
    const blind = this.blindSources > 0
    const isNews = !this.initialSent || this.events.length > 0 || blind !== this.blindTold
    if (this.scheduled || this.unlisted > 0 || !isNews) return undefined
    const batch = { initial: !this.initialSent, events: this.events, ...(blind === this.blindTold ? {} : { blind }) }
    this.initialSent = true
    this.blindTold = blind
    this.events = []
    return batch
  }

  private schedule(): void {
    if (this.scheduled) return
    this.scheduled = true
    setImmediate(() => {
      this.scheduled = false
      this.wakeUp()
    })
  }

  private wakeUp(): void {
    this.wake?.()
    this.wake = undefined
  }
}
