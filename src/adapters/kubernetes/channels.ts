import type { IncomingMessage } from 'node:http'
import type { RequestOptions } from 'node:https'
import { text as textOf } from 'node:stream/consumers'
import { WebSocket, type RawData } from 'ws'
import { expected } from '../../expected.ts'
import { networkCode, statusOf, type Subject } from './failures.ts'
import type { Transport } from './transport.ts'
import { unreachable } from './unreached.ts'

export interface ChannelsRequest {
  readonly path: string
  readonly query: readonly (readonly [name: string, value: string])[]
  /** The best first. */
  readonly protocols: readonly string[]
  readonly subject: Subject
  readonly signal: AbortSignal
}

/**
 * Streams over one WebSocket, each with a number that is the first byte of its messages
 * (https://kubernetes.io/docs/reference/using-api/api-concepts/, "WebSocket": v4 and v5.channel.k8s.io).
 */
export interface Channels {
  readonly protocol: string
  /** Resolves when it was written: whoever waits for it is not faster than the connection. */
  send(channel: number, data: Uint8Array): Promise<void>
  /** v5: nothing more will come on this channel. */
  end(channel: number): Promise<void>
  /** Messages as they come; the end of the connection ends it, however that came. */
  messages(): AsyncIterable<readonly [channel: number, data: Buffer]>
  close(): void
}

const V5_CLOSE = 255
/** Of a service behind a WebSocket: how long the API server and the kubelet have to agree to it. */
const HANDSHAKE_MS = 30_000

/** Throws what every other request would: E_FORBIDDEN, E_API_NOT_FOUND, E_CLUSTER_*. */
export async function openChannels(transport: Transport, request: ChannelsRequest): Promise<Channels> {
  const { path, query, protocols, subject, signal } = request
  signal.throwIfAborted()
  const { access } = transport
  const { headers = {}, ...options } = await transport.socketOptions()
  const url = new URL(access.server)
  url.protocol = url.protocol === 'http:' ? 'ws:' : 'wss:'
  url.pathname = `${url.pathname.replace(/\/$/u, '')}${path}`
  for (const [name, value] of query) url.searchParams.append(name, value)
  const own = { headers: headers as Record<string, string>, handshakeTimeout: HANDSHAKE_MS, perMessageDeflate: false }
  const socket = new WebSocket(url, [...protocols], { ...(options as RequestOptions), ...own })
  const stop = (): void => socket.terminate()
  signal.addEventListener('abort', stop, { once: true })
  socket.once('close', () => signal.removeEventListener('abort', stop))
  // Before it is open: the first message may come with the answer that opens it.
  const channels = channelsOf(socket)
  try {
    await opened(socket, async (response) => {
      return transport.refused(statusOf(response.statusCode ?? 0, await textOf(response), undefined), subject)
    })
  } catch (error) {
    socket.terminate()
    signal.throwIfAborted()
    const code = networkCode(error)
    throw code === undefined ? expected(error) : unreachable(access, code, error)
  }
  return channels
}

async function opened(socket: WebSocket, refused: (response: IncomingMessage) => Promise<Error>): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve)
    // Later ones are told by the end of the connection.
    socket.on('error', (error) => reject(error))
    socket.once('unexpected-response', (_, response) => {
      refused(response).then(reject, reject)
    })
  })
}

function channelsOf(socket: WebSocket): Channels {
  const write = async (data: Uint8Array): Promise<void> =>
    await new Promise((resolve, reject) => {
      socket.send(data, (error) => (error == null ? resolve() : reject(error)))
    })
  const held: Buffer[] = []
  let wake: () => void = () => undefined
  let isOver = false
  socket.on('message', (data) => {
    const message = bufferOf(data)
    if (message.length > 0) held.push(message)
    // One at a time: who reads slowly slows the sender down.
    socket.pause()
    wake()
  })
  socket.once('close', () => {
    isOver = true
    wake()
  })
  return {
    get protocol() {
      return socket.protocol
    },
    send: async (channel, data) => await write(Buffer.concat([Buffer.of(channel), data])),
    end: async (channel) => {
      if (socket.protocol.startsWith('v5.')) await write(Buffer.of(V5_CLOSE, channel))
    },
    async *messages() {
      for (;;) {
        const next = held.shift()
        if (next !== undefined) yield [next[0] ?? 0, next.subarray(1)] as const
        else if (isOver) return
        else {
          const came = new Promise<void>((resolve) => (wake = resolve))
          socket.resume()
          await came
        }
      }
    },
    close: () => socket.close(),
  }
}

function bufferOf(data: RawData): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data)
  return Buffer.isBuffer(data) ? data : Buffer.from(data)
}
