import { ForgeError } from '../errors.ts'
import type { Session } from './session.ts'

/**
 * For what runs until somebody stops it (`--watch`, `-f`): Ctrl-C is its proper end, told by the exit status alone, or not even
 * by that where nothing was cut short (`stopped`).
 */
export async function untilStopped({ signal }: Session, work: Promise<void>, stopped?: number): Promise<void> {
  try {
    await work
  } catch (error) {
    if (!signal.aborted) throw error
  }
  if (!signal.aborted) return
  const reason: unknown = signal.reason
  const isAsked = reason instanceof ForgeError && reason.code === 'E_INTERRUPTED'
  process.exitCode = isAsked ? (stopped ?? reason.exitStatus) : reason instanceof ForgeError ? reason.exitStatus : 1
}
