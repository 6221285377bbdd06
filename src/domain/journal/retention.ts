import { leavesOwn } from './left.ts'
import type { JournalEntry } from './model.ts'

export const KEPT_DEPLOYS = 20
export const KEPT_REVISIONS = 5
/** A stack that sleeps every night must not make its deploys forgotten: pauses are counted apart. */
export const KEPT_PAUSES = 6

/**
 * The deploy whose state the environment runs, ready or not: one that failed and was left as it was runs, one that was taken
 * back does not. One that was interrupted is put right before anything else happens, so that what ran before it counts.
 */
export function liveDeploy(entries: readonly JournalEntry[]): JournalEntry | undefined {
  const last = newest(entries.filter((entry) => wasReady(entry) || entry.state === 'uninstalled' || hasMoved(entry)))
  if (last?.state === 'uninstalled') return undefined
  const isBack = last?.brought !== undefined && !leavesOwn(last)
  return isBack ? entries.find(({ number }) => number === last.brought) : last
}

/** A failure after which something else may run than before. */
function hasMoved(entry: JournalEntry): boolean {
  return entry.state === 'failed' && (leavesOwn(entry) || entry.brought !== undefined)
}

/** It reached what it was for, and all of it was ready. */
export function wasReady({ state }: Pick<JournalEntry, 'state'>): boolean {
  return state === 'deployed' || state === 'rolled-back'
}

/** The last deploy after which nothing that came before it is open any more; 0: there is none. */
export function settledNumber(entries: readonly JournalEntry[]): number {
  return newest(entries.filter((entry) => wasReady(entry) || entry.state === 'uninstalled'))?.number ?? 0
}

/**
 * The deploy that has to be put right first: under the lock one that still runs was killed, and one that was stopped may
 * have been left as it was. What was deployed since has settled everything before it.
 */
export function interruptedDeploy(entries: readonly JournalEntry[]): JournalEntry | undefined {
  const settled = settledNumber(entries)
  return newest(
    entries.filter(({ state, number }) => number > settled && (state === 'running' || state === 'interrupted')),
  )
}

/**
 * Numbers to be forgotten: all but the newest 20, the live one and the last that was ready (twenty failures must not hide
 * them), and those that run.
 */
export function deploysToPrune(numbers: readonly number[], entries: readonly JournalEntry[]): number[] {
  const kept = [liveDeploy(entries)?.number, newest(entries.filter(wasReady))?.number]
  const running = new Set(entries.filter(({ state }) => state === 'running').map(({ number }) => number))
  const old = [...numbers].sort((a, b) => b - a).slice(KEPT_DEPLOYS)
  return old.filter((number) => !kept.includes(number) && !running.has(number))
}

/** The same of pauses, newest first. */
export function pausesToPrune(pauses: readonly JournalEntry[]): number[] {
  return pauses.slice(KEPT_PAUSES).flatMap(({ number, state }) => (state === 'running' ? [] : [number]))
}

/** Revisions of secrets that kept deploys speak of: what they made, and what they found. */
export function referredRevisions(entries: readonly JournalEntry[]): Map<string, Set<number>> {
  const referred = new Map<string, Set<number>>()
  for (const { name, revision, revisionBefore } of entries.flatMap(({ secrets }) => secrets)) {
    const numbers = referred.get(name) ?? new Set()
    referred.set(name, numbers.add(revision))
    if (revisionBefore !== undefined) numbers.add(revisionBefore)
  }
  return referred
}

export interface KeptRevision {
  readonly secret: string
  readonly revision: number
}

/** What may go: not referred to, not live, not among the newest five of its secret. */
export function revisionsToPrune<T extends KeptRevision>(
  kept: readonly T[],
  referred: ReadonlyMap<string, ReadonlySet<number>>,
  live: ReadonlyMap<string, number>,
): T[] {
  const bySecret = Map.groupBy(kept, ({ secret }) => secret)
  return [...bySecret].flatMap(([secret, revisions]) => {
    const numbers = [...new Set(revisions.map(({ revision }) => revision))].sort((a, b) => b - a)
    const newestOnes = new Set(numbers.slice(0, KEPT_REVISIONS))
    const needed = (number: number): boolean =>
      newestOnes.has(number) || referred.get(secret)?.has(number) === true || live.get(secret) === number
    return revisions.filter(({ revision }) => !needed(revision))
  })
}

function newest(entries: readonly JournalEntry[]): JournalEntry | undefined {
  return entries.reduce<JournalEntry | undefined>(
    (best, one) => (best === undefined || one.number > best.number ? one : best),
    undefined,
  )
}

/** Which deploys there are, newest first in `entries`: `kept are #3 to #12`. */
export function keptRange(entries: readonly Pick<JournalEntry, 'number'>[]): string {
  const [newest, oldest] = [entries[0]?.number, entries.at(-1)?.number]
  if (newest === undefined || oldest === undefined) return 'none is kept'
  return newest === oldest ? `only #${newest} is kept` : `kept are #${oldest} to #${newest}`
}
