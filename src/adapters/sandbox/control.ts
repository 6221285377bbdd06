import { request } from 'node:http'
import { timeLimit } from '../../time-limit.ts'
import { systemClock } from '../clock.ts'

export interface Told {
  readonly status: number
  readonly body: string
}

/**
 * Asks the supervisor of a sandbox on its control socket. Undefined when nobody answers there: a file may be left over and
 * a process id may be somebody else's by now, but an answer proves that the sandbox lives.
 */
export async function askSupervisor(
  socketPath: string,
  { method, path }: { readonly method: 'GET' | 'POST'; readonly path: '/state' | '/stop' | `/restart?${string}` },
  { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal?: AbortSignal },
): Promise<Told | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<Told | undefined>()
  const limit = timeLimit(timeoutMs, { clock: systemClock, signal: signal ?? new AbortController().signal })
  const asked = request({ socketPath, method, path, signal: limit.signal }, (response) => {
    let body = ''
    response.setEncoding('utf8')
    response.on('data', (part: string) => (body += part))
    response.on('end', () => resolve({ status: response.statusCode ?? 0, body: body.trim() }))
    response.on('error', () => resolve(undefined))
  })
  asked.on('error', () => {
    if (signal?.aborted === true) reject(signal.reason as Error)
    else resolve(undefined)
  })
  asked.end()
  return promise.finally(limit.end)
}
