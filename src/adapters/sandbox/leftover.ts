import { readdir } from 'node:fs/promises'
import { isThere } from '../files/owner.ts'
import { stateFolder } from '../tools/folders.ts'
import { unlessItFails } from '../../expected.ts'
import { stopSandbox } from './sandbox.ts'

const REHEARSAL = /^rehearsal-(\d+)-\d+$/u

/** The name says whose it is: a run that was killed could not take it down. */
export function rehearsalName(pid: number, number: number): string {
  return `rehearsal-${pid}-${number}`
}

/** Takes down what rehearsals have left that were killed. */
export async function stopLeftovers(env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<void> {
  const names = await unlessItFails(readdir(stateFolder(env, 'sandbox')), () => [])
  for (const name of names) {
    const pid = REHEARSAL.exec(name)?.[1]
    if (pid !== undefined && !isThere(Number(pid))) await stopSandbox(name, signal, env)
  }
}
