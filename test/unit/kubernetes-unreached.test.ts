import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectCluster, type Connection } from '../../src/adapters/kubernetes/connect.ts'
import type { ForgeError } from '../../src/errors.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { ApiServer, status, type Reply } from './kubernetes-server.ts'

// What is said of a cluster that could not be asked, or of which somebody else answered: never that the API server did.

const POD = { apiVersion: 'v1', kind: 'Pod', namespace: 'api', name: 'x' }
const { signal } = new AbortController()

let server: ApiServer
let cluster: Connection

beforeEach(async () => {
  server = new ApiServer()
  cluster = await server.connect()
})

afterEach(async () => {
  await cluster.close()
  await server.close()
})

interface Entry {
  readonly cluster?: Readonly<Record<string, unknown>>
  readonly user?: Readonly<Record<string, unknown>>
}

async function failure({
  cluster: more = {},
  user = { token: 'x' },
}: Entry): Promise<ForgeError['details'] & Pick<ForgeError, 'code' | 'message'>> {
  const file = join(mkdtempSync(join(tmpdir(), 'forge-unreached-')), 'config')
  const place = { server: `http://127.0.0.1:${server.port}`, ...more }
  const config = {
    ...{ apiVersion: 'v1', kind: 'Config', 'current-context': 'prod' },
    clusters: [{ name: 'c', cluster: place }],
    users: [{ name: 'ops', user }],
    contexts: [{ name: 'prod', context: { cluster: 'c', user: 'ops' } }],
  }
  writeFileSync(file, JSON.stringify(config))
  const found: unknown = await connectCluster({ kubeconfig: file, clock: new FakeClock() })
    .then(async (connection) => await connection.get(POD, signal).finally(async () => await connection.close()))
    .catch((error: unknown) => error)
  const { code, message, details } = found as ForgeError
  return { ...details, code, message }
}

const text =
  (code: number, body: string, type = 'text/html'): Reply =>
  (_, response) =>
    void response.writeHead(code, { 'content-type': type }).end(body)

test('nobody listens: nothing was asked', async () => {
  expect(await failure({ cluster: { server: 'https://127.0.0.1:1' } })).toMatchObject({
    code: 'E_CLUSTER_UNREACHABLE',
    chain: ['context prod', 'https://127.0.0.1:1', 'connection refused: nothing was asked'],
  })
})

test('it is the proxy that does not answer', async () => {
  expect(
    await failure({ cluster: { server: 'https://cluster.invalid', 'proxy-url': 'http://127.0.0.1:1' } }),
  ).toMatchObject({
    code: 'E_CLUSTER_UNREACHABLE',
    message: 'the proxy http://127.0.0.1:1 before the cluster of context prod does not answer: connection refused',
    chain: ['context prod', 'proxy http://127.0.0.1:1', 'connection refused: nothing was asked'],
  })
})

test.each([400, 403, 404, 405])('a page with status %i is no answer of an API server', async (code) => {
  server.answer(text(code, '<html>gateway</html>'))
  await expect(cluster.get(POD, signal)).rejects.toMatchObject({
    code: 'E_CLUSTER_UNREACHABLE',
    message: expect.stringContaining('something answers there, but it is no Kubernetes API server'),
  })
})

test('http:// to a port that speaks HTTPS says just that', async () => {
  server.answer(text(400, 'Client sent an HTTP request to an HTTPS server.\n', 'text/plain'))
  expect(await failure({})).toMatchObject({
    code: 'E_CLUSTER_UNREACHABLE',
    message: expect.stringMatching(/: it speaks HTTPS, and the kubeconfig says http:\/\/$/u),
  })
})

describe('a 401', () => {
  beforeEach(() => void server.answer(status(401, 'Unauthorized')))

  test('of somebody without credentials does not say that they are refused', async () => {
    expect(await failure({ user: {} })).toMatchObject({
      code: 'E_CLUSTER_CREDENTIALS',
      message: 'user ops (context prod) has no credentials, and the API server wants some',
    })
  })
})

test('one that cannot answer is named, with what it said', async () => {
  server.answer(text(503, 'upstream connect error', 'text/plain'))
  const call = cluster.create(
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x', namespace: 'api' } },
    signal,
  )
  await expect(call).rejects.toMatchObject({
    code: 'E_CLUSTER_UNREACHABLE',
    details: expect.objectContaining({ where: 'context prod-eu' }),
  })
})

test.each([
  [
    'a server that is no address',
    { cluster: { server: 'not a url' } },
    /the server of cluster c is no address: not a url/u,
  ],
  [
    'an authority that is not there',
    { cluster: { server: 'https://127.0.0.1:1', 'certificate-authority': '/nonexistent/ca' } },
    /names \/nonexistent\/ca, which cannot be read/u,
  ],
])('%s is a fault of the kubeconfig', async (_, entry, message) => {
  expect(await failure(entry)).toMatchObject({ code: 'E_KUBECONFIG_INVALID', message: expect.stringMatching(message) })
})
