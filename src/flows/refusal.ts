import { bugOf, ForgeError } from '../errors.ts'

/**
 * What ended a flow. An abort reaches it as whatever the port threw on it; what counts is why the signal was aborted. A bug is
 * told the same way as all else: after a write has begun, nothing may skip the way back.
 */
export function refusal(error: unknown, signal: AbortSignal): ForgeError {
  if (signal.aborted && signal.reason instanceof ForgeError) return signal.reason
  return bugOf(error)
}

export function outcomeOf({ exitStatus }: ForgeError): 'interrupted' | 'failed' | 'refused' {
  if (exitStatus === 130 || exitStatus === 143) return 'interrupted'
  return exitStatus === 5 || exitStatus === 1 ? 'failed' : 'refused'
}
