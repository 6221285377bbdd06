import { ForgeError } from '../errors.ts'
import type { Session } from './session.ts'

/** For what runs until somebody stops it (`--watch`, `-f`): Ctrl-C is its proper end, told by the exit status alone. */
export async function untilStopped({ signal }: Session, work: Promise<void>): Promise<void> {
  try {
    await work
  } catch (error) {
    if (!signal.aborted) throw error
  }
  if (signal.aborted) process.exitCode = signal.reason instanceof ForgeError ? signal.reason.exitStatus : 1
}
