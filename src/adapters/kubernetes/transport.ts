import type { RequestOptions } from 'node:https'
import type { Dispatcher } from 'undici'
import type { Clock } from '../../ports.ts'
import type { Credentials, CredentialStore } from './credentials.ts'
import * as failures from './failures.ts'
import type { ApiStatus, Subject } from './failures.ts'
import * as unreached from './unreached.ts'
import type { Access } from './kubeconfig.ts'

export interface Call {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly path: string
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>
  /** Sent as JSON. */
  readonly body?: unknown
  readonly contentType?: string
  readonly accept?: string
  readonly subject: Subject
  readonly signal: AbortSignal
  /** How long the server may take to begin its answer, in ms. Default 30 s. */
  readonly headersMs?: number
  /** Longest silence within the answer, in ms; 0: any (watches, logs). Default 30 s. */
  readonly silenceMs?: number
  /** May be sent twice without doing anything twice. Default: only GET. */
  readonly repeatable?: boolean
}

export type Answer<T> =
  | { readonly ok: true; readonly value: T; readonly warnings?: readonly string[] }
  | { readonly ok: false; readonly status: ApiStatus }

type Outcome<T> = Answer<T> | { readonly broken: string; readonly cause: unknown }

const SILENCE_MS = 30_000
const MAX_REJECTIONS = 6
const MAX_FAILURES = 4
/** A server may ask for any pause; a deploy that stands still needs a reason sooner. */
const MAX_PAUSE_S = 10

/**
 * The one place from which the API server is spoken to. Retries: 429 (nothing was done) for every method, as long as
 * Retry-After says; 5xx and broken connections only for what may be repeated; connections that could not be made only
 * once the server has answered before, so that a wrong address is reported at once. All pauses go through the Clock.
 */
export class Transport {
  readonly access: Access
  readonly clock: Clock
  /** Requests sent so far, retries included (for the bench and the tests). */
  requests = 0
  private readonly credentials: CredentialStore
  /** An answer has come before: the address is right. */
  private wasAlive = false

  constructor(access: Access, credentials: CredentialStore, clock: Clock) {
    this.access = access
    this.credentials = credentials
    this.clock = clock
  }

  /** Parsed JSON. `expected` statuses come back as `ok: false`; others throw a ForgeError. */
  async json<T>(call: Call, expected: readonly number[] = []): Promise<Answer<T>> {
    return await this.send(call, async ({ body }) => parse(await body.text()) as T, expected)
  }

  /** The value, where every refusal is an error. */
  async value<T>(call: Call): Promise<T> {
    const answer = await this.json<T>(call)
    if (answer.ok) return answer.value
    throw failures.refusal(answer.status, call.subject, this.access)
  }

  /** The body as it arrives. The caller must read it to its end or destroy it. */
  async stream(call: Call, expected: readonly number[] = []): Promise<Answer<Dispatcher.ResponseData['body']>> {
    return await this.send({ silenceMs: 0, ...call }, ({ body }) => Promise.resolve(body), expected)
  }

  /** A watch found its connection dead, though nobody closed it. */
  async abandonConnection(): Promise<void> {
    const { dispatcher } = await this.credentials.get()
    this.credentials.reconnect(dispatcher)
  }

  /** Whatever the server says, once, as text: for the service proxy, whose statuses are the application's. */
  async raw(
    call: Call,
  ): Promise<{ readonly status: number; readonly headers: Dispatcher.ResponseData['headers']; readonly body: string }> {
    try {
      const { statusCode, headers, body } = await this.dispatch(call, await this.credentials.get())
      return { status: statusCode, headers, body: await body.text() }
    } catch (error) {
      call.signal.throwIfAborted()
      const code = failures.networkCode(error)
      throw code === undefined ? error : unreached.unreachable(this.access, code, error)
    }
  }

  /** With what a WebSocket is opened, which undici has over HTTP/2 alone where the server says that it can (it cannot). */
  async socketOptions(): Promise<RequestOptions> {
    return await this.credentials.socketOptions()
  }

  private async send<T>(
    call: Call,
    consume: (response: Dispatcher.ResponseData) => Promise<T>,
    expected: readonly number[],
  ): Promise<Answer<T>> {
    let renewed = false
    for (let attempt = 1; ; attempt += 1) {
      const credentials = await this.credentials.get()
      const outcome = await this.once(call, credentials, consume)
      if ('ok' in outcome && (outcome.ok || expected.includes(outcome.status.code))) return outcome
      if (!renewed && isUnauthorized(outcome)) {
        renewed = true
        await this.credentials.renew(credentials)
        continue
      }
      if ('broken' in outcome && failures.isSilence(outcome.broken)) this.credentials.reconnect(credentials.dispatcher)
      const pause = this.pauseBeforeNext(call, outcome, attempt)
      if (pause === undefined) throw this.failure(call, outcome)
      await this.clock.after(pause, call.signal)
    }
  }

  private async once<T>(
    call: Call,
    credentials: Credentials,
    consume: (response: Dispatcher.ResponseData) => Promise<T>,
  ): Promise<Outcome<T>> {
    call.signal.throwIfAborted()
    try {
      const response = await this.dispatch(call, credentials)
      if (response.statusCode < 400)
        return { ok: true, value: await consume(response), ...warningsOf(response.headers) }
      const retryAfter = response.headers['retry-after']
      const [code, body] = [response.statusCode, await response.body.text()]
      const broken = unreached.notAnswered(code, body, call.path)
      if (broken !== undefined) return { broken, cause: new Error(body.slice(0, 200)) }
      const status = failures.statusOf(code, body, Array.isArray(retryAfter) ? retryAfter[0] : retryAfter)
      return { ok: false, status }
    } catch (error) {
      call.signal.throwIfAborted()
      const code = failures.networkCode(error)
      if (code === undefined) throw error
      return { broken: code, cause: error }
    }
  }

  private async dispatch(call: Call, { dispatcher, headers }: Credentials): Promise<Dispatcher.ResponseData> {
    const { origin, pathname } = new URL(this.access.server)
    this.requests += 1
    const response = await dispatcher.request({
      origin,
      path: `${pathname.replace(/\/$/u, '')}${call.path}${queryOf(call.query)}`,
      method: call.method,
      headers: { ...headers, accept: call.accept ?? 'application/json', 'user-agent': 'forge', ...bodyHeaders(call) },
      body: call.body === undefined ? null : JSON.stringify(call.body),
      signal: call.signal,
      headersTimeout: call.headersMs ?? SILENCE_MS,
      bodyTimeout: call.silenceMs ?? SILENCE_MS,
    })
    this.wasAlive = true
    return response
  }

  private pauseBeforeNext(call: Call, outcome: Outcome<unknown>, attempt: number): number | undefined {
    const backoff = Math.min(100 * 2 ** (attempt - 1), 2_000)
    const mayRepeat = (call.repeatable ?? call.method === 'GET') && attempt < MAX_FAILURES
    if ('broken' in outcome) return this.mayPass(outcome.broken, mayRepeat, attempt) ? backoff : undefined
    if (outcome.ok) return undefined
    const { code, retryAfterSeconds } = outcome.status
    const asked = Math.min(retryAfterSeconds ?? 0, MAX_PAUSE_S) * 1_000
    if (code === 429 && attempt < MAX_REJECTIONS) return Math.max(asked, backoff)
    return code >= 500 && mayRepeat ? Math.max(asked, backoff) : undefined
  }

  private mayPass(broken: string, mayRepeat: boolean, attempt: number): boolean {
    if (failures.wasNotSent(broken)) return this.wasAlive && attempt < MAX_REJECTIONS
    // Silence has cost half a minute already: once more, on a new connection, is enough.
    if (failures.isSilence(broken)) return this.wasAlive && mayRepeat && attempt < 2
    return mayRepeat && failures.mayPass(broken)
  }

  private failure(call: Call, outcome: Outcome<unknown>): Error {
    if ('broken' in outcome) return unreached.unreachable(this.access, outcome.broken, outcome.cause)
    if (outcome.ok) return new Error('an answer is not a failure')
    return this.refused(outcome.status, call.subject)
  }

  /** What an answer says that is no success. */
  refused(status: ApiStatus, subject: Subject): Error {
    const { code } = status
    if (code === 401) {
      const [expired, isBare] = [this.credentials.expiredCertificate(), this.credentials.isBare()]
      return unreached.unauthorized(this.access, { expired, isBare })
    }
    if (code === 429 || code >= 500) return unreached.overloaded(this.access, status)
    return failures.refusal(status, subject, this.access)
  }
}

/** `299 - "text"`, once for each (RFC 7234, Warning). */
function warningsOf({ warning }: Dispatcher.ResponseData['headers']): { readonly warnings?: readonly string[] } {
  const all = [warning ?? []].flat().flatMap((one) => [...one.matchAll(/299 \S+ "((?:[^"\\]|\\.)*)"/gu)])
  return all.length === 0 ? {} : { warnings: all.map(([, text = '']) => text.replaceAll(/\\(.)/gu, '$1')) }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw failures.notJson(cause)
  }
}

function isUnauthorized(outcome: Outcome<unknown>): boolean {
  return 'ok' in outcome && !outcome.ok && outcome.status.code === 401
}

function bodyHeaders({ body, contentType }: Call): Record<string, string> {
  return body === undefined ? {} : { 'content-type': contentType ?? 'application/json' }
}

function queryOf(query: Call['query']): string {
  const pairs = Object.entries(query ?? {}).flatMap(([key, value]) =>
    value === undefined ? [] : [`${key}=${encodeURIComponent(value)}`],
  )
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`
}
