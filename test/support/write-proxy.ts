import { readFile, writeFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Agent, createServer, request, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { parse, stringify } from 'yaml'

/** One request that changes something, in the order in which the API server would get them. */
export interface Write {
  /** From 1. */
  readonly number: number
  readonly by: 'helm' | 'forge'
  /** `PUT secrets/forge-journal-kill-2` */
  readonly what: string
}

/** What becomes of a write: `lose` never reaches the API server, `mute` does, but its answer never comes back. */
export type Fate = 'pass' | 'lose' | 'mute'

interface Kubeconfig {
  readonly clusters: { cluster: Record<string, string> }[]
  readonly users: { user: Record<string, string> }[]
}

/**
 * Stands between one run of forge (its helm included) and the API server. Every write is told before it is passed on, and
 * the listener may take its time: that is the point at which a test kills somebody.
 */
export class WriteProxy {
  readonly kubeconfig: string
  readonly writes: Write[] = []
  /** Those that the API server has carried out. */
  readonly applied: Write[] = []
  /** Called once per write, before it is forwarded and (for `mute`) after it was answered. */
  onWrite: (write: Write) => Fate = () => 'pass'
  onAnswered: (write: Write) => Promise<void> = async () => await Promise.resolve()
  /** Called before a write is forwarded; it goes on when this resolves. */
  onHeld: (write: Write) => Promise<void> = async () => await Promise.resolve()
  readonly #server: Server
  readonly #agent: Agent
  readonly #upstream: URL

  private constructor(kubeconfig: string, server: Server, agent: Agent, upstream: URL) {
    this.kubeconfig = kubeconfig
    this.#server = server
    this.#agent = agent
    this.#upstream = upstream
    server.on('request', (incoming, answer) => {
      this.#handle(incoming, answer).catch(() => answer.destroy())
    })
  }

  /** `folder` gets the kubeconfig that leads here. */
  static async open(sandboxKubeconfig: string, folder: string): Promise<WriteProxy> {
    const config = parse(await readFile(sandboxKubeconfig, 'utf8')) as Kubeconfig
    const [cluster, user] = [config.clusters[0]?.cluster ?? {}, config.users[0]?.user ?? {}]
    const pem = (text = ''): Buffer => Buffer.from(text, 'base64')
    const agent = new Agent({
      keepAlive: true,
      ca: pem(cluster['certificate-authority-data']),
      cert: pem(user['client-certificate-data']),
      key: pem(user['client-key-data']),
    })
    const pki = join(dirname(sandboxKubeconfig), 'pki')
    const [key, cert] = await Promise.all(['key', 'crt'].map(async (end) => await readFile(`${pki}/apiserver.${end}`)))
    const server = createServer({ key, cert })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const kubeconfig = `${folder}/kubeconfig`
    const own = {
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'proxied',
      clusters: [{ name: 'proxied', cluster: { ...cluster, server: `https://127.0.0.1:${port}` } }],
      users: [{ name: 'proxied', user: {} }],
      contexts: [{ name: 'proxied', context: { cluster: 'proxied', user: 'proxied' } }],
    }
    await writeFile(kubeconfig, stringify(own))
    return new WriteProxy(kubeconfig, server, agent, new URL(cluster['server'] ?? ''))
  }

  close(): void {
    this.#server.closeAllConnections()
    this.#server.close()
    this.#agent.destroy()
  }

  async #handle(incoming: IncomingMessage, answer: ServerResponse): Promise<void> {
    const body = await buffer(incoming)
    const write = this.#told(incoming, body)
    const fate = write === undefined ? 'pass' : this.onWrite(write)
    if (write !== undefined) await this.onHeld(write)
    if (fate === 'lose') return void answer.destroy()
    const response = await this.#forward(incoming, body)
    if (write !== undefined && (response.statusCode ?? 500) < 300) this.applied.push(write)
    if (write !== undefined && fate === 'mute') {
      await buffer(response)
      await this.onAnswered(write)
      return void answer.destroy()
    }
    answer.writeHead(response.statusCode ?? 500, response.headers)
    answer.on('close', () => response.destroy())
    response.on('error', () => answer.destroy())
    response.pipe(answer)
  }

  async #forward({ method, url, headers }: IncomingMessage, body: Buffer): Promise<IncomingMessage> {
    const { hostname, port } = this.#upstream
    return await new Promise((resolve, reject) => {
      const outgoing = request(
        { agent: this.#agent, hostname, port, path: url, method, headers: { ...headers, host: `${hostname}:${port}` } },
        resolve,
      )
      outgoing.on('error', reject)
      outgoing.end(body)
    })
  }

  /** Reviews of rights and dry runs change nothing. */
  #told({ method = 'GET', url = '', headers }: IncomingMessage, body: Buffer): Write | undefined {
    const { pathname, searchParams } = new URL(url, 'http://proxy')
    if (method === 'GET' || pathname.includes('reviews') || searchParams.has('dryRun')) return undefined
    const by = /helm/iu.test(headers['user-agent'] ?? '') ? 'helm' : 'forge'
    const path = pathname.split('/').slice(-2).join('/')
    const what = method === 'POST' ? `POST ${pathname.split('/').at(-1) ?? ''}/${nameIn(body)}` : `${method} ${path}`
    const write = { number: this.writes.length + 1, by, what } as const
    this.writes.push(write)
    return write
  }
}

function nameIn(body: Buffer): string {
  try {
    return (JSON.parse(body.toString()) as { metadata?: { name?: string } }).metadata?.name ?? '?'
  } catch {
    return '?'
  }
}
