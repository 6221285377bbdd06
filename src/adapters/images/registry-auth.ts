import { isMap } from '../../domain/config/path.ts'
import { isLoopback } from './builder-args.ts'
import { parseJson } from '../../domain/json.ts'

/** A user and a password, or the token that stands for both (`docker login` with an identity provider). */
export type Login =
  | { readonly kind: 'password'; readonly user: string; readonly password: string }
  | { readonly kind: 'token'; readonly token: string }

/** `answered`: what the service that gives out tokens said instead. Neither: there is none to be had. */
export interface Authorization {
  readonly header?: string
  readonly answered?: number
}

/**
 * The header that a registry wants (https://distribution.github.io/distribution/spec/auth/token/): a login, or a token that it has
 * given out elsewhere, for a login or for nobody in particular.
 */
export async function authorization(
  challenge: string,
  repository: string,
  login: Login | undefined,
  signal: AbortSignal,
): Promise<Authorization> {
  const [, scheme = '', rest = ''] = /^\s*(\w+)\s*(.*)$/su.exec(challenge) ?? []
  if (scheme.toLowerCase() === 'basic') return login?.kind === 'password' ? { header: basic(login) } : {}
  if (scheme.toLowerCase() !== 'bearer') return {}
  const fields = new Map([...rest.matchAll(/(\w+)="([^"]*)"/gu)].map(([, key = '', value = '']) => [key, value]))
  const response = await askToken(fields, repository, login, signal)
  if (response?.ok !== true) return response === undefined ? {} : { answered: response.status }
  const told = parseJson(await response.text())
  const token = isMap(told) ? (told['token'] ?? told['access_token']) : undefined
  return typeof token === 'string' ? { header: `Bearer ${token}` } : {}
}

async function askToken(
  fields: ReadonlyMap<string, string>,
  repository: string,
  login: Login | undefined,
  signal: AbortSignal,
): Promise<Response | undefined> {
  const address = fields.get('realm')
  if (address === undefined || !URL.canParse(address)) return undefined
  const realm = new URL(address)
  const query = new URLSearchParams({ scope: fields.get('scope') ?? `repository:${repository}:pull` })
  const service = fields.get('service')
  if (service !== undefined) query.set('service', service)
  // Whoever has the login may push: it goes nowhere in plain text but to this machine.
  const isSafe = realm.protocol === 'https:' || isLoopback(realm.host)
  const own = isSafe ? login : undefined
  if (own?.kind === 'token') {
    const body = new URLSearchParams([...query, ['grant_type', 'refresh_token'], ['refresh_token', own.token]])
    body.set('client_id', 'forge')
    return await fetch(realm, { method: 'POST', body, signal })
  }
  for (const [key, value] of query) realm.searchParams.append(key, value)
  return await fetch(realm, { headers: own === undefined ? {} : { authorization: basic(own) }, signal })
}

function basic({ user, password }: Login & { readonly kind: 'password' }): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
}
