import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { pipeline, Transform, type Duplex } from 'node:stream'
import type { Guard } from '../../ports.ts'
import type { Route } from '../kubernetes/route.ts'

/** The way of one helm to the API server, through forge. */
export interface Relay {
  readonly env: Readonly<Record<string, string>>
  /** Nothing that helm sends gets through any more; the files are removed. */
  close(): Promise<void>
}

/**
 * helm knows nothing of forge's lock, and a process that stood still (a suspended machine, SIGSTOP) goes on where it was,
 * when somebody else may hold the lock. So helm's connections go through forge, and `guard` is asked before each piece of
 * what helm sends; when it rejects, or forge is gone, helm is cut off. forge passes bytes on and reads none of them: TLS is
 * between helm and the API server. The door (CONNECT, https://www.rfc-editor.org/rfc/rfc9110#name-connect) is the
 * `proxy-url` of a kubeconfig that goes before the user's own, whose other entries stay in force.
 */
export async function openRelay(route: Route, guard: Guard): Promise<Relay> {
  const secret = randomBytes(24).toString('hex')
  const open = new Set<Duplex>()
  const server = relayServer(new URL(route.cluster.server), secret, guard, open)
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve))
  const folder = await mkdtemp(join(tmpdir(), 'forge-helm-'))
  const file = join(folder, 'kubeconfig')
  const { port } = server.address() as AddressInfo
  const close = async (): Promise<void> => {
    server.close()
    for (const one of open) one.destroy()
    await rm(folder, { recursive: true, force: true })
  }
  try {
    const config = await kubeconfigOf(route, `http://forge:${secret}@127.0.0.1:${port}`)
    await writeFile(file, JSON.stringify(config), { mode: 0o600 })
  } catch (error) {
    await close()
    throw error
  }
  return { env: { KUBECONFIG: [file, ...route.files].join(delimiter) }, close }
}

function relayServer(target: URL, secret: string, guard: Guard, open: Set<Duplex>): Server {
  const port = target.port === '' ? '443' : target.port
  const password = `Basic ${Buffer.from(`forge:${secret}`).toString('base64')}`
  const server = createServer((_, answer) => answer.writeHead(403).end())
  server.on('connect', ({ url, headers }, client, head) => {
    open.add(client.on('close', () => open.delete(client)))
    client.on('error', () => client.destroy())
    // Other users of the machine reach the port too; nobody but this helm gets through it, and only to this server.
    if (headers['proxy-authorization'] !== password || url !== `${target.hostname}:${port}`)
      return void client.end('HTTP/1.1 403 Forbidden\r\n\r\n')
    const upstream = connect({ host: target.hostname.replaceAll(/[[\]]/gu, ''), port: Number(port) })
    open.add(upstream.on('close', () => open.delete(upstream)))
    // What stands behind the status is what helm gives as the reason.
    const refused = ({ code }: NodeJS.ErrnoException): void =>
      void client.end(`HTTP/1.1 502 the API server cannot be reached: ${code ?? 'no answer'}\r\n\r\n`)
    upstream.once('error', refused)
    upstream.once('connect', () => {
      upstream.off('error', refused)
      client.write('HTTP/1.1 200 OK\r\n\r\n')
      if (head.length > 0) client.unshift(head)
      // An end of either side ends the other; why, helm says.
      pipeline(client, gate(guard), upstream, () => client.destroy())
      pipeline(upstream, client, () => upstream.destroy())
    })
    client.once('close', () => upstream.destroy())
  })
  return server
}

function gate(guard: Guard): Transform {
  return new Transform({
    transform(chunk: Buffer, _, done) {
      guard().then(() => done(null, chunk), done)
    },
  })
}

/** The first file that names a cluster wins (kubectl's rule), so one entry is enough, and no credential is copied. */
async function kubeconfigOf(
  { cluster, context, tokenFile }: Route,
  proxyUrl: string,
): Promise<Record<string, unknown>> {
  const { exportCluster } = await import('@kubernetes/client-node/dist/config_types.js')
  const own = { apiVersion: 'v1', kind: 'Config', clusters: [exportCluster({ ...cluster, proxyUrl }) as unknown] }
  if (tokenFile === undefined) return own
  const users = [{ name: context, user: { tokenFile } }]
  const contexts = [{ name: context, context: { cluster: cluster.name, user: context } }]
  return { ...own, users, contexts, 'current-context': context }
}
