import {
  createSecureServer,
  type Http2SecureServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from 'node:http2'
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http'
import { Agent, request as ask } from 'node:https'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parse, stringify } from 'yaml'

export interface Asked {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  /** Of forge, not of helm, which uses the same kubeconfig. */
  readonly byForge: boolean
  /** From 1, of those by forge. */
  readonly number: number
}

/** What a request gets instead of the API server's answer; undefined: that one. */
export type Fault = (asked: Asked) => { readonly status: number; readonly retryAfter?: number } | undefined

interface Kubeconfig {
  readonly clusters: { readonly cluster: { server: string } }[]
  readonly users: { readonly user: { 'client-certificate-data': string; 'client-key-data': string } }[]
}

interface Line {
  readonly client: Socket
  readonly server: Socket
}

/**
 * Stands between forge and the API server of a sandbox and speaks HTTP/2 to forge, as the API server does. TCP in front
 * (connections are reset, or fall silent), HTTP behind it (statuses, ends of watches).
 */
export class FaultProxy {
  /** Leads to the sandbox, through here. */
  readonly kubeconfig: string
  readonly asked: Asked[] = []
  readonly #upstream: URL
  readonly #agent: Agent
  readonly #http: Http2SecureServer
  readonly #front: Server
  readonly #lines = new Set<Line>()
  readonly #watches = new Set<Http2ServerResponse>()
  #fault: Fault = () => undefined

  static async start(kubeconfig: string): Promise<FaultProxy> {
    const pki = join(dirname(kubeconfig), 'pki')
    const [key, cert, text] = await Promise.all([
      readFile(join(pki, 'apiserver.key')),
      readFile(join(pki, 'apiserver.crt')),
      readFile(kubeconfig, 'utf8'),
    ])
    const file = join(await mkdtemp(join(tmpdir(), 'forge-faults-')), 'kubeconfig')
    const proxy = new FaultProxy(parse(text) as Kubeconfig, { key, cert }, await readFile(join(pki, 'ca.crt')), file)
    await proxy.#listen(parse(text) as Kubeconfig)
    return proxy
  }

  private constructor(
    config: Kubeconfig,
    pair: { readonly key: Buffer; readonly cert: Buffer },
    ca: Buffer,
    file: string,
  ) {
    const { cluster } = first(config.clusters)
    const { user } = first(config.users)
    this.kubeconfig = file
    this.#upstream = new URL(cluster.server)
    this.#agent = new Agent({
      keepAlive: true,
      ca,
      cert: Buffer.from(user['client-certificate-data'], 'base64'),
      key: Buffer.from(user['client-key-data'], 'base64'),
    })
    this.#http = createSecureServer({ ...pair, allowHTTP1: true }, (request, response) =>
      this.#serve(request, response),
    )
    this.#front = createServer((client) => this.#join(client))
  }

  /** All requests from now on. */
  answer(fault: Fault): void {
    this.#fault = fault
  }

  /** Connections that are open: how many times a client had to connect is `connections`. */
  connections = 0

  /** RST to every client. */
  reset(): void {
    for (const { client, server } of this.#lines) {
      client.resetAndDestroy()
      server.destroy()
    }
  }

  /** No byte passes on the connections that there are, and nobody closes them; new ones work. */
  stall(): void {
    for (const { client, server } of this.#lines) {
      client.unpipe(server).pause()
      server.unpipe(client).pause()
    }
  }

  /** Each open watch is told that its resourceVersion is too old. */
  expire(): void {
    const object = {
      kind: 'Status',
      apiVersion: 'v1',
      code: 410,
      reason: 'Expired',
      message: 'too old resource version',
    }
    for (const response of this.#watches) response.end(`${JSON.stringify({ type: 'ERROR', object })}\n`)
  }

  get openWatches(): number {
    return this.#watches.size
  }

  async close(): Promise<void> {
    this.reset()
    this.#agent.destroy()
    this.#http.close()
    await new Promise((resolve) => this.#front.close(resolve))
  }

  async #listen(config: Kubeconfig): Promise<void> {
    await new Promise<void>((resolve) => this.#http.listen(0, '127.0.0.1', resolve))
    await new Promise<void>((resolve) => this.#front.listen(0, '127.0.0.1', resolve))
    first(config.clusters).cluster.server = `https://127.0.0.1:${portOf(this.#front)}`
    await writeFile(this.kubeconfig, stringify(config), { mode: 0o600 })
  }

  #join(client: Socket): void {
    this.connections += 1
    const line = { client, server: connect(portOf(this.#http), '127.0.0.1') }
    this.#lines.add(line)
    const over = (): void => {
      this.#lines.delete(line)
      line.client.destroy()
      line.server.destroy()
    }
    for (const socket of [line.client, line.server]) socket.on('error', over).on('close', over)
    client.pipe(line.server).pipe(client)
  }

  #serve(request: Http2ServerRequest, response: Http2ServerResponse): void {
    const asked = this.#note(request)
    const fault = this.#fault(asked)
    if (fault === undefined) return this.#forward(request, response, asked)
    const body = {
      kind: 'Status',
      apiVersion: 'v1',
      status: 'Failure',
      code: fault.status,
      reason: 'Fault',
      message: 'fault',
    }
    const wait = fault.retryAfter === undefined ? {} : { 'retry-after': String(fault.retryAfter) }
    request.resume()
    response.writeHead(fault.status, { 'content-type': 'application/json', ...wait }).end(JSON.stringify(body))
  }

  #note({ method, url, headers }: Http2ServerRequest): Asked {
    const { pathname, searchParams } = new URL(url, this.#upstream)
    const byForge = headers['user-agent'] === 'forge'
    const number = this.asked.filter((one) => one.byForge).length + 1
    const asked = { method, path: pathname, query: searchParams, byForge, number }
    this.asked.push(asked)
    return asked
  }

  #forward(request: Http2ServerRequest, response: Http2ServerResponse, { byForge, query }: Asked): void {
    const { method, url } = request
    const { hostname, port } = this.#upstream
    const call = ask({ hostname, port, method, path: url, headers: plain(request.headers), agent: this.#agent })
    const cut = (): void => void response.stream.destroy()
    call.on('error', cut).on('response', (answer: IncomingMessage) => {
      if (response.stream.destroyed) return void answer.destroy()
      response.writeHead(answer.statusCode ?? 502, plain(answer.headers))
      response.stream.on('error', cut)
      if (byForge && query.get('watch') === 'true') this.#watches.add(response)
      answer.on('error', cut).pipe(response)
    })
    response.on('close', () => {
      this.#watches.delete(response)
      call.destroy()
    })
    request.pipe(call)
  }
}

/** Without what belongs to one connection. */
function plain(headers: OutgoingHttpHeaders | IncomingMessage['headers']): OutgoingHttpHeaders {
  const left = /^:|^(?:connection|keep-alive|transfer-encoding|host)$/u
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !left.test(name)))
}

function portOf(server: Server | Http2SecureServer): number {
  return (server.address() as AddressInfo).port
}

function first<T>([one]: readonly T[]): T {
  if (one === undefined) throw new Error('the kubeconfig of the sandbox is empty')
  return one
}
