import { isEqual } from '../../domain/canonical.ts'
import type { HomePlan } from '../../domain/vault/plan.ts'
import { ForgeError } from '../../errors.ts'
import type { VaultStore } from '../../vault-port.ts'
import type { Applied } from '../phases/applied.ts'

type Wrote = ReturnType<Applied['wroteHomes']['get']>

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
  for (const plan of plans) {
    const wrote = context.wroteHomes.get(plan.name)
    if (store === undefined || (plan.write !== undefined && wrote === undefined)) continue
    const why = await restoreHome(plan, wrote, store, signal).catch((error: unknown) => {
      signal.throwIfAborted()
      if (!(error instanceof ForgeError)) throw error
      return error.message
    })
    if (why !== undefined) say([`warning  ${plan.path} in Vault stays as it is: ${why}`])
  }
}

/** Why it stays as it is; undefined: it is as it was. */
async function restoreHome(
  { path, write, back }: HomePlan,
  wrote: Wrote,
  store: VaultStore,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (back === undefined) return undefined
  if (back.kind !== 'values') return back.why
  if (wrote?.isSure === false) {
    // A write of which no answer came may have been made, or somebody else's.
    const found = await store.content(path, undefined, signal)
    if (found.version !== wrote.version || !isEqual(found.data, write?.data)) return undefined
  }
  const version = await store.write(path, back.data, wrote?.version ?? back.version, signal)
  return version === undefined ? 'somebody else wrote there meanwhile' : undefined
}
