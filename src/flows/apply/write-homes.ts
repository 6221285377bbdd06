import type { Wrote } from '../../domain/events/model.ts'
import { ForgeError } from '../../errors.ts'
import { forge } from '../../hint.ts'
import type { Applied } from '../phases/applied.ts'
import type { WriteSession } from './write-session.ts'

/** A new version of each path whose values change, if nobody has written there since it was read. Throws E_SECRET_VAULT. */
export async function writeHomes(context: Applied, session: WriteSession): Promise<Wrote[]> {
  const wrote: Wrote[] = []
  const { plans = [], store } = context.homes ?? {}
  for (const { name, path, now, write } of plans) {
    if (write === undefined || now === undefined || store === undefined) continue
    await session.confirm()
    // By check-and-set its number is known before there is an answer.
    context.wroteHomes.set(name, { version: now.version + 1, isSure: false })
    const version = await store.write(path, write.data, now.version)
    if (version === undefined) {
      context.wroteHomes.delete(name)
      throw moved(path, context)
    }
    context.wroteHomes.set(name, { version, isSure: true })
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
