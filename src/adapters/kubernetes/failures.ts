import { isMap } from '../../domain/config/path.ts'
import { parseJson } from '../../domain/json.ts'
import { ForgeError } from '../../errors.ts'
import { kubectl } from '../../hint.ts'
import type { Access } from './kubeconfig.ts'

/** What a request is about, in the words of RBAC: for messages and for `kubectl auth can-i`. */
export interface Subject {
  readonly verb: string
  /** `deployments.apps`, `pods/log`. */
  readonly resource: string
  readonly namespace?: string
  readonly name?: string
}

/** The body of a refusal (https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/). */
export interface ApiStatus {
  readonly code: number
  readonly reason: string
  readonly message: string
  readonly retryAfterSeconds: number | undefined
  readonly causes: readonly { readonly reason: string; readonly message: string; readonly field: string }[]
}

/** Errors before a request was sent: sending it again cannot do anything twice. */
const NOT_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
])

const TLS =
  /^(?:CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|ERR_TLS_|ERR_SSL_|ERR_OSSL_|EPROTO$|HOSTNAME_MISMATCH$|INVALID_CA$)/u

/** An answer that is not JSON: a router, a login page, a wrong port. */
export const NOT_JSON = 'NOT_JSON'

/** What Go's HTTPS server answers to a request without TLS. */
export const WANTS_TLS = 'WANTS_TLS'

export const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ENOTFOUND: 'the host name is not known',
  EAI_AGAIN: 'the host name cannot be looked up now',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'no route to the network',
  ECONNRESET: 'the connection was reset',
  EPIPE: 'the connection was closed',
  UND_ERR_SOCKET: 'the connection was closed',
  UND_ERR_CONNECT_TIMEOUT: 'no connection within 10 s',
  UND_ERR_HEADERS_TIMEOUT: 'connected, but no answer in time',
  UND_ERR_BODY_TIMEOUT: 'the answer stopped half-way',
  UND_ERR_DESTROYED: 'the connection was given up',
  UND_ERR_CLOSED: 'the connection was given up',
  [NOT_JSON]: 'something answers there, but it is no Kubernetes API server',
  [WANTS_TLS]: 'it speaks HTTPS, and the kubeconfig says http://',
}

export function notJson(cause: unknown): Error {
  return Object.assign(new Error(WORDS[NOT_JSON], { cause }), { code: NOT_JSON })
}

/** The code of a network failure, however deep it is nested; undefined when the error is none. */
export function networkCode(error: unknown): string | undefined {
  for (let one = error, depth = 0; isObject(one) && depth < 5; one = one['cause'], depth += 1) {
    const { code, errors } = one
    // Several addresses of one host, each with its own failure.
    if (Array.isArray(errors) && errors.length > 0) return networkCode(errors[0])
    if (
      typeof code === 'string' &&
      (NOT_SENT.has(code) || code in WORDS || TLS.test(code) || code.startsWith('ERR_HTTP2'))
    )
      return code
  }
  return undefined
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

export function wasNotSent(code: string): boolean {
  return NOT_SENT.has(code)
}

/** A reset may pass; a certificate that is not trusted stays so, and what is no API server does not become one. */
export function mayPass(code: string): boolean {
  return !TLS.test(code) && code !== NOT_JSON && code !== WANTS_TLS
}

/** Connected, and then nothing: the connection may be dead without anybody having said so. */
export function isSilence(code: string): boolean {
  return code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT'
}

export function isTlsFailure(code: string): boolean {
  return TLS.test(code)
}

/** What a status of 400 and above, other than 401, 429 and 5xx, tells the user. */
export function refusal(status: ApiStatus, subject: Subject, { context }: Pick<Access, 'context'>): ForgeError {
  const { namespace } = subject
  const where = namespace === undefined ? `context ${context}` : `namespace ${namespace}, context ${context}`
  return refusalOf(status, subject).with({ where })
}

function refusalOf(status: ApiStatus, subject: Subject): ForgeError {
  const what = `cannot ${describe(subject)}`
  const [kind = ''] = subject.resource.split('/')
  const get = kubectl(['get', kind, ...(subject.name === undefined ? [] : [subject.name])], subject.namespace)
  if (status.causes.some(({ reason }) => reason === 'NamespaceTerminating')) return terminating(subject)
  if (status.code === 403) return forbidden(status, subject)
  if (status.code === 404) return new ForgeError('E_API_NOT_FOUND', `${what}: ${status.message}`, { hint: get })
  if (status.code === 409) return new ForgeError('E_API_CONFLICT', `${what}: ${status.message}`, { hint: get })
  return new ForgeError('E_API_REFUSED', `${what}: ${status.message}`, { hint: get })
}

function terminating({ namespace = '' }: Subject): ForgeError {
  const message = `namespace ${namespace} is being deleted, nothing can be created in it`
  const hint = kubectl(['wait', '--for=delete', `namespace/${namespace}`, '--timeout=5m'])
  return new ForgeError('E_NAMESPACE_TERMINATING', message, { hint })
}

/** RBAC says `cannot list resource`; anything else behind a 403 is an admission plugin (quota, policy). */
function forbidden(status: ApiStatus, subject: Subject): ForgeError {
  const { verb, resource, namespace } = subject
  // `pods/log` would be a pod that is called log.
  const [kind = '', part] = resource.split('/')
  const hint = kubectl(
    ['auth', 'can-i', verb, kind, ...(part === undefined ? [] : [`--subresource=${part}`])],
    namespace,
  )
  if (/exceeded quota/u.test(status.message)) {
    const quota = kubectl(['describe', 'resourcequota'], namespace)
    return new ForgeError('E_QUOTA', status.message, { hint: quota })
  }
  if (!/\bcannot\b/u.test(status.message))
    return new ForgeError('E_FORBIDDEN', `cannot ${describe(subject)}: ${status.message}`, { hint })
  const user = /^(?:.*?: )?User "([^"]+)"/u.exec(status.message.replace(/^.*? is forbidden: /u, ''))?.[1]
  const where = namespace === undefined ? 'in the whole cluster' : `in namespace ${namespace}`
  return new ForgeError('E_FORBIDDEN', `${user ?? 'the user'} may not ${verb} ${resource} ${where}`, {
    hint,
    denied: `may not ${verb} ${resource}${namespace === undefined ? '' : ` in ${namespace}`}`,
  })
}

function describe({ verb, resource, namespace, name }: Subject): string {
  const object = name === undefined ? resource : `${resource}/${name}`
  return namespace === undefined ? `${verb} ${object}` : `${verb} ${object} in namespace ${namespace}`
}

/** Reads a Status; what is no Status (a proxy's HTML page) still gives a sentence. */
export function statusOf(code: number, body: string, retryAfter: string | undefined): ApiStatus {
  const seconds = retryAfter === undefined ? Number.NaN : Number(retryAfter)
  const retryAfterSeconds = Number.isFinite(seconds) ? seconds : undefined
  const parsed = parseJson(body)
  if (isMap(parsed) && parsed['kind'] === 'Status') {
    const { reason = '', message = '', details } = parsed as StatusBody
    const given = details?.causes
    const causes = (Array.isArray(given) ? given.filter(isMap) : []).map((one) => {
      const { reason: why = '', message: text = '', field = '' } = one as Readonly<Record<string, string>>
      return { reason: why, message: text, field }
    })
    return { code, reason, message, causes, retryAfterSeconds: retryAfterSeconds ?? details?.retryAfterSeconds }
  }
  // Not JSON, or none of its kind: the text itself is all there is.
  return { code, reason: '', message: body.trim().slice(0, 200), causes: [], retryAfterSeconds }
}

interface StatusBody {
  readonly kind?: string
  readonly reason?: string
  readonly message?: string
  readonly details?: {
    readonly retryAfterSeconds?: number
    readonly causes?: unknown
  }
}
