import { Agent, request, type Dispatcher } from 'undici'
import { isMap } from '../../domain/config/path.ts'
import { ForgeError } from '../../errors.ts'
import { program } from '../../hint.ts'
import { timeLimit } from '../../time-limit.ts'
import { systemClock } from '../clock.ts'
import { vaultError, type Place } from './place.ts'

/** Without an answer within this time it counts as out of reach. */
const ANSWER_MS = 20_000

export interface Answer {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
}

interface Given {
  readonly token?: string | undefined
  readonly body?: object
}

/** A Vault or OpenBao server. Nothing that it answers is told but its `errors`, without the token. */
export class VaultServer {
  readonly address: string
  readonly #place: Place
  readonly #agent: Dispatcher
  readonly #signal: AbortSignal

  constructor(place: Place, signal: AbortSignal, agent: Dispatcher = new Agent({ connect: { ...place.tls } })) {
    this.address = place.address
    this.#place = place
    this.#agent = agent
    this.#signal = signal
  }

  /** The same, for work that goes on when the run is to stop. */
  until(signal: AbortSignal): VaultServer {
    return new VaultServer(this.#place, signal, this.#agent)
  }

  async get(path: string, token: string, query: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return await this.#ask('GET', path, { token, query })
  }

  async post(path: string, body: object, token?: string): Promise<Answer> {
    return await this.#ask('POST', path, { token, body })
  }

  /** Throws E_SOURCE_VAULT where it cannot be reached, is sealed or not initialised. */
  async #ask(
    method: 'GET' | 'POST',
    path: string,
    { query = {}, ...given }: Given & { readonly query?: Readonly<Record<string, string>> },
  ): Promise<Answer> {
    const asked = new URLSearchParams(query).toString()
    const inside = path.split('/').map(encodeURIComponent).join('/')
    const url = `${this.#place.address}/v1/${inside}${asked === '' ? '' : `?${asked}`}`
    const answer = await this.#request(method, url, given)
    if (answer.status === 503) throw this.#fault(`is ${errorsOf(answer).includes('sealed') ? 'sealed' : 'not ready'}`)
    return answer
  }

  async #request(method: 'GET' | 'POST', url: string, { token, body }: Given, hops = 1): Promise<Answer> {
    const { namespace } = this.#place
    const limit = timeLimit(ANSWER_MS, { clock: systemClock, signal: this.#signal })
    try {
      const answer = await request(url, {
        method,
        dispatcher: this.#agent,
        signal: limit.signal,
        headers: {
          // Of a request that a page of a browser was made to send the server wants to know.
          'x-vault-request': 'true',
          ...(token === undefined ? {} : { 'x-vault-token': token }),
          ...(namespace === undefined ? {} : { 'x-vault-namespace': namespace }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        body: body === undefined ? null : JSON.stringify(body),
      })
      const { location } = answer.headers
      if (answer.statusCode === 307 && typeof location === 'string' && hops > 0 && isSafe(url, location)) {
        await answer.body.dump()
        return await this.#request(
          method,
          new URL(location, url).href,
          { token, ...(body === undefined ? {} : { body }) },
          hops - 1,
        )
      }
      return { status: answer.statusCode, body: parsed(await answer.body.text()) }
    } catch (error) {
      this.#signal.throwIfAborted()
      if (error instanceof ForgeError) throw error
      throw this.#fault(`cannot be reached (${limit.signal.aborted ? 'no answer' : codeOf(error)})`, error)
    } finally {
      limit.end()
    }
  }

  #fault(what: string, cause?: unknown): Error {
    return vaultError(`Vault at ${this.address} ${what}`, {
      hint: program('vault', 'status', `-address=${this.address}`),
      where: this.address,
      cause,
    })
  }
}

/** A standby leads to the one that is active; a token goes nowhere over a connection that is less safe. */
function isSafe(from: string, to: string): boolean {
  return !from.startsWith('https:') || new URL(to, from).protocol === 'https:'
}

export function errorsOf({ body }: Answer): string {
  const { errors } = body
  return Array.isArray(errors)
    ? errors
        .filter((one) => typeof one === 'string')
        .join('; ')
        .replaceAll(/\s+/gu, ' ')
        .slice(0, 200)
    : ''
}

function parsed(text: string): Answer['body'] {
  // A proxy that answers in its place speaks HTML: then there is nothing but the status.
  try {
    const value: unknown = JSON.parse(text)
    return isMap(value) ? value : {}
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    return {}
  }
}

function codeOf(error: unknown): string {
  const { code, cause } = error as { readonly code?: unknown; readonly cause?: { readonly code?: unknown } }
  return [code, cause?.code].find((one) => typeof one === 'string') ?? 'no connection'
}
