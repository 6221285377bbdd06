import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Connection } from '../../src/adapters/kubernetes/connect.ts'
import { ApiServer, json, ok, status } from './kubernetes-server.ts'

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

describe('lists', () => {
  const page = (names: string[], token = ''): unknown => ({
    metadata: { resourceVersion: '7', continue: token },
    items: names.map((name) => ({ metadata: { name } })),
  })
  const names = async (): Promise<string[]> =>
    (await cluster.list({ apiVersion: 'v1', kind: 'Pod' }, { namespace: 'api', labelSelector: 'a=b' }, signal)).map(
      ({ metadata }) => metadata.name,
    )

  test('come page by page, with kind and apiVersion', async () => {
    server.answer(({ query }, response) =>
      json(response, 200, query.get('continue') === null ? page(['a'], 'next') : page(['b'])),
    )
    const pods = await cluster.list({ apiVersion: 'v1', kind: 'Pod' }, { namespace: 'api' }, signal)
    expect(pods).toEqual([
      { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' } },
      { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'b' } },
    ])
    expect(server.asked.map(({ query }) => query.get('limit'))).toEqual(['500', '500'])
  })

  test('start again in one piece when the pages have expired', async () => {
    server.answers(ok(page(['a'], 'next')), status(410, 'Expired'), ok(page(['a', 'b'])))
    expect(await names()).toEqual(['a', 'b'])
    expect(server.asked.map(({ query }) => query.get('limit'))).toEqual(['500', '500', null])
  })
})

describe('the service proxy', () => {
  const ask = (): Promise<unknown> =>
    cluster.ask({ namespace: 'api', service: 'app', port: 8000, path: '/health?deep=1' }, signal)

  test("tells the application's own answer, once", async () => {
    server.answer((_, response) => void response.writeHead(503, { 'content-type': 'text/plain' }).end('starting'))
    expect(await ask()).toEqual({ status: 503, body: 'starting' })
    expect(server.asked.map(({ path, query }) => [path, query.get('deep')])).toEqual([
      ['/api/v1/namespaces/api/services/app%3A8000/proxy/health', '1'],
    ])
  })

  test("the application's 403 is an answer, the API server's is not", async () => {
    server.answers(
      (_, response) => json(response, 403, { error: 'login first' }),
      status(403, 'Forbidden', 'User "ops" cannot get resource "services/proxy"'),
    )
    expect(await ask()).toEqual({ status: 403, body: '{"error":"login first"}' })
    await expect(ask()).rejects.toMatchObject({
      code: 'E_FORBIDDEN',
      message: 'ops may not get services/proxy in namespace api',
    })
  })
})
