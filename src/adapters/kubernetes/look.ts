import type { Transport } from './transport.ts'

/** One GET of another program, sent as forge's own: with its credentials, through its proxy. `path`: with its query. */
export type Look = (
  path: string,
  accept: string,
  signal: AbortSignal,
) => Promise<{ readonly status: number; readonly type: string; readonly text: string }>

export function lookThrough(transport: Transport): Look {
  return async (path, accept, signal) => {
    const subject = { verb: 'get', resource: path }
    const { status, headers, body } = await transport.raw({ method: 'GET', path, accept, subject, signal })
    return { status, type: String(headers['content-type'] ?? 'application/json'), text: body }
  }
}
