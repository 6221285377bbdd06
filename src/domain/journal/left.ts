import type { JournalEntry, JournalRelease } from './model.ts'
import { helmRelease } from './operation.ts'

/** Whether a failed deploy has left something of its own running. What it took back, or never began, is what ran before. */
export function leavesOwn(entry: JournalEntry): boolean {
  return entry.releases.some((release) => (release.left ?? leftBySteps(entry, release)) === 'own')
}

/** Of entries that do not say it: a run that was killed and recovered, or that an older forge has written. */
function leftBySteps({ steps }: JournalEntry, { name }: JournalRelease): JournalRelease['left'] {
  const own = steps.filter(({ operation }) => helmRelease(operation) === name)
  const begun = own.some(({ operation: { op } }) => op === 'upgrade' || op === 'rollback')
  const returned = own.some(({ operation: { op }, outcome }) => op === 'return' && outcome === 'done')
  return begun && !returned ? 'own' : 'before'
}
