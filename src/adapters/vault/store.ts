import { isMap, type PlainMap } from '../../domain/config/path.ts'
import type { VaultContent, VaultStore, VaultVersion } from '../../vault-port.ts'
import { odd, placeIn, refused, type PlaceIn, type Session } from './mount.ts'
import { errorsOf, type Answer } from './server.ts'

/** KV engines of a server, by the token of a session. */
export function storeOf(session: Session): VaultStore {
  return {
    address: session.server.address,
    newest: async (path) => await newest(await placeIn(path, session), session),
    async content(path, version, signal) {
      const own = until(signal, session)
      return await content(await placeIn(path, own), version, own)
    },
    async write(path, data, cas, signal) {
      const own = until(signal, session)
      return await write(await placeIn(path, own), data, cas, own)
    },
  }
}

function until(signal: AbortSignal | undefined, session: Session): Session {
  return signal === undefined ? session : { ...session, server: session.server.until(signal) }
}

/** By the metadata, which hold no value; by the values where the token may not read those. */
async function newest(place: PlaceIn, session: Session): Promise<VaultVersion> {
  const { server, token } = session
  if (place.mount.version === 1) return withoutData(await content(place, undefined, session))
  const answer = await server.get(place.metadata, token)
  if (answer.status === 403) return withoutData(await content(place, undefined, session))
  if (answer.status === 404) return NOTHING
  const { data } = answer.body
  const { current_version: version, versions } = isMap(data) ? data : {}
  if (answer.status !== 200 || typeof version !== 'number' || !isMap(versions)) throw odd(place.clean, answer, server)
  const known = versions[String(version)]
  return version === 0 || !isMap(known) ? { ...NOTHING, version } : standing(version, known)
}

const NOTHING = { engine: 2, version: 0, state: 'nothing' } as const

function withoutData({ data: _, ...version }: VaultContent): VaultVersion {
  return version
}

async function content(place: PlaceIn, version: number | undefined, session: Session): Promise<VaultContent> {
  const { server, token } = session
  const answer = await server.get(place.data, token, version === undefined ? {} : { version: String(version) })
  if (answer.status === 403) throw refused(place.data, server)
  const { data } = answer.body
  if (answer.status !== 200 && answer.status !== 404) throw odd(place.clean, answer, server)
  if (place.mount.version === 1) {
    if (answer.status === 404) return { engine: 1, version: 0, state: 'nothing', data: {} }
    if (!isMap(data)) throw odd(place.clean, answer, server)
    return { engine: 1, version: 0, state: 'there', data }
  }
  const found = versionTwo(data, answer)
  if (found === undefined) throw odd(place.clean, answer, server)
  return found
}

/** A version that is gone is a 404 with its metadata, one that never was a 404 without. */
function versionTwo(data: unknown, { status }: Answer): VaultContent | undefined {
  const { metadata, data: values } = isMap(data) ? data : {}
  const version = isMap(metadata) ? metadata['version'] : undefined
  if (!isMap(metadata) || typeof version !== 'number') return status === 404 ? { ...NOTHING, data: {} } : undefined
  const known = standing(version, metadata)
  if (status === 404) return { ...known, state: known.state === 'there' ? 'deleted' : known.state, data: {} }
  return isMap(values) ? { ...known, data: values } : undefined
}

function standing(version: number, known: PlainMap): VaultVersion {
  const { created_time: createdAt, deletion_time: deletion, destroyed } = known
  // One that is to be deleted later (delete_version_after) has that time already.
  const isDeleted = typeof deletion === 'string' && deletion !== '' && Date.parse(deletion) <= Date.now()
  return {
    engine: 2,
    version,
    state: destroyed === true ? 'destroyed' : isDeleted ? 'deleted' : 'there',
    ...(typeof createdAt === 'string' ? { createdAt } : {}),
  }
}

async function write(
  place: PlaceIn,
  data: Readonly<Record<string, unknown>>,
  cas: number,
  { server, token }: Session,
): Promise<number | undefined> {
  if (place.mount.version === 1) throw new Error(`${place.clean} is of version 1, which has no check-and-set`)
  const answer = await server.post(place.data, { options: { cas }, data }, token)
  if (answer.status === 403) throw refused(place.data, server, 'write')
  if (answer.status === 400 && errorsOf(answer).includes('check-and-set')) return undefined
  const { data: written } = answer.body
  const version = isMap(written) ? written['version'] : undefined
  if (answer.status !== 200 || typeof version !== 'number') throw odd(place.clean, answer, server)
  return version
}
