import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { systemClock } from '../../src/adapters/clock.ts'
import { registries } from '../../src/adapters/images/registry.ts'
import type { Clock, Registered } from '../../src/ports.ts'

const never = new AbortController().signal
const DIGEST = `sha256:${'d'.repeat(64)}`

type Answer = (request: IncomingMessage, response: ServerResponse) => void

let home = ''
let host = ''
let server: Server
let asked: string[] = []
let answer: Answer = (_, response) => response.writeHead(404).end()

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'forge-registry-'))
  asked = []
  server = createServer((request, response) => {
    asked.push(`${request.method ?? ''} ${request.url ?? ''} ${request.headers.authorization ?? '-'}`)
    answer(request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterEach(async () => {
  server.closeAllConnections()
  server.close()
  await rm(home, { recursive: true, force: true })
})

async function look(ref: string, env: NodeJS.ProcessEnv = {}, clock: Clock = systemClock): Promise<Registered> {
  return await registries({ clock, env, home }).look(ref, never)
}

async function write(file: string, content: unknown): Promise<string> {
  const path = join(home, file)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

const basic = (text: string): string => Buffer.from(text).toString('base64')

describe('a registry', () => {
  test('that has it tells its digest; the digest itself can be asked for too', async () => {
    answer = (_, response) => response.writeHead(200, { 'docker-content-digest': DIGEST }).end()
    expect(await look(`${host}/acme/app:1`)).toEqual({ is: 'there', digest: DIGEST })
    expect(await look(`${host}/acme/app:1@${DIGEST}`)).toEqual({ is: 'there', digest: DIGEST })
    expect(asked).toEqual(['HEAD /v2/acme/app/manifests/1 -', `HEAD /v2/acme/app/manifests/${DIGEST} -`])
  })

  test('that tells no digest is asked for what it is of', async () => {
    answer = ({ method }, response) => response.writeHead(200).end(method === 'GET' ? '{"manifest":1}' : '')
    const digest = `sha256:${createHash('sha256').update('{"manifest":1}').digest('hex')}`
    expect(await look(`${host}/app`)).toEqual({ is: 'there', digest })
    expect(asked.at(-1)).toBe('GET /v2/app/manifests/latest -')
  })

  test.each([
    [404, { is: 'absent' }],
    [401, { is: 'unknown', why: 'it wants a login, and there is none' }],
    [403, { is: 'unknown', why: 'it wants a login, and there is none' }],
    [500, { is: 'unknown', why: 'it answers with status 500' }],
  ])('status %i', async (status, registered) => {
    answer = (_, response) => response.writeHead(status).end()
    expect(await look(`${host}/acme/app:1`)).toEqual(registered)
  })

  test('that is not there, or drops the connection', async () => {
    answer = (request) => request.socket.destroy()
    expect(await look(`${host}/acme/app:1`)).toMatchObject({
      is: 'unknown',
      why: expect.stringContaining('it does not answer'),
    })
    server.close()
    server.closeAllConnections()
    expect(await look(`${host}/acme/app:1`)).toEqual({ is: 'unknown', why: 'it does not answer (ECONNREFUSED)' })
  })

  test('that says nothing is not waited for', async () => {
    const hurried = { ...systemClock, after: async () => await Promise.resolve() }
    answer = () => undefined
    expect(await look(`${host}/acme/app:1`, {}, hurried)).toEqual({ is: 'unknown', why: 'no answer within 15 s' })
  })
})

describe('a login', () => {
  const wants = (user: string): Answer =>
    function answerTo({ headers }, response) {
      const isRight = headers.authorization === `Basic ${basic(user)}`
      if (isRight) response.writeHead(200, { 'docker-content-digest': DIGEST }).end()
      else response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end()
    }

  test.each([
    ['.docker/config.json', {}],
    ['.config/containers/auth.json', {}],
    ['run/containers/auth.json', { XDG_RUNTIME_DIR: 'run' }],
    ['docker/config.json', { DOCKER_CONFIG: 'docker' }],
    ['auth.json', { REGISTRY_AUTH_FILE: 'auth.json' }],
  ])('is taken from %s', async (file, env) => {
    answer = wants('ci:right:1')
    await write(file, { auths: { [host]: { auth: basic('ci:right:1') } } })
    const places = Object.fromEntries(Object.entries(env).map(([name, path]) => [name, join(home, path)]))
    expect(await look(`${host}/acme/app:1`, places)).toEqual({ is: 'there', digest: DIGEST })
  })

  test('for a part of a registry goes before that for all of it', async () => {
    answer = wants('acme:right')
    const auths = { [host]: { auth: basic('all:wrong') }, [`${host}/acme`]: { auth: basic('acme:right') } }
    await write('.config/containers/auth.json', { auths })
    expect(await look(`${host}/acme/app:1`)).toEqual({ is: 'there', digest: DIGEST })
    expect(await look(`${host}/other/app:1`)).toEqual({ is: 'unknown', why: 'the login here is not allowed to look' })
  })

  test('is asked of a credential helper, which gets the host on stdin', async () => {
    answer = wants('ci:helped')
    const helper = await write(
      'bin/docker-credential-test',
      `#!/bin/sh\n[ "$1" = get ] && [ "$(cat)" = "${host}" ] && echo '{"Username":"ci","Secret":"helped"}'\n`,
    )
    await chmod(helper, 0o755)
    const path = process.env['PATH']
    process.env['PATH'] = `${join(home, 'bin')}:${path ?? ''}`
    try {
      await write('.docker/config.json', { credsStore: 'missing', credHelpers: { [host]: 'test' } })
      expect(await look(`${host}/acme/app:1`)).toEqual({ is: 'there', digest: DIGEST })
      await write('.docker/config.json', { credsStore: '../../bin/sh' })
      expect(await look(`${host}/acme/app:1`)).toMatchObject({ is: 'unknown' })
    } finally {
      process.env['PATH'] = path
    }
  })

  test('a file that is garbled is no login', async () => {
    answer = wants('ci:right')
    for (const text of ['', '[]', '{"auths": {"x": 1}}', '{"auths": 1, "credHelpers": []}']) {
      await write('.docker/config.json', text)
      expect(await look(`${host}/acme/app:1`)).toEqual({ is: 'unknown', why: 'it wants a login, and there is none' })
    }
  })
})

describe('a registry that gives out tokens', () => {
  const tokens =
    (realm: string): Answer =>
    ({ url = '', headers }, response) => {
      if (url.startsWith('/token')) response.end(JSON.stringify({ token: 'short-lived' }))
      else if (headers.authorization === 'Bearer short-lived')
        response.writeHead(200, { 'docker-content-digest': DIGEST }).end()
      else {
        const challenge = `Bearer realm="${realm}",service="registry",scope="repository:acme/app:pull"`
        response.writeHead(401, { 'www-authenticate': challenge }).end()
      }
    }

  test('gives one to nobody in particular', async () => {
    answer = tokens(`http://${host}/token`)
    expect(await look(`${host}/acme/app:1`)).toEqual({ is: 'there', digest: DIGEST })
    expect(asked[1]).toBe('GET /token?scope=repository%3Aacme%2Fapp%3Apull&service=registry -')
  })

  test('gives one for a login, or for the token that stands for it', async () => {
    answer = tokens(`http://${host}/token`)
    await write('.docker/config.json', { auths: { [host]: { auth: basic('ci:right') } } })
    expect(await look(`${host}/acme/app:1`)).toEqual({ is: 'there', digest: DIGEST })
    expect(asked[1]).toMatch(new RegExp(`^GET /token\\?.* Basic ${basic('ci:right')}$`, 'u'))
    asked = []
    await write('.docker/config.json', { auths: { [host]: { identitytoken: 'long-lived' } } })
    expect(await look(`${host}/acme/app:1`)).toEqual({ is: 'there', digest: DIGEST })
    expect(asked[1]).toBe('POST /token -')
  })

  test.each(['nothing', 'file:///etc/passwd', ''])('at an address that is none: %j', async (realm) => {
    answer = tokens(realm)
    expect(await look(`${host}/acme/app:1`)).toMatchObject({ is: 'unknown' })
  })
})
