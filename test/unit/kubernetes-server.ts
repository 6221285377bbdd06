import { mkdtempSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { connectCluster, type Connection } from '../../src/adapters/kubernetes/connect.ts'
import type { WatchTuning } from '../../src/adapters/kubernetes/watch.ts'
import { FakeClock } from '../support/fake-clock.ts'

export interface Asked {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingMessage['headers']
  readonly body: string
  /** Which of the client's connections it came on, from 1. */
  readonly socket: number
}

export type Reply = (asked: Asked, response: ServerResponse) => void

/** An HTTP server that plays the API server's part: what a test says next is what it answers. */
export class ApiServer {
  readonly asked: Asked[] = []
  readonly clock = new FakeClock()
  private readonly server: Server
  private readonly sockets: Socket[] = []
  private reply: Reply = (_, response) => json(response, 500, {})

  constructor() {
    this.server = createServer((request, response) => void this.receive(request, response))
    this.server.on('connection', (socket) => this.sockets.push(socket))
  }

  /** All requests from now on. */
  answer(reply: Reply): this {
    this.reply = reply
    return this
  }

  /** One after the other; the last one stays. */
  answers(...replies: readonly Reply[]): this {
    let next = 0
    return this.answer((asked, response) => replies[Math.min(next++, replies.length - 1)]?.(asked, response))
  }

  async connect(
    watch: Partial<WatchTuning> = {},
    user: Record<string, unknown> = { token: 'secret' },
  ): Promise<Connection> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve))
    const kubeconfig = writeKubeconfig(`http://127.0.0.1:${this.port}`, user)
    return await connectCluster({ kubeconfig, clock: this.clock, watch })
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port
  }

  get connections(): number {
    return this.sockets.length
  }

  dropConnections(): void {
    for (const socket of this.sockets) socket.destroy()
  }

  async close(): Promise<void> {
    this.dropConnections()
    await new Promise((resolve) => this.server.close(resolve))
  }

  private async receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://x')
    let body = ''
    for await (const chunk of request) body += String(chunk)
    const asked = {
      method: request.method ?? '',
      path: pathname,
      query: searchParams,
      headers: request.headers,
      body,
      socket: this.sockets.indexOf(request.socket) + 1,
    }
    this.asked.push(asked)
    this.reply(asked, response)
  }
}

export function json(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
}

export const ok =
  (body: unknown): Reply =>
  (_, response) =>
    json(response, 200, body)

export const status =
  (code: number, reason = '', message = reason, details: unknown = {}, headers: Record<string, string> = {}): Reply =>
  (_, response) =>
    json(response, code, { kind: 'Status', code, reason, message, details }, headers)

export const reset: Reply = (_, response) => void response.socket?.destroy()

export function writeKubeconfig(
  server: string,
  user: Record<string, unknown> = { token: 'secret' },
  more: Record<string, unknown> = {},
): string {
  const file = path.join(mkdtempSync(path.join(tmpdir(), 'forge-kube-')), 'config')
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'c', cluster: { server } }],
    users: [{ name: 'ops', user }],
    contexts: [
      { name: 'prod-eu', context: { cluster: 'c', user: 'ops', namespace: 'api' } },
      { name: 'staging-eu', context: { cluster: 'c', user: 'ops' } },
    ],
    'current-context': 'prod-eu',
    ...more,
  }
  writeFileSync(file, JSON.stringify(config))
  return file
}
