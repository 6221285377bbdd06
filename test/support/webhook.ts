import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'

/** A service that takes messages, on loopback. A path that begins with a number is answered with that status, `/slow` never. */
export class Webhook {
  readonly messages: { readonly path: string; readonly text: string }[] = []
  readonly #server: Server

  constructor() {
    this.#server = createServer((request, response) => {
      const { url: path = '' } = request
      void (json(request) as Promise<{ text: string }>).then(({ text }) => {
        this.messages.push({ path, text })
        if (!path.startsWith('/slow')) response.writeHead(Number(/^\/(\d+)/u.exec(path)?.[1] ?? 200)).end()
      })
    })
  }

  async url(path: string): Promise<string> {
    if (!this.#server.listening) await new Promise<void>((done) => this.#server.listen(0, '127.0.0.1', done))
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}${path}`
  }

  /** What was heard since it was last asked. */
  heard(): string[] {
    return this.messages.splice(0).map(({ text }) => text)
  }

  close(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }
}
