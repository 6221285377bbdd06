import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { isGone, isHere, OWNER } from '../files/owner.ts'
import { stateFolder } from '../tools/folders.ts'
import { unlessItFails } from '../../expected.ts'
import { rehearsalOwner } from './crash.ts'
import { runningSandbox, stopSandbox } from './sandbox.ts'

const LOCK = /\.lock$/u
/** No rehearsal takes so long to start: one of another container, or of another boot, that does not answer by then is left. */
const LONGEST_MS = 3_600_000

/** The name says whose it is: a run that was killed could not take it down. Two containers may share a home. */
export function rehearsalName(number: number): string {
  return `rehearsal-${OWNER.replaceAll('.', '-')}-${number}`
}

/** Takes down what rehearsals have left that were killed. */
export async function stopLeftovers(env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<void> {
  const names = await unlessItFails(readdir(stateFolder(env, 'sandbox')), () => [])
  for (const name of new Set(names.map((entry) => entry.replace(LOCK, '')))) {
    if (!(await isLeft(name, env))) continue
    await stopSandbox(name, signal, env)
    // Of a start that was killed (k8s/sandbox/internal/supervisor/up.go). Nobody starts one of this name again.
    await rm(join(stateFolder(env, 'sandbox'), `${name}.lock`), { force: true })
  }
}

async function isLeft(name: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  const owner = rehearsalOwner(name)
  if (owner === undefined) return false
  if (isHere(owner)) return isGone(owner)
  const path = join(stateFolder(env, 'sandbox'), name)
  const found = await unlessItFails(stat(path), async () => await unlessItFails(stat(`${path}.lock`), () => undefined))
  const isOld = found !== undefined && Date.now() - found.mtimeMs > LONGEST_MS
  return isOld && (await runningSandbox(name, env)) === undefined
}
