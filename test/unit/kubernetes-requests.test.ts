import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { connectCluster, type Connection } from '../../src/adapters/kubernetes/connect.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { ApiServer, ok, reset, status, writeKubeconfig, type Reply } from './kubernetes-server.ts'
import { kubectl, type Hint } from '../../src/hint.ts'

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

const get = (): Promise<unknown> => cluster.get(POD, signal)
const create = (): Promise<unknown> =>
  cluster.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x', namespace: 'api' } }, signal)

/** Lets pauses pass as they come, until the call has ended. */
async function through<T>(call: Promise<T>): Promise<T> {
  const state = { ended: false }
  const watched = call.finally(() => (state.ended = true))
  watched.catch(() => undefined)
  for (let round = 0; round < 400; round += 1) {
    if (state.ended) break
    await server.clock.advance(server.clock.pending === 0 ? 0 : 100)
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  return await watched
}

describe('connections', () => {
  // undici may open a second one before the first answer is quite read.
  test('requests share connections, and the token goes with each', async () => {
    server.answer(ok({ kind: 'Pod' }))
    for (let count = 0; count < 20; count += 1) await get()
    expect(server.connections).toBeLessThanOrEqual(2)
    expect(server.asked.every(({ headers }) => headers.authorization === 'Bearer secret')).toBe(true)
    expect(cluster.requests()).toBe(20)
  })

  test('an error answer does not cost the connection', async () => {
    server.answers(status(404, 'NotFound'), ok({ kind: 'Pod' }))
    expect(await get()).toBeUndefined()
    for (let count = 0; count < 10; count += 1) await get()
    expect(server.connections).toBeLessThanOrEqual(2)
  })

  test('an aborted call ends with the reason of its signal', async () => {
    const abort = new AbortController()
    server.answer(() => abort.abort(new Error('enough')))
    await expect(cluster.get(POD, abort.signal)).rejects.toThrow('enough')
    await expect(cluster.get(POD, abort.signal)).rejects.toThrow('enough')
    expect(server.asked).toHaveLength(1)
  })
})

describe('retries', () => {
  test.each<[string, Reply, () => Promise<unknown>, number]>([
    ['429 of a read', status(429, 'TooManyRequests', '', {}, { 'retry-after': '1' }), get, 3],
    ['429 of a write: nothing was done', status(429, 'TooManyRequests', '', {}, { 'retry-after': '1' }), create, 3],
    ['500 of a read', status(500), get, 3],
    ['503 of a read', status(503), get, 3],
    ['a reset of a read', reset, get, 3],
  ])('%s', async (_, fault, call, requests) => {
    server.answers(fault, fault, ok({ kind: 'Pod' }))
    expect(await through(call())).toEqual({ kind: 'Pod' })
    expect(server.asked).toHaveLength(requests)
  })

  test('Retry-After is kept, by the clock', async () => {
    server.answers(status(429, '', '', {}, { 'retry-after': '7' }), ok({ kind: 'Pod' }))
    const call = get()
    while (server.clock.pending === 0) await new Promise((resolve) => setTimeout(resolve, 1))
    await server.clock.advance(6_999)
    expect(server.asked).toHaveLength(1)
    await server.clock.advance(1)
    await call
    expect(server.asked).toHaveLength(2)
  })

  test.each<[string, Reply]>([
    ['500', status(500)],
    ['a reset', reset],
  ])('%s of a write that is not idempotent ends it', async (_, fault) => {
    server.answer(fault)
    await expect(through(create())).rejects.toMatchObject({ code: 'E_CLUSTER_UNREACHABLE' })
    expect(server.asked).toHaveLength(1)
  })

  test.each<[string, Reply, string]>([
    ['429', status(429, 'TooManyRequests', 'too many'), 'keeps answering 429: too many'],
    ['503', status(503, '', 'etcd is away'), 'keeps answering 503: etcd is away'],
    ['a reset', reset, 'does not answer at'],
  ])('%s for ever ends, too', async (_, fault, says) => {
    server.answer(fault)
    await expect(through(get())).rejects.toMatchObject({
      code: 'E_CLUSTER_UNREACHABLE',
      exitStatus: 7,
      message: expect.stringContaining(says),
    })
    expect(server.asked.length).toBeLessThanOrEqual(6)
  })
})

describe('refusals', () => {
  test.each<[string, Reply, string, number, string, Hint]>([
    [
      'RBAC',
      status(
        403,
        'Forbidden',
        'pods "x" is forbidden: User "ops" cannot get resource "pods" in API group "" in the namespace "api"',
      ),
      'E_FORBIDDEN',
      3,
      'ops may not get pods in namespace api',
      kubectl(['auth', 'can-i', 'get', 'pods'], 'api'),
    ],
    [
      'policy',
      status(403, 'Forbidden', 'admission webhook denied it'),
      'E_FORBIDDEN',
      3,
      'cannot get pods/x in namespace api: admission webhook denied it',
      kubectl(['auth', 'can-i', 'get', 'pods'], 'api'),
    ],
    [
      'quota',
      status(403, 'Forbidden', 'exceeded quota: q'),
      'E_QUOTA',
      5,
      'exceeded quota: q',
      kubectl(['describe', 'resourcequota'], 'api'),
    ],
    [
      'invalid',
      status(422, 'Invalid', 'spec is wrong'),
      'E_API_REFUSED',
      3,
      'cannot get pods/x in namespace api: spec is wrong',
      kubectl(['get', 'pods', 'x'], 'api'),
    ],
    [
      'conflict',
      status(409, 'Conflict', 'has been modified'),
      'E_API_CONFLICT',
      3,
      'cannot get pods/x in namespace api: has been modified',
      kubectl(['get', 'pods', 'x'], 'api'),
    ],
    [
      'terminating',
      status(403, 'Forbidden', 'no', { causes: [{ reason: 'NamespaceTerminating' }] }),
      'E_NAMESPACE_TERMINATING',
      3,
      'namespace api is being deleted',
      kubectl(['wait', '--for=delete', 'namespace/api', '--timeout=5m']),
    ],
    [
      'a proxy in between',
      (_, response) => void response.writeHead(418).end('<html>teapot</html>'),
      'E_CLUSTER_UNREACHABLE',
      7,
      'it is no Kubernetes API server',
      kubectl(['cluster-info']),
    ],
  ])('%s', async (_, reply, code, exitStatus, message, hint) => {
    server.answer(reply)
    await expect(get()).rejects.toMatchObject({
      code,
      exitStatus,
      message: expect.stringContaining(message),
      hint,
    })
  })

  test('401: the credentials are renewed once, then refused', async () => {
    server.answer(status(401, 'Unauthorized'))
    await expect(get()).rejects.toMatchObject({
      code: 'E_CLUSTER_CREDENTIALS',
      exitStatus: 7,
      message: 'the credentials of user ops (context prod-eu) are refused: the API server does not accept them',
    })
    expect(server.asked).toHaveLength(2)
  })

  test('a 409 of create is "exists", another 409 is not', async () => {
    server.answers(status(409, 'AlreadyExists'), status(409, 'Conflict', 'namespace is changing'))
    expect(await create()).toBeUndefined()
    await expect(create()).rejects.toMatchObject({ code: 'E_API_CONFLICT' })
  })

  test('a kind that is not served names where it would be', async () => {
    const discovery = {
      kind: 'APIGroupDiscoveryList',
      items: [
        {
          metadata: { name: 'batch' },
          versions: [
            {
              version: 'v1',
              resources: [{ resource: 'cronjobs', responseKind: { kind: 'CronJob' }, scope: 'Namespaced' }],
            },
          ],
        },
      ],
    }
    server.answer(ok(discovery))
    await expect(cluster.get({ ...POD, apiVersion: 'batch/v1beta1', kind: 'CronJob' }, signal)).rejects.toMatchObject({
      code: 'E_KIND_UNKNOWN',
      message: 'the cluster serves CronJob not as batch/v1beta1, but as batch/v1',
    })
    await cluster.resources(signal)
    expect(server.asked.map(({ path }) => path)).toEqual(['/api', '/apis'])
  })
})

describe('clusters out of reach', () => {
  const connect = async (url: string): Promise<Connection> =>
    await connectCluster({ kubeconfig: writeKubeconfig(url), clock: new FakeClock() })

  test('nobody listens: at once, with server, context and a command', async () => {
    const free = createServer()
    await new Promise<void>((resolve) => free.listen(0, '127.0.0.1', resolve))
    const { port } = free.address() as AddressInfo
    await new Promise((resolve) => free.close(resolve))
    const other = await connect(`http://127.0.0.1:${port}`)
    await expect(other.version(signal)).rejects.toMatchObject({
      code: 'E_CLUSTER_UNREACHABLE',
      message: `the cluster of context prod-eu does not answer at http://127.0.0.1:${port}: connection refused`,
      hint: kubectl(['cluster-info']),
    })
  })

  test('the host does not exist', async () => {
    const other = await connect('https://cluster.invalid')
    await expect(other.version(signal)).rejects.toMatchObject({
      code: 'E_CLUSTER_UNREACHABLE',
      message: expect.stringContaining('the host name'),
    })
  })

  test('what answers is no API server', async () => {
    server.answer((_, response) => void response.end('<html>welcome</html>'))
    await expect(cluster.version(signal)).rejects.toMatchObject({
      code: 'E_CLUSTER_UNREACHABLE',
      message: expect.stringContaining('something answers there, but it is no Kubernetes API server'),
    })
    expect(server.asked).toHaveLength(1)
  })

  test('what answers does not speak TLS', async () => {
    const other = await connect(`https://127.0.0.1:${server.port}`)
    await expect(other.version(signal)).rejects.toMatchObject({
      code: 'E_CLUSTER_CREDENTIALS',
      message: `no trusted connection to https://127.0.0.1:${server.port} (context prod-eu): what answers there does not speak TLS`,
    })
  })
})
