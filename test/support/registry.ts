import { once } from 'node:events'
import { mkdtemp } from 'node:fs/promises'
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { execa } from 'execa'
import { goProgram } from '../../bench/go-program.ts'

/** A real registry on loopback: FORGE_TEST_CRANE, else go-containerregistry's, built once into forge's cache. */
export async function crane(): Promise<string> {
  const named = process.env['FORGE_TEST_CRANE']
  if (named !== undefined && named !== '') return named
  const module = 'github.com/google/go-containerregistry/cmd/crane'
  return await goProgram({ module, version: 'v0.22.1', takes: 'half a minute' })
}

export interface TestRegistry {
  /** `127.0.0.1:41234`, through `onRequest`. */
  readonly host: string
  /** What was asked: `PUT /v2/app/manifests/1`. */
  readonly asked: string[]
  /** Decides about a request before the registry has it; true: it was answered. */
  onRequest: (request: IncomingMessage, response: ServerResponse) => boolean
  /** What crane says: `digest REF`, `config REF`, `ls REPOSITORY`. */
  ask(...args: string[]): Promise<string>
  close(): Promise<void>
}

/** `crane registry serve`, behind a proxy that can lose or refuse what is sent. */
export async function startRegistry(): Promise<TestRegistry> {
  const program = await crane()
  const child = execa(program, ['registry', 'serve', '--address', '127.0.0.1:0'], { reject: false, buffer: false })
  const port = await portIn(child.stderr)
  const registry: Omit<TestRegistry, 'host' | 'ask' | 'close'> = { asked: [], onRequest: () => false }
  const server = createServer((incoming, response) => {
    registry.asked.push(`${incoming.method ?? ''} ${incoming.url ?? ''}`)
    if (!running.onRequest(incoming, response)) passOn(incoming, response, port)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const running: TestRegistry = Object.assign(registry, {
    host,
    ask: async (...args: string[]) => (await execa(program, [...args, '--insecure'])).stdout,
    close: async () => {
      await closed(server)
      child.kill('SIGTERM')
      await child
    },
  })
  return running
}

/** It says where it listens. */
async function portIn(output: Readable): Promise<number> {
  const [said] = (await once(output, 'data')) as [Buffer]
  const [, port] = /serving on port (\d+)/u.exec(said.toString()) ?? []
  if (port === undefined) throw new Error(`the registry did not say where it listens: ${said.toString()}`)
  return Number(port)
}

function passOn(incoming: IncomingMessage, response: ServerResponse, port: number): void {
  const { method, url, headers } = incoming
  const onward = request({ host: '127.0.0.1', port, method, path: url, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(response)
  })
  onward.on('error', () => response.destroy())
  incoming.on('error', () => onward.destroy())
  incoming.pipe(onward)
}

async function closed(server: Server): Promise<void> {
  server.closeAllConnections()
  server.close()
  await once(server, 'close')
}

/** The files of all layers, as one archive below `dir`. */
export async function exported(registry: TestRegistry, ref: string, dir: string): Promise<string> {
  const file = join(await mkdtemp(join(dir, 'export-')), 'image.tar')
  await registry.ask('export', '--platform', 'linux/amd64', ref, file)
  return file
}

/** Of an image, without folders. */
export async function filesIn(registry: TestRegistry, ref: string, dir: string): Promise<string[]> {
  return await namesIn(await exported(registry, ref, dir))
}

export async function namesIn(archive: string): Promise<string[]> {
  const { stdout } = await execa('tar', ['-tf', archive])
  return stdout
    .split('\n')
    .filter((name) => name !== '' && !name.endsWith('/'))
    .toSorted()
}

export async function textIn(registry: TestRegistry, ref: string, name: string, dir: string): Promise<string> {
  return (await execa('tar', ['-xOf', await exported(registry, ref, dir), name])).stdout
}
