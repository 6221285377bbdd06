import { isMap } from '../../domain/config/path.ts'
import { parseJson } from '../../domain/json.ts'
import { ForgeError, type ErrorDetails } from '../../errors.ts'
import { forge, kubectl } from '../../hint.ts'
import { isTlsFailure, NOT_JSON, WANTS_TLS, wasNotSent, WORDS, type ApiStatus } from './failures.ts'
import type { Access } from './kubeconfig.ts'

/** No API server has answered: what is told of that says nothing of one. */
export function unreachable(access: Access, code: string, cause: unknown): ForgeError {
  const { server, context } = access
  if (isTlsFailure(code)) {
    const message = `no trusted connection to ${server} (context ${context}): ${tlsReason(cause)}`
    const reason = 'the API server was not asked: who answers is not trusted'
    const chain = [`context ${context}`, server, reason]
    return new ForgeError('E_CLUSTER_CREDENTIALS', message, { ...placeOf(access), chain, cause })
  }
  const words = WORDS[code] ?? code
  const reason = wasNotSent(code) ? `${words}: nothing was asked` : words
  const proxy = wasNotSent(code) ? proxyOf(access) : undefined
  const message =
    proxy === undefined
      ? `the cluster of context ${context} does not answer at ${server}: ${words}`
      : `the proxy ${proxy} before the cluster of context ${context} does not answer: ${words}`
  const chain = [`context ${context}`, proxy === undefined ? server : `proxy ${proxy}`, reason]
  return new ForgeError('E_CLUSTER_UNREACHABLE', message, { ...placeOf(access), chain, cause })
}

function placeOf({ context }: Access): Pick<ErrorDetails, 'hint' | 'where'> {
  const sandbox = /^forge-sandbox-(.+)$/u.exec(context)?.[1]
  const hint = sandbox !== undefined ? forge('sandbox', 'up', '--name', sandbox) : kubectl(['cluster-info'])
  return { hint, where: `context ${context}` }
}

/** What a connection that cannot be made was to. What stands before the host may be a password. */
function proxyOf({ config }: Access): string | undefined {
  const url = config.getCurrentCluster()?.proxyUrl
  return url === undefined || url === '' ? undefined : url.replace(/\/\/[^/@]*@/u, '//')
}

/** OpenSSL's sentences carry addresses and file names around the four words that matter, and Node's an advice for its own flags. */
function tlsReason(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause)
  if (/wrong version number/u.test(text)) return 'what answers there does not speak TLS'
  return /SSL routines:[^:]*:([^:]+):/u.exec(text)?.[1] ?? text.replace(/; if the root CA is installed.*$/su, '')
}

/** Of a refusal that no API server has written: a gateway, a login page, another program. Undefined: it may be one. */
export function notAnswered(code: number, body: string, path: string): string | undefined {
  if (code >= 500 || code === 401 || code === 429 || isMap(parseJson(body))) return undefined
  if (/HTTP request to an HTTPS server/u.test(body)) return WANTS_TLS
  // Of a group that is not served it says so in plain text.
  return code === 404 && path.startsWith('/apis') ? undefined : NOT_JSON
}

export function overloaded(access: Access, status: ApiStatus): ForgeError {
  const { server, context } = access
  const message = `the API server at ${server} (context ${context}) keeps answering ${status.code}: ${status.message}`
  const chain = [`context ${context}`, server, `it answers, and only with status ${status.code}`]
  const hint = kubectl(['get', '--raw', '/readyz?verbose'])
  return new ForgeError('E_CLUSTER_UNREACHABLE', message, { hint, where: `context ${context}`, chain })
}

interface Given {
  /** When the client certificate expired. */
  readonly expired: string | undefined
  /** None were sent. */
  readonly isBare: boolean
}

export function unauthorized(access: Access, { expired, isBare }: Given): ForgeError {
  const { user, context, server } = access
  const why =
    expired === undefined ? 'the API server does not accept them' : `the client certificate expired on ${expired}`
  const message = isBare
    ? `user ${user} (context ${context}) has no credentials, and the API server wants some`
    : `the credentials of user ${user} (context ${context}) are refused: ${why}`
  return new ForgeError('E_CLUSTER_CREDENTIALS', message, {
    hint: kubectl(['auth', 'whoami']),
    where: `user ${user}, context ${context}`,
    chain: [`context ${context}`, `user ${user}`, `the API server at ${server} answered 401`],
  })
}
