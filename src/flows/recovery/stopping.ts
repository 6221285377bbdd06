import type { ForgeError } from '../../errors.ts'
import { forge } from '../../hint.ts'
import { refusal } from '../refusal.ts'
import type { Stopping } from '../step.ts'
import type { RecoveryScope, RecoveryPorts } from './scope.ts'

const GOES_ON = 'what is done stays done, and forge recover goes on with the rest'

/** What Ctrl-C is answered with at once. helm is never cut off on the way back, so a second one can do no more. */
export function stoppingRecovery({ signal }: Pick<RecoveryPorts, 'signal'>): Stopping {
  return { signal, words: () => `stopping after what is being done: ${GOES_ON}; Ctrl-C again does not end it sooner` }
}

/** What ended a recovery that had begun, and says nothing of what is left itself. */
export function halfWay(
  error: unknown,
  { flags }: Pick<RecoveryScope, 'flags'>,
  { signal }: Pick<RecoveryPorts, 'signal'>,
): ForgeError {
  const told = refusal(error, signal)
  if (told.details.now !== undefined) return told
  return told.with({ now: GOES_ON, ...(signal.aborted ? { hint: forge('recover', ...flags) } : {}) })
}
