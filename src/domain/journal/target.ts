import { wasReady } from './retention.ts'
import type { CameMark, JournalEntry } from './model.ts'

/** How the environment came to what runs now. */
interface Trail {
  /** Deploys that were ready, each after the one that it replaced. A rollback takes away all that it leaves behind. */
  readonly ready: readonly JournalEntry[]
  /** False: what runs now was never ready (a failed one that nothing brought back), or nothing runs. */
  readonly lastRuns: boolean
}

/**
 * `forge rollback` without a number: what ran, ready, before the deploy that runs now. Never one that a rollback went back
 * from, or went past: a second `forge rollback` goes further back, and not to what somebody has just left.
 */
export function defaultTarget(entries: readonly JournalEntry[]): JournalEntry | undefined {
  const { ready, lastRuns } = trailOf(entries)
  return ready.at(lastRuns ? -2 : -1)
}

/** Where there is no default: the newest deploy that was ready and does not run now. It can be gone to by its number. */
export function leftBehind(entries: readonly JournalEntry[]): JournalEntry | undefined {
  const { ready, lastRuns } = trailOf(entries)
  const last = lastRuns ? ready.at(-1) : undefined
  return entries
    .toSorted((one, other) => other.number - one.number)
    .find((entry) => wasReady(entry) && (last === undefined || !isSame(entry, last, entries)))
}

function trailOf(entries: readonly JournalEntry[]): Trail {
  const start: Trail = { ready: [], lastRuns: false }
  return entries
    .toSorted((one, other) => one.number - other.number)
    .reduce((trail, entry) => trailAfter(trail, entry, entries), start)
}

function trailAfter(trail: Trail, entry: JournalEntry, entries: readonly JournalEntry[]): Trail {
  const { ready, lastRuns } = trail
  if (entry.state === 'restored') return trail
  if (!wasReady(entry)) return { ready, lastRuns: false }
  if (entry.state === 'deployed') return { ready: [...ready, entry], lastRuns: true }
  // To one that was left behind before: what ran until now is left in its turn.
  const isKnown = ready.some((one) => isSame(one, entry, entries))
  const until = isKnown || !lastRuns ? ready : ready.slice(0, -1)
  // What came after the target is gone past, whether the target's own entry is kept or not.
  const goal = originOf(entry, entries)
  return { ready: [...until.filter((one) => originOf(one, entries) < goal), entry], lastRuns: true }
}

/** Do both run the same? A rollback runs what its target ran, and that may have been a rollback too. */
function isSame(one: JournalEntry, other: JournalEntry, entries: readonly JournalEntry[]): boolean {
  return originOf(one, entries) === originOf(other, entries)
}

/** The deploy whose state this one runs. Entries may have been forgotten since; those of an older forge do not say it themselves. */
export function originOf({ number: own, target, origin }: JournalEntry, entries: readonly JournalEntry[]): number {
  if (target === undefined || target >= own) return own
  if (origin !== undefined) return origin
  const entry = entries.find(({ number }) => number === target)
  return entry === undefined ? target : originOf(entry, entries)
}

/** What is known of a release's marks since that deploy. */
export function cameIn(entry: JournalEntry | undefined, release: string): readonly CameMark[] {
  return entry?.releases.find(({ name }) => name === release)?.came ?? []
}
