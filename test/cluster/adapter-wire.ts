import { connect as dial, createServer, type AddressInfo, type Server, type Socket } from 'node:net'

/** A wire to the API server that a test can cut or hold; TLS and HTTP/2 go through it untouched. */
export class Wire {
  connections = 0
  private readonly server: Server
  private readonly pairs = new Set<readonly [Socket, Socket]>()

  constructor(target: URL) {
    this.server = createServer((client) => {
      this.connections += 1
      const upstream = dial(Number(target.port), target.hostname)
      const pair = [client, upstream] as const
      this.pairs.add(pair)
      client.pipe(upstream).pipe(client)
      for (const one of pair) one.on('error', () => undefined).on('close', () => this.cut(pair))
    })
  }

  async open(): Promise<number> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve))
    return (this.server.address() as AddressInfo).port
  }

  cutAll(): void {
    for (const pair of this.pairs) this.cut(pair)
  }

  /** Nothing comes through any more, and nobody is told: a NAT that forgot, a laptop that slept. */
  holdAll(): void {
    for (const [client, upstream] of this.pairs) {
      client.unpipe(upstream)
      upstream.unpipe(client)
      client.resume()
      upstream.resume()
    }
  }

  async close(): Promise<void> {
    this.cutAll()
    await new Promise((resolve) => this.server.close(resolve))
  }

  private cut(pair: readonly [Socket, Socket]): void {
    this.pairs.delete(pair)
    for (const one of pair) one.destroy()
  }
}
