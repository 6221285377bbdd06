import { ForgeError } from '../../errors.ts'

/** An abort reaches a flow as whatever the port threw on it; what counts is why the signal was aborted. */
export function refusal(error: unknown, signal: AbortSignal): ForgeError {
  if (signal.aborted && signal.reason instanceof ForgeError) return signal.reason
  if (error instanceof ForgeError) return error
  throw error
}
