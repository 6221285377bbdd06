import { claimSymptom } from '../rules/volume.ts'
import { statusOf } from '../shapes.ts'
import { progressing, ready, type Assess } from './assessment.ts'

/** Bound; one that waits for its first consumer has done all that it can. */
export const assessClaim: Assess = (entry, context) => {
  const { phase = 'Pending' } = statusOf(entry.object)
  const waits = context.cache.notesOn(entry.uid).some(({ reason }) => reason === 'WaitForFirstConsumer')
  const isReady = phase === 'Bound' || (phase === 'Pending' && waits)
  return {
    progress: isReady
      ? ready(phase === 'Bound' ? 'bound' : 'waits for its first consumer')
      : progressing(phase.toLowerCase()),
    counts: { ready: isReady ? 1 : 0, wanted: 1 },
    current: [],
    old: [],
    symptoms: isReady ? [] : claimSymptom(entry, context),
    countsCrashes: false,
    expectedPods: 0,
    settles: false,
  }
}
