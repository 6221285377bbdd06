import { wasReady } from './retention.ts'
import type { JournalEntry } from './model.ts'

/**
 * Deploys whose state the environment runs now. A failed or interrupted one that nothing brought back runs itself, in
 * whatever shape: then going back to the deploy before it is what is wanted.
 */
export function runningNow(entries: readonly JournalEntry[]): ReadonlySet<number> {
  const [newest] = byNumber(entries).filter(({ state }) => state !== 'restored')
  if (newest === undefined || !wasReady(newest)) return new Set(newest === undefined ? [] : [newest.number])
  return new Set([newest.number, ...originsOf(newest, entries)])
}

/** `forge rollback` without a number: the newest deploy that was ready and whose state does not run now. */
export function defaultTarget(entries: readonly JournalEntry[]): JournalEntry | undefined {
  const running = runningNow(entries)
  return byNumber(entries).find(
    (entry) =>
      wasReady(entry) && !running.has(entry.number) && !originsOf(entry, entries).some((one) => running.has(one)),
  )
}

/** A rollback runs what its target ran, and that may have been a rollback too. */
function originsOf({ number: own, target }: JournalEntry, entries: readonly JournalEntry[]): number[] {
  if (target === undefined || target >= own) return []
  const entry = entries.find(({ number }) => number === target)
  return [target, ...(entry === undefined ? [] : originsOf(entry, entries))]
}

function byNumber(entries: readonly JournalEntry[]): JournalEntry[] {
  return entries.toSorted((one, other) => other.number - one.number)
}
