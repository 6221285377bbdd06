import { ForgeError } from '../../errors.ts'
import type { Applied } from '../phases/applied.ts'

/**
 * On the way back, before any pod begins again: what keys held before that this deploy changed, or that it gave to its pods as
 * they had come to be meanwhile. Each is a new version, if the newest is still the one that is known: what somebody wrote
 * since is not written over, and said.
 */
export async function restoreHomes(
  context: Applied,
  say: (lines: readonly string[]) => void,
  signal: AbortSignal,
): Promise<void> {
  const { plans = [], store } = context.homes ?? {}
  for (const { name, path, write, back } of plans) {
    const wrote = context.wroteHomes.get(name)
    if (back === undefined || store === undefined || (write !== undefined && wrote === undefined)) continue
    if (back.kind !== 'values') {
      say([`warning  ${path} in Vault stays as it is: ${back.why}`])
      continue
    }
    try {
      const version = await store.write(path, back.data, wrote ?? back.version, signal)
      if (version === undefined) say([`warning  ${path} in Vault stays as it is: somebody else wrote there meanwhile`])
    } catch (error) {
      signal.throwIfAborted()
      if (!(error instanceof ForgeError)) throw error
      say([`warning  ${path} in Vault stays as it is: ${error.message}`])
    }
  }
}
