import type { JournalEntry, JournalRelease } from './model.ts'

/** Whether a failed deploy has left something of its own running. What it took back, or never began, is what ran before. */
export function leavesOwn(entry: JournalEntry): boolean {
  return entry.releases.some((release) => (release.left ?? leftBySteps(entry, release)) === 'own')
}

/** Of entries that do not say it: a run that was killed and recovered, or that an older forge has written. */
function leftBySteps({ steps }: JournalEntry, { name }: JournalRelease): JournalRelease['left'] {
  // `forge rollback` names the revision that it goes to, an automatic rollback does not.
  const begun = steps.some(
    (step) => step.name === `helm upgrade ${name}` || step.name.startsWith(`helm rollback ${name} `),
  )
  const returned = steps.some((step) => step.name === `helm rollback ${name}` && step.outcome === 'done')
  return begun && !returned ? 'own' : 'before'
}
