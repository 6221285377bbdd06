import { once } from 'node:events'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { openRelay, type Relay } from '../../src/adapters/helm/relay.ts'
import { loadAccess } from '../../src/adapters/kubernetes/kubeconfig.ts'
import { routeOf, type Route } from '../../src/adapters/kubernetes/route.ts'

/** Says back what it hears; the relay reads none of it, so it need not be TLS. */
let server: Server
let relay: Relay | undefined

beforeEach(async () => {
  server = createServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1')
  await once(server, 'listening')
})

afterEach(() => {
  relay?.close()
  relay = undefined
  server.close()
})

const portOf = (one: Server): number => (one.address() as AddressInfo).port

function route(port: number, more: Partial<Route> = {}): Route {
  const cluster = { name: 'prod', server: `https://127.0.0.1:${port}`, caData: 'Q0E=', skipTLSVerify: false }
  return { files: ['/home/me/.kube/config'], context: 'prod-admin', cluster, ...more }
}

const proxyOf = ({ env }: Relay): URL => new URL(env['HTTPS_PROXY'] ?? '')
/** As helm asks for it: Go does not take a proxy for an address on loopback. */
const standIn = (port: number): string => `api-server.forge.internal:${port}`

async function connectThrough(
  { port, username, password }: URL,
  target: string,
): Promise<{ status: string; socket: Socket }> {
  const credentials = Buffer.from(`${username}:${password}`).toString('base64')
  const asked = request({
    port,
    method: 'CONNECT',
    path: target,
    headers: { 'proxy-authorization': `Basic ${credentials}` },
  })
  asked.end()
  const [{ statusCode = 0, statusMessage = '' }, socket] = (await once(asked, 'connect')) as [
    { statusCode?: number; statusMessage?: string },
    Socket,
  ]
  return { status: `${statusCode} ${statusMessage}`, socket }
}

test('what is sent goes through while the lock is held, and no further once it is lost', async () => {
  let held = true
  let asked = 0
  const port = portOf(server)
  relay = await openRelay(route(port), async () => {
    asked += 1
    if (!held) throw new Error('the lock is lost')
    return await Promise.resolve()
  })
  const { status, socket } = await connectThrough(proxyOf(relay), standIn(port))
  socket.write('one')
  const [answer] = (await once(socket, 'data')) as [Buffer]
  expect({ status, answer: answer.toString(), asked }).toEqual({ status: '200 OK', answer: 'one', asked: 1 })

  held = false
  const heard: string[] = []
  server.on('connection', () => heard.push('a connection'))
  socket.on('data', (chunk) => heard.push(String(chunk)))
  socket.on('error', () => undefined)
  socket.write('two')
  await once(socket, 'close')
  expect({ heard, asked }).toEqual({ heard: [], asked: 2 })
})

test('nothing is passed on before the question for the lock is answered', async () => {
  const answer = Promise.withResolvers<undefined>()
  const port = portOf(server)
  relay = await openRelay(route(port), async () => {
    await answer.promise
  })
  const { socket } = await connectThrough(proxyOf(relay), standIn(port))
  const heard: string[] = []
  socket.on('data', (chunk) => heard.push(String(chunk)))
  socket.write('one')
  const peer = await new Promise<number>((resolve, reject) => {
    server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)))
  })
  expect({ peer, heard }).toEqual({ peer: 1, heard: [] })
  answer.resolve(undefined)
  await once(socket, 'data')
  expect(heard).toEqual(['one'])
})

test('another user of the machine is refused', async () => {
  const port = portOf(server)
  relay = await openRelay(route(port), async () => await Promise.resolve())
  const guessed = new URL(`http://forge:guess@127.0.0.1:${proxyOf(relay).port}`)
  const { status } = await connectThrough(guessed, standIn(port))
  expect(status).toBe('403 Forbidden')
})

test('charts and credentials come from elsewhere, whoever has the lock', async () => {
  relay = await openRelay(route(1), async () => await Promise.reject(new Error('the lock is lost')))
  const { status, socket } = await connectThrough(proxyOf(relay), `127.0.0.1:${portOf(server)}`)
  socket.write('one')
  const [answer] = (await once(socket, 'data')) as [Buffer]
  expect({ status, answer: answer.toString() }).toEqual({ status: '200 OK', answer: 'one' })
})

test('an API server that cannot be reached is the reason that helm gets', async () => {
  const port = portOf(server)
  server.close()
  relay = await openRelay(route(port), async () => await Promise.resolve())
  const { status } = await connectThrough(proxyOf(relay), standIn(port))
  expect(status).toBe(`502 ${standIn(port)} cannot be reached: ECONNREFUSED`)
})

test('on loopback the server gets another name, by options alone: no file, and no credential', async () => {
  const port = portOf(server)
  relay = await openRelay(route(port), async () => await Promise.resolve())
  expect(relay).toMatchObject({
    args: ['--kube-apiserver', `https://${standIn(port)}/`, '--kube-tls-server-name', '127.0.0.1'],
    env: { NO_PROXY: '', no_proxy: '' },
  })
  expect(relay.env['KUBECONFIG']).toBeUndefined()
  expect(relay.plain(`Get "https://${standIn(port)}/api": EOF`)).toBe(`Get "https://127.0.0.1:${port}/api": EOF`)
})

test('elsewhere it keeps its name, and the kubeconfig is the user’s', async () => {
  const cluster = { name: 'prod', server: 'https://10.0.0.1:6443', skipTLSVerify: false }
  relay = await openRelay(route(0, { cluster }), async () => await Promise.resolve())
  const { password, port } = proxyOf(relay)
  expect({ args: relay.args, env: relay.env }).toEqual({
    args: [],
    env: { HTTPS_PROXY: `http://forge:${password}@127.0.0.1:${port}`, NO_PROXY: '', no_proxy: '' },
  })
})

test.each<[string, Record<string, string>, Record<string, string>, boolean]>([
  ['TLS and no proxy', { server: 'https://10.0.0.1' }, {}, true],
  ['no TLS', { server: 'http://127.0.0.1:8001' }, {}, false],
  ['a proxy of the kubeconfig', { server: 'https://10.0.0.1', 'proxy-url': 'http://proxy:3128' }, {}, false],
  ['a proxy of the environment', { server: 'https://10.0.0.1' }, { HTTPS_PROXY: 'http://proxy:3128' }, false],
])('whether helm can be led through forge, with %s', async (_, cluster, env, led) => {
  const file = join(await mkdtemp(join(tmpdir(), 'forge-route-')), 'config')
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'prod', cluster }],
    users: [{ name: 'me', user: {} }],
    contexts: [{ name: 'prod-admin', context: { cluster: 'prod', user: 'me' } }],
    'current-context': 'prod-admin',
  }
  await writeFile(file, JSON.stringify(config))
  const found = routeOf(await loadAccess({ kubeconfig: file }), env)
  expect(found).toEqual(
    led
      ? {
          files: [file],
          context: 'prod-admin',
          cluster: { name: 'prod', server: 'https://10.0.0.1', skipTLSVerify: false },
        }
      : undefined,
  )
})
