import { readFile } from 'node:fs/promises'
import { isMap } from '../../domain/config/path.ts'
import { unlessItFails } from '../../expected.ts'
import { program } from '../../hint.ts'
import type { VaultAccess, VaultLogin } from '../../vault-port.ts'
import { ownToken, variable, vaultError } from './place.ts'
import { errorsOf, type VaultServer } from './server.ts'

/** Where a pod finds the token of its ServiceAccount. */
const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount/token'

/** A run of forge may take this long: a token that ends before is renewed, if it can be. */
const LONG_ENOUGH_S = 30 * 60

/**
 * VAULT_TOKEN, then what forge.yaml says of logging in, then the token of `vault login`. Throws E_SOURCE_VAULT where there is
 * none, or the login is refused.
 */
export async function tokenFor(
  server: VaultServer,
  { login }: VaultAccess,
  environment: NodeJS.ProcessEnv,
): Promise<string> {
  const given = variable(environment, 'TOKEN')
  if (given !== undefined) return await kept(server, given)
  const jwt = login === undefined ? undefined : (login.jwt ?? (await serviceAccountToken()))
  if (login !== undefined && jwt !== undefined) return await loggedIn(server, login, jwt)
  const own = await ownToken(environment)
  if (own !== undefined) return await kept(server, own)
  const tried =
    login === undefined
      ? 'VAULT_TOKEN and ~/.vault-token are tried'
      : `VAULT_TOKEN, the ${login.method} login of forge.yaml and ~/.vault-token are tried`
  throw vaultError(`there is no token for Vault at ${server.address}: ${tried}`, {
    hint: program('vault', 'login', `-address=${server.address}`),
    where: server.address,
  })
}

/** Undefined where forge does not run in a pod: then other tokens are tried, and what was tried is said. */
async function serviceAccountToken(): Promise<string | undefined> {
  return await unlessItFails(
    readFile(SERVICE_ACCOUNT, 'utf8').then((text) => text.trim()),
    () => undefined,
  )
}

async function loggedIn(server: VaultServer, { method, role, mount }: VaultLogin, jwt: string): Promise<string> {
  const answer = await server.post(`auth/${mount}/login`, { role, jwt })
  const auth = isMap(answer.body['auth']) ? answer.body['auth'] : {}
  const { client_token: token } = auth
  if (answer.status === 200 && typeof token === 'string') return token
  const why = errorsOf(answer).replaceAll(jwt, '***')
  throw vaultError(
    `Vault at ${server.address} refuses the ${method} login of role ${role} at auth/${mount} (${why === '' ? `status ${answer.status}` : why})`,
    {
      hint: program('vault', 'read', `-address=${server.address}`, `auth/${mount}/role/${role}`),
      where: `auth/${mount}`,
    },
  )
}

/** A token of somebody else's making; where one may not ask about it, it is used as it is. */
async function kept(server: VaultServer, token: string): Promise<string> {
  const { status, body } = await server.get('auth/token/lookup-self', token)
  const data = isMap(body['data']) ? body['data'] : {}
  const { renewable, ttl } = data
  if (status === 200 && renewable === true && typeof ttl === 'number' && ttl > 0 && ttl < LONG_ENOUGH_S)
    // As far as it may: it never gets longer than its own limit.
    await server.post('auth/token/renew-self', { increment: `${2 * LONG_ENOUGH_S}s` }, token)
  return token
}
