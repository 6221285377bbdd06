import { randomBytes } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { pipeline, Transform, type Duplex } from 'node:stream'
import type { Guard } from '../../ports.ts'
import type { Route } from '../kubernetes/route.ts'

/** The way of one helm to the API server, through forge. */
export interface Relay {
  readonly env: Readonly<Record<string, string>>
  /** Options that go with it, beside those that name the user's kubeconfig. */
  readonly args: readonly string[]
  /** What helm says, with the API server's own address. */
  readonly plain: (text: string) => string
  /** Nothing that helm sends gets through any more. */
  close(): void
}

/** Stands for an API server on loopback, where no Go program lets HTTPS_PROXY lead it (net/http, ProxyFromEnvironment). */
const STAND_IN = 'api-server.forge.internal'

/**
 * helm knows nothing of forge's lock, and a process that stood still (a suspended machine, SIGSTOP) goes on where it was,
 * when somebody else may hold the lock. So helm's connections go through forge, and `guard` is asked before each piece of
 * what helm sends; when it rejects, or forge is gone, helm is cut off. forge passes bytes on and reads none of them: TLS is
 * between helm and the API server. The door (CONNECT, https://www.rfc-editor.org/rfc/rfc9110#name-connect) is helm's
 * HTTPS_PROXY: with a `proxy-url` client-go would open a connection for every kind of object (transport, tlsConfigKey).
 * Charts and credential plugins go through the same door to wherever they want.
 */
export async function openRelay(route: Route, guard: Guard): Promise<Relay> {
  const password = randomBytes(24).toString('hex')
  const address = new URL(route.cluster.server)
  const name = isLoopback(address) ? STAND_IN : address.hostname
  const open = new Set<Duplex>()
  const server = relayServer({ name, address, password, guard, open })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve))
  const shut = (): void => {
    server.close()
    for (const one of open) one.destroy()
  }
  const { port } = server.address() as AddressInfo
  return {
    env: { HTTPS_PROXY: `http://forge:${password}@127.0.0.1:${port}`, NO_PROXY: '', no_proxy: '' },
    args: name === STAND_IN ? renamed(route, address) : [],
    plain: (text) => text.replaceAll(`//${STAND_IN}`, `//${address.hostname}`),
    close: shut,
  }
}

function isLoopback({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.')
}

interface Door {
  /** By which helm asks for the API server. */
  readonly name: string
  readonly address: URL
  readonly password: string
  readonly guard: Guard
  readonly open: Set<Duplex>
}

function relayServer({ name, address, password, guard, open }: Door): Server {
  const port = address.port === '' ? '443' : address.port
  const expected = `Basic ${Buffer.from(`forge:${password}`).toString('base64')}`
  const server = createServer({ noDelay: true }, (_, answer) => answer.writeHead(403).end())
  server.on('connect', ({ url = '', headers }, client, head) => {
    open.add(client.on('close', () => open.delete(client)))
    client.on('error', () => client.destroy())
    // Other users of the machine reach the port too.
    if (headers['proxy-authorization'] !== expected) return void client.end('HTTP/1.1 403 Forbidden\r\n\r\n')
    const isApiServer = url === `${name}:${port}`
    const target = isApiServer ? { hostname: address.hostname, port } : URL.parse(`http://${url}`)
    if (target === null) return void client.end('HTTP/1.1 400 Bad Request\r\n\r\n')
    // Without delay: small pieces must not wait for each other (Nagle's algorithm).
    const upstream = connect({ host: unbracketed(target.hostname), port: Number(target.port || '80'), noDelay: true })
    open.add(upstream.on('close', () => open.delete(upstream)))
    // What stands behind the status is what helm gives as the reason.
    const refused = ({ code }: NodeJS.ErrnoException): void =>
      void client.end(`HTTP/1.1 502 ${url} cannot be reached: ${code ?? 'no answer'}\r\n\r\n`)
    upstream.once('error', refused)
    upstream.once('connect', () => {
      upstream.off('error', refused)
      client.write('HTTP/1.1 200 OK\r\n\r\n')
      if (head.length > 0) client.unshift(head)
      // An end of either side ends the other; why, helm says.
      pipeline([client, ...(isApiServer ? [gate(guard)] : []), upstream], () => client.destroy())
      pipeline(upstream, client, () => upstream.destroy())
    })
    client.once('close', () => upstream.destroy())
  })
  return server
}

function unbracketed(hostname: string): string {
  return hostname.replaceAll(/[[\]]/gu, '')
}

function gate(guard: Guard): Transform {
  return new Transform({
    transform(chunk: Buffer, _, done) {
      guard(chunk.length).then(() => done(null, chunk), done)
    },
  })
}

/** Options alone: a file would need room on a disk, which a rollback must not depend on. No credential is among them. */
function renamed({ cluster }: Route, address: URL): string[] {
  const server = new URL(address)
  server.hostname = STAND_IN
  // It is still the server's own certificate that is asked for.
  return [
    '--kube-apiserver',
    server.href,
    '--kube-tls-server-name',
    cluster.tlsServerName ?? unbracketed(address.hostname),
  ]
}
