import { isMap } from '../../domain/config/path.ts'
import type { Sources } from '../../ports.ts'
import type { VaultAccess, VaultSecret } from '../../vault-port.ts'
import { odd, placeIn, refused, type Session } from './mount.ts'
import { placeOf } from './place.ts'
import { VaultServer, type Answer } from './server.ts'
import { storeOf } from './store.ts'
import { tokenFor } from './token.ts'

export type Sessions = (access: VaultAccess, signal: AbortSignal) => Promise<Session>

/** One login for all that is asked of a server. Throws E_SOURCE_VAULT. */
export function sessionsOf(environment: NodeJS.ProcessEnv): Sessions {
  const sessions = new Map<string, Promise<Session>>()
  const open = async (access: VaultAccess, signal: AbortSignal): Promise<Session> => {
    const place = await placeOf(access, environment)
    const server = new VaultServer(place, signal)
    const token = await tokenFor(server, access, environment)
    return { server, token, namespace: place.namespace, mounts: new Map() }
  }
  return async (access, signal) => {
    const key = JSON.stringify(access)
    const session = sessions.get(key) ?? open(access, signal)
    sessions.set(key, session)
    return await session
  }
}

/** Both throw E_SOURCE_VAULT. */
export function openVault(sessions: Sessions): Pick<Sources, 'vault' | 'vaultStore'> {
  return {
    vault: async (path, access, signal) => await readVault(path, await sessions(access, signal)),
    vaultStore: async (access, signal) => storeOf(await sessions(access, signal)),
  }
}

/**
 * What a KV engine, version 1 or 2, has at a path: `secret/shop/app`, or `secret/data/shop/app` as the API of version 2 and the
 * agent's annotations have it.
 */
async function readVault(path: string, session: Session): Promise<VaultSecret> {
  const { server, token } = session
  const { clean, mount, data: inside } = await placeIn(path, session)
  const answer = await server.get(inside, token)
  if (answer.status === 403) throw refused(inside, server)
  if (answer.status === 404) return { kind: 'missing', what: whyMissing(clean, answer, server) }
  const { data } = answer.body
  const values = mount.version === 2 && isMap(data) ? data['data'] : data
  if (answer.status !== 200 || !isMap(values)) throw odd(clean, answer, server)
  return { kind: 'found', data: values }
}

/** Of version 2 the newest version may be deleted while older ones are there. */
function whyMissing(path: string, { body }: Answer, server: VaultServer): string {
  const data = isMap(body['data']) ? body['data'] : {}
  const metadata = isMap(data['metadata']) ? data['metadata'] : {}
  const { version, destroyed } = metadata
  return typeof version === 'number'
    ? `version ${version} of ${path} in Vault is ${destroyed === true ? 'destroyed' : 'deleted'}`
    : `Vault at ${server.address} has nothing at ${path}`
}
