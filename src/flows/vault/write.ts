import type { Wrote } from '../../domain/events/model.ts'
import { ForgeError } from '../../errors.ts'
import { forge } from '../../hint.ts'
import type { Applied } from '../phases/applied.ts'
import type { WriteSession } from '../apply/write-session.ts'

/** A new version of each path whose values change, if nobody has written there since it was read. Throws E_SECRET_VAULT. */
export async function writeHomes(context: Applied, session: WriteSession): Promise<Wrote[]> {
  const wrote: Wrote[] = []
  const { plans = [], store } = context.homes ?? {}
  for (const { name, path, now, write } of plans) {
    if (write === undefined || now === undefined || store === undefined) continue
    await session.confirm()
    const version = await store.write(path, write.data, now.version)
    if (version === undefined) throw moved(path, context)
    context.wroteHomes.set(name, version)
    wrote.push({ what: 'vault', path, from: now.version, to: version })
  }
  return wrote
}

function moved(path: string, { project }: Applied): ForgeError {
  const message = `somebody else wrote ${path} in Vault meanwhile: nothing was written over it`
  return new ForgeError('E_SECRET_VAULT', message, {
    hint: forge('secrets', 'list', '--env', project.environment.name),
    where: path,
  })
}

/**
 * On the way back, before any pod begins again: what keys held before that this deploy changed, or that it gave to its pods as
 * they had come to be meanwhile. Each is a new version, if the newest is still the one that is known: what somebody wrote
 * since is not written over, and said.
 */
export async function restoreHomes(context: Applied, say: (lines: readonly string[]) => void): Promise<void> {
  const { plans = [], store } = context.homes ?? {}
  for (const { name, path, write, back } of plans) {
    const wrote = context.wroteHomes.get(name)
    if (back === undefined || store === undefined || (write !== undefined && wrote === undefined)) continue
    if (back.kind !== 'values') {
      say([`warning  ${path} in Vault stays as it is: ${back.why}`])
      continue
    }
    try {
      const version = await store.write(path, back.data, wrote ?? back.version)
      if (version === undefined) say([`warning  ${path} in Vault stays as it is: somebody else wrote there meanwhile`])
    } catch (error) {
      if (!(error instanceof ForgeError)) throw error
      say([`warning  ${path} in Vault stays as it is: ${error.message}`])
    }
  }
}
