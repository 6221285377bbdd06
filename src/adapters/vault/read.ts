import { isMap } from '../../domain/config/path.ts'
import { program } from '../../hint.ts'
import type { Sources } from '../../ports.ts'
import type { VaultSecret } from '../../vault-port.ts'
import { placeOf, vaultError } from './place.ts'
import { errorsOf, VaultServer, type Answer } from './server.ts'
import { tokenFor } from './token.ts'

interface Session {
  readonly server: VaultServer
  readonly token: string
}

/** One login for all that is read of a server. Reading throws E_SOURCE_VAULT. */
export function openVault(environment: NodeJS.ProcessEnv): Sources['vault'] {
  const sessions = new Map<string, Promise<Session>>()
  return async (path, access, signal) => {
    const place = await placeOf(access, environment)
    const key = JSON.stringify([place.address, place.namespace, access.login])
    const known = sessions.get(key)
    if (known !== undefined) return await readVault(path, await known)
    const server = new VaultServer(place, signal)
    const opened = tokenFor(server, access, environment).then((token) => ({ server, token }))
    sessions.set(key, opened)
    return await readVault(path, await opened)
  }
}

/**
 * What a KV engine, version 1 or 2, has at a path: `secret/shop/app`, or `secret/data/shop/app` as the API of version 2 and the
 * agent's annotations have it.
 */
async function readVault(path: string, session: Session): Promise<VaultSecret> {
  const { server, token } = session
  const clean = path.replaceAll(/^\/+|\/+$/gu, '')
  const mount = await mountOf(clean, session)
  const rest = clean.slice(mount.path.length).replace(/^\//u, '')
  const inside = mount.version === 2 ? `data/${rest.replace(/^data\//u, '')}` : rest
  const answer = await server.get(`${mount.path}/${inside}`, token)
  if (answer.status === 403) throw refused(`${mount.path}/${inside}`, server)
  if (answer.status === 404) return { kind: 'missing', what: whyMissing(clean, answer, server) }
  const { data } = answer.body
  const values = mount.version === 2 && isMap(data) ? data['data'] : data
  if (answer.status !== 200 || !isMap(values)) throw odd(clean, answer, server)
  return { kind: 'found', data: values }
}

/** Of which engine a path is: `secret`, `team/kv`. Whoever may read a path may ask this. */
async function mountOf(
  path: string,
  { server, token }: Session,
): Promise<{ readonly path: string; readonly version: 1 | 2 }> {
  const answer = await server.get(`sys/internal/ui/mounts/${path}`, token)
  if (answer.status === 403) throw refused(path, server)
  const { data } = answer.body
  const { path: mount, type, options } = isMap(data) ? data : {}
  if (answer.status !== 200 || typeof mount !== 'string') throw odd(path, answer, server)
  if (type !== 'kv' && type !== 'generic')
    throw vaultError(
      `${path} in Vault at ${server.address} is of an engine of type ${String(type)}, and no KV engine`,
      {
        hint: program('vault', 'secrets', 'list', `-address=${server.address}`),
        where: path,
      },
    )
  const version = isMap(options) && options['version'] === '2' ? 2 : 1
  return { path: mount.replace(/\/$/u, ''), version }
}

/** A token that is not valid is refused in the same words as one without the right. */
function refused(path: string, server: VaultServer): Error {
  return vaultError(`Vault at ${server.address} refuses to read ${path}: the token may not, or is not valid any more`, {
    hint: program('vault', 'token', 'capabilities', `-address=${server.address}`, path),
    where: path,
  })
}

function odd(path: string, answer: Answer, server: VaultServer): Error {
  const why = errorsOf(answer)
  return vaultError(
    `Vault at ${server.address} does not give ${path} (status ${answer.status}${why === '' ? '' : `: ${why}`})`,
    {
      hint: program('vault', 'kv', 'get', `-address=${server.address}`, path),
      where: path,
    },
  )
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
