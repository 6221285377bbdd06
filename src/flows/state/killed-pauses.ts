import type { Journal } from './journal.ts'
import type { HeldLease } from './lease.ts'

/** Under the lock one that says that it runs was killed; what it did is seen on the objects. */
export async function closeKilled(
  journal: Pick<Journal, 'pauses' | 'resume'>,
  lease: HeldLease,
): Promise<readonly number[]> {
  const killed = journal.pauses.filter(({ state }) => state === 'running')
  for (const entry of killed) await journal.resume(entry, lease.signal).finish('interrupted')
  return killed.map(({ number }) => number)
}
