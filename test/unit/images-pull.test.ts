import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { networkInterfaces } from 'node:os'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { systemClock } from '../../src/adapters/clock.ts'
import { registries } from '../../src/adapters/images/registry.ts'
import type { PullLogin } from '../../src/domain/images/keyring.ts'
import type { Clock, Pullable, Registries } from '../../src/ports.ts'

const never = new AbortController().signal
const DIGEST = `sha256:${'d'.repeat(64)}`

type Answer = (request: IncomingMessage, response: ServerResponse) => void

let host = ''
let server: Server
let asked: string[] = []
let answer: Answer

beforeEach(async () => {
  asked = []
  server = createServer((request, response) => {
    asked.push(`${request.method ?? ''} ${request.url ?? ''} ${request.headers.authorization ?? '-'}`)
    answer(request, response)
  })
  server.listen(0, '0.0.0.0')
  await once(server, 'listening')
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterEach(() => {
  server.closeAllConnections()
  server.close()
})

/** With a login of this machine's user, which must never be used. */
function fresh(clock: Clock = systemClock): Registries {
  return registries({ clock, env: { REGISTRY_AUTH_FILE: '/nowhere/auth.json' }, home: '/nowhere' })
}

async function pull(ref: string, logins: readonly PullLogin[] = [], platforms = false): Promise<Pullable> {
  return await fresh().pull(ref, { logins, platforms }, never)
}

const login = (user: string): PullLogin => ({ secret: 'pull', user, password: 'right' })
const basic = (user: string): string => `Basic ${Buffer.from(`${user}:right`).toString('base64')}`
const there = (response: ServerResponse): void =>
  void response.writeHead(200, { 'docker-content-digest': DIGEST }).end()
const failed = (response: ServerResponse, status: number, code: string): void =>
  void response.writeHead(status).end(JSON.stringify({ errors: [{ code }] }))

const wants =
  (...users: readonly string[]): Answer =>
  ({ headers }, response) => {
    if (users.some((user) => headers.authorization === basic(user))) there(response)
    else response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end()
  }

describe('an image', () => {
  test.each<[string, Answer, Pullable]>([
    ['there', (_, response) => there(response), { is: 'there', digest: DIGEST }],
    ['absent', (_, response) => failed(response, 404, 'MANIFEST_UNKNOWN'), { is: 'absent' }],
    ['denied', (_, response) => failed(response, 403, 'DENIED'), { is: 'denied' }],
    ['denied to nobody in particular', wants('ci'), { is: 'denied' }],
    [
      'said to be absent by what is no registry',
      (_, response) => void response.writeHead(404).end('<html>'),
      {
        ...{ is: 'unknown', why: 'it answers with status 404' },
      },
    ],
    [
      'denied by what is no registry',
      (_, response) => void response.writeHead(403).end(),
      {
        ...{ is: 'unknown', why: 'it answers with status 403' },
      },
    ],
    [
      'denied without a word',
      (_, response) => void response.writeHead(401).end(),
      {
        ...{ is: 'unknown', why: 'it answers with status 401' },
      },
    ],
    [
      'asked for too often',
      (_, response) => void response.writeHead(429).end(),
      {
        ...{ is: 'unknown', why: 'it answers with status 429' },
      },
    ],
  ])('%s', async (_, says, result) => {
    answer = says
    expect(await pull(`${host}/acme/app:1`)).toEqual(result)
  })

  test('is asked for with the logins in their order, until one is good', async () => {
    answer = wants('second')
    expect(await pull(`${host}/acme/app:1`, [login('first'), login('second'), login('third')])).toMatchObject({
      is: 'there',
    })
    expect(asked.map((one) => one.split(' ').slice(2).join(' '))).toEqual(['-', basic('first'), '-', basic('second')])
    expect(await pull(`${host}/acme/app:1`, [login('first')])).toEqual({ is: 'denied' })
    // As nobody in particular.
    expect(await pull(`${host}/acme/app:1`, [{ secret: 'pull', user: '', password: '' }])).toEqual({ is: 'denied' })
  })

  test('that one login may see, and that is not there', async () => {
    answer = ({ headers }, response) => {
      if (headers.authorization === basic('ci')) failed(response, 404, 'MANIFEST_UNKNOWN')
      else response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end()
    }
    expect(await pull(`${host}/acme/app:1`, [login('ci'), login('other')])).toEqual({ is: 'absent' })
  })

  test('of Docker Hub by a short name is library/…', async () => {
    answer = (_, response) => there(response)
    await pull(`${host}/app`)
    expect(asked).toEqual(['HEAD /v2/app/manifests/latest -'])
  })
})

describe('tokens', () => {
  const tokens =
    (status: number): Answer =>
    ({ url = '', headers }, response) => {
      if (url.startsWith('/token')) response.writeHead(status).end(JSON.stringify({ token: 'short-lived' }))
      else if (headers.authorization === 'Bearer short-lived') there(response)
      else response.writeHead(401, { 'www-authenticate': `Bearer realm="http://${host}/token",service="s"` }).end()
    }

  test.each<[number, Pullable]>([
    [200, { is: 'there', digest: DIGEST }],
    [401, { is: 'denied' }],
    [403, { is: 'denied' }],
    [429, { is: 'unknown', why: 'what gives out its tokens answers with status 429' }],
    [503, { is: 'unknown', why: 'what gives out its tokens answers with status 503' }],
  ])('where the answer is %i', async (status, result) => {
    answer = tokens(status)
    expect(await pull(`${host}/acme/app:1`, [login('ci')])).toEqual(result)
    expect(asked[1]).toMatch(/^GET \/token\?scope=repository%3Aacme%2Fapp%3Apull&service=s Basic /u)
  })
})

describe('platforms', () => {
  const body = (json: unknown): Answer =>
    function answerTo({ method, url = '' }, response) {
      if (url.includes('/blobs/')) response.end(JSON.stringify({ os: 'linux', architecture: 'arm64' }))
      else if (method === 'HEAD') there(response)
      else response.end(JSON.stringify(json))
    }

  test.each<[string, unknown, readonly string[] | undefined]>([
    [
      'of an index, without its attestations',
      {
        manifests: [
          { platform: { os: 'linux', architecture: 'arm64', variant: 'v8' } },
          { platform: { os: 'linux', architecture: 'amd64' } },
          { platform: { os: 'unknown', architecture: 'unknown' } },
          {},
        ],
      },
      ['linux/amd64', 'linux/arm64'],
    ],
    ['of one image', { config: { digest: DIGEST } }, ['linux/arm64']],
    ['of what has none', { config: {} }, undefined],
    ['of an address that is none', { config: { digest: '../../x' } }, undefined],
    ['of a list', [], undefined],
  ])('%s', async (_, manifest, platforms) => {
    answer = body(manifest)
    const wanted = platforms === undefined ? {} : { platforms }
    expect(await pull(`${host}/app:1`, [], true)).toEqual({ is: 'there', digest: DIGEST, ...wanted })
  })

  test('are not told: it is there all the same', async () => {
    answer = ({ method, url = '' }, response) => {
      if (url.includes('/blobs/')) response.socket?.destroy()
      else if (method === 'HEAD') there(response)
      else response.end(JSON.stringify({ config: { digest: DIGEST } }))
    }
    expect(await pull(`${host}/app:1`, [], true)).toEqual({ is: 'there', digest: DIGEST })
  })
})

describe('a registry', () => {
  test('that is silent is asked for nothing more', async () => {
    const hurried = { ...systemClock, after: async () => await Promise.resolve() }
    answer = () => undefined
    const one = fresh(hurried)
    const silent = { is: 'unknown', why: 'it gives no answer within 5 s' }
    expect(await one.pull(`${host}/app:1`, { logins: [], platforms: false }, never)).toEqual(silent)
    const before = asked.length
    expect(await one.pull(`${host}/app:2`, { logins: [], platforms: false }, never)).toEqual(silent)
    expect(asked).toHaveLength(before)
  })

  test('that is not there', async () => {
    server.close()
    await once(server, 'close')
    expect(await pull(`${host}/app:1`)).toEqual({ is: 'unknown', why: 'it does not answer (ECONNREFUSED)' })
  })

  test('that breaks off', async () => {
    answer = (_, response) => {
      response.writeHead(404, { 'content-length': '100' })
      response.write('{')
      response.socket?.destroy()
    }
    expect(await pull(`${host}/app:1`)).toMatchObject({ is: 'unknown' })
  })

  test('on an address of this machine may do without TLS, and gets the login', async () => {
    const own = Object.values(networkInterfaces())
      .flatMap((all) => all ?? [])
      .find(({ family, internal }) => family === 'IPv4' && !internal)
    answer = wants('ci')
    const ref = `${own?.address ?? '127.0.0.1'}:${host.split(':')[1] ?? ''}/app:1`
    expect(await pull(ref, [login('ci')])).toEqual({ is: 'there', digest: DIGEST })
  })

  test('elsewhere that speaks no TLS is asked without the login', async () => {
    answer = wants('ci')
    // No address of this machine by its letters.
    const ref = `0.0.0.0:${host.split(':')[1] ?? ''}/app:1`
    expect(await pull(ref, [login('ci')])).toEqual({
      is: 'unknown',
      why: 'it wants a login, and speaks no HTTPS: forge sends none over an open wire',
    })
    expect(await pull(ref)).toEqual({ is: 'denied' })
    expect(asked.filter((one) => !one.endsWith(' -'))).toEqual([])
  })

  test.each(['BAD', 'a@b'])('%s is no reference', async (ref) =>
    expect(await pull(ref)).toMatchObject({ is: 'unknown' }),
  )

  test('an interrupted question ends with the reason', async () => {
    const stop = new AbortController()
    answer = () => stop.abort(new Error('stopped'))
    await expect(fresh().pull(`${host}/app:1`, { logins: [], platforms: false }, stop.signal)).rejects.toThrow(
      'stopped',
    )
  })
})
