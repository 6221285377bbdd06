import { readFile, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { execa } from 'execa'

/** A chart repository as `helm repo index` makes it, behind HTTP on this machine. */
export class ChartRepository {
  /** Paths that were asked for, in order. */
  readonly asked: string[] = []
  readonly #folder: string
  readonly #server: Server

  /** `login`: `USER:PASSWORD`, without which it gives nothing. */
  constructor(folder: string, login?: string) {
    this.#folder = folder
    this.#server = createServer((request, response) => {
      const { url: path = '/', headers } = request
      this.asked.push(path)
      if (login !== undefined && headers.authorization !== `Basic ${btoa(login)}`) {
        response.writeHead(401, { 'www-authenticate': 'Basic realm="charts"' }).end('who are you?')
        return
      }
      readFile(join(folder, path)).then(
        (content) => response.writeHead(200).end(content),
        () => response.writeHead(404).end('there is no such file'),
      )
    })
  }

  /** Packs these charts into it, and resolves with its address. */
  async open(helm: string, ...charts: readonly string[]): Promise<string> {
    for (const chart of charts) await execa(helm, ['package', chart, '--destination', this.#folder])
    await execa(helm, ['repo', 'index', this.#folder])
    await new Promise<void>((done) => this.#server.listen(0, '127.0.0.1', done))
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Changes what its index says. */
  async reindex(change: (index: string) => string): Promise<void> {
    const file = join(this.#folder, 'index.yaml')
    await writeFile(file, change(await readFile(file, 'utf8')))
  }

  close(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }
}
