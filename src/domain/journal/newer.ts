import type { JournalEntry } from './model.ts'
import { settledNumber } from './retention.ts'

/** An entry of a format that this forge does not know: whatever it says, nothing may be concluded from it. */
export interface NewerEntry {
  readonly number: number
  readonly format: number
  /** The oldest forge that reads it; null where it does not say. */
  readonly needs: string | null
}

/** `cannot be read by this forge: it has format 3 (needs forge 0.4.0 or newer)` */
export function newerText({ format, needs }: Pick<NewerEntry, 'format' | 'needs'>): string {
  const which = needs === null ? 'a newer forge' : `forge ${needs} or newer`
  return `cannot be read by this forge: it has format ${format} (needs ${which})`
}

/**
 * The newest of them, where what runs hangs on it: no deploy that can be read has settled everything since. Then nobody
 * knows what runs, what was interrupted, or what there is to go back to.
 */
export function concealing(newer: readonly NewerEntry[], entries: readonly JournalEntry[]): NewerEntry | undefined {
  const settled = settledNumber(entries)
  return newer
    .filter(({ number }) => number > settled)
    .reduce<NewerEntry | undefined>(
      (best, one) => (best === undefined || one.number > best.number ? one : best),
      undefined,
    )
}
