import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'

/** Comments on pull request 5 of acme/shop, as GitHub keeps them. */
export class GitHubApi {
  readonly comments: { id: number; body: string }[] = []
  readonly asked: { readonly method: string; readonly token: string | undefined }[] = []
  refuses = false
  readonly #server: Server

  constructor() {
    this.#server = createServer((request, response) => {
      const { method = '', url = '', headers } = request
      this.asked.push({ method, token: headers.authorization })
      const answer = (status: number, body: unknown): void => {
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
      }
      if (this.refuses && method !== 'GET') return answer(403, { message: 'Resource not accessible by integration' })
      if (method === 'GET') return answer(200, url.includes('/issues/5/') ? this.comments : [])
      void (json(request) as Promise<{ body: string }>).then(({ body }) => {
        const id = Number(/comments\/(\d+)$/u.exec(url)?.[1])
        const found = this.comments.find((one) => one.id === id)
        if (found !== undefined) found.body = body
        else this.comments.push({ id: this.comments.length + 1, body })
        answer(found === undefined ? 201 : 200, {})
      })
    })
  }

  async url(): Promise<string> {
    if (!this.#server.listening) await new Promise<void>((done) => this.#server.listen(0, '127.0.0.1', done))
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  close(): void {
    this.#server.close()
  }
}

/** What GITHUB_EVENT_PATH has for that pull request, when it comes from this repository. */
export const pullRequest = (from: string) => ({
  pull_request: {
    number: 5,
    head: { ref: 'topic', sha: 'b'.repeat(40), repo: { full_name: from, fork: from !== 'acme/shop' } },
    base: { ref: 'main', sha: 'a'.repeat(40) },
  },
})
