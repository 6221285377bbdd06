import { isMap } from '../../domain/config/path.ts'
import { program } from '../../hint.ts'
import { vaultError } from './place.ts'
import { errorsOf, type Answer, type VaultServer } from './server.ts'
import { withoutSlashes } from '../../domain/vault/path.ts'

export interface Session {
  readonly server: VaultServer
  readonly token: string
  readonly namespace: string | undefined
  /** What was asked for already: no engine is mounted inside another. */
  readonly mounts: Map<string, Mount>
}

export interface Mount {
  /** Without slashes around it. */
  readonly path: string
  readonly version: 1 | 2
}

export interface PlaceIn {
  /** Without slashes around it. */
  readonly clean: string
  readonly mount: Mount
  /** What is read and written: `secret/data/shop/app`. */
  readonly data: string
  /** Of version 2 of the engine. */
  readonly metadata: string
  readonly subkeys: string
}

/** Where a path is in the engine that it is of, as people write it or as the API has it. */
export async function placeIn(path: string, session: Session): Promise<PlaceIn> {
  const clean = withoutSlashes(path)
  return placeAt(clean, await mountOf(clean, session))
}

/** `clean`: without slashes around it. */
export function placeAt(clean: string, mount: Mount): PlaceIn {
  const rest = clean.slice(mount.path.length).replace(/^\//u, '')
  const own = mount.version === 2 ? rest.replace(/^data\//u, '') : rest
  const data = `${mount.path}/${mount.version === 2 ? 'data/' : ''}${own}`
  return { clean, mount, data, metadata: `${mount.path}/metadata/${own}`, subkeys: `${mount.path}/subkeys/${own}` }
}

/** Of which engine a path is: `secret`, `team/kv`. Whoever may read a path may ask this. */
async function mountOf(path: string, { server, token, mounts }: Session): Promise<Mount> {
  const known = [...mounts.values()].find((mount) => path.startsWith(`${mount.path}/`))
  if (known !== undefined) return known
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
  const found = mountAt(mount, options)
  mounts.set(found.path, found)
  return found
}

/** By what Vault says of a mount. */
export function mountAt(path: string, options: unknown): Mount {
  return { path: path.replace(/\/$/u, ''), version: isMap(options) && options['version'] === '2' ? 2 : 1 }
}

/** A token that is not valid is refused in the same words as one without the right. */
export function refused(path: string, server: VaultServer, what = 'read'): Error {
  return vaultError(
    `Vault at ${server.address} refuses to ${what} ${path}: the token may not, or is not valid any more`,
    {
      hint: program('vault', 'token', 'capabilities', `-address=${server.address}`, path),
      where: path,
    },
  )
}

export function odd(path: string, answer: Answer, server: VaultServer): Error {
  const why = errorsOf(answer)
  return vaultError(
    `Vault at ${server.address} does not give ${path} (status ${answer.status}${why === '' ? '' : `: ${why}`})`,
    {
      hint: program('vault', 'kv', 'get', `-address=${server.address}`, path),
      where: path,
    },
  )
}
