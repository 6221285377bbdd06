import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { execa } from 'execa'
import { forgeHere, kubectl } from '../support/cluster.ts'
import { startForge } from '../support/forge.ts'
import { apply, deployment, until } from '../support/pods.ts'
import { accountKubeconfig } from '../support/read-only.ts'
import { testSandbox } from '../support/sandbox.ts'
import { forgeOnTerminal } from '../support/terminal.ts'
import { says } from '../support/says.ts'
import { tinyDeployed as deployed } from '../support/tiny-deployed.ts'

const LARGE = Buffer.alloc(8 * 1024 * 1024, 'forge')

/** What the simulated pods lead to. */
let server: Server
let port: number
let sandbox: string

beforeAll(async () => {
  ;({ name: sandbox } = await testSandbox())
  server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () =>
      response.end(request.method === 'POST' ? Buffer.concat(chunks) : `hello from ${request.url}`),
    )
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  ;({ port } = server.address() as AddressInfo)
})
afterAll(() => void server.close())

const served = (ports: readonly object[], steer: Readonly<Record<string, string>> = {}) => [
  deployment({
    name: 'api',
    steer: { forward: `8080=${port}`, ...steer },
    spec: {
      containers: [{ name: 'main', image: 'example.test/main:1', ports: [{ containerPort: 8080, name: 'serve' }] }],
    },
  }),
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'api' },
    spec: { selector: { 'app.kubernetes.io/name': 'api' }, ports },
  },
]
const HTTP = { name: 'http', port: 80, targetPort: 'serve' }

function start(words: readonly string[]): ReturnType<typeof startForge> {
  return startForge(words, { env: { FORGE_SANDBOX: sandbox } })
}

async function addressOf(run: ReturnType<typeof startForge>): Promise<string> {
  let seen = ''
  run.stdout.on('data', (chunk: Buffer) => (seen += chunk.toString()))
  await says(run, /^http:\/\/127\.0\.0\.1:\d+$/mu)
  return seen.trim()
}

test('open leads to a pod, goes on with the next one when it goes, and ends with 0 on Ctrl-C', async () => {
  const { namespace, args } = await deployed('open')
  await apply(namespace, ...served([HTTP, { name: 'admin', port: 9000 }]))
  await until(namespace, 'deployment', ['api'], 'jsonpath={.status.readyReplicas}=1')
  const open = start(['open', 'api', ...args])
  const address = await addressOf(open)
  expect(await (await fetch(`${address}/a`)).text()).toBe('hello from /a')
  const echo = await fetch(address, { method: 'POST', body: LARGE })
  expect(Buffer.from(await echo.arrayBuffer()).equals(LARGE)).toBe(true)

  await kubectl(['delete', 'pod', '-l', 'app.kubernetes.io/name=api', '-n', namespace])
  // One that comes while there is no pod waits for it.
  expect(await (await fetch(`${address}/b`, { headers: { connection: 'close' } })).text()).toBe('hello from /b')
  open.kill('SIGINT')
  const { exitCode, stderr } = await open
  expect(exitCode).toBe(0)
  expect(stderr).toMatch(
    /^· leads to (api-\S+); Ctrl-C ends it\n· \1 is (?:gone|not ready any more); (?:no pod of api is ready.*\n· )*(?!\1)api-\S+ goes on$/mu,
  )
  await expect(fetch(address)).rejects.toThrow('fetch failed')
})

test('open says why no pod is ready any more, once, and goes on with the next one', async () => {
  const { namespace, args } = await deployed('open-none')
  const open = start(['open', 'web', '--port', '80', ...args])
  await addressOf(open)
  await kubectl(['scale', 'deployment', 'web', '--replicas=0', '-n', namespace])
  await says(open, /^· web-\S+ is (?:gone|not ready any more); no pod of web is ready: scaled to 0$/mu, 'stderr')
  await kubectl(['scale', 'deployment', 'web', '--replicas=1', '-n', namespace])
  await says(open, /^· web-\S+ goes on$/mu, 'stderr')
  open.kill('SIGINT')
  const { exitCode, stderr } = await open
  expect(exitCode).toBe(0)
  // What comes between is the way up: each reason once.
  const lines = stderr.split('\n')
  expect(new Set(lines).size).toBe(lines.length)
})

test('open --browser gives the address to what this system opens things with; Ctrl-C ends both', async () => {
  const { args } = await deployed('open-browser')
  const folder = await mkdtemp(join(tmpdir(), 'forge-browser-'))
  const said = join(folder, 'said')
  await execa('mkfifo', [said])
  await writeFile(join(folder, 'xdg-open'), `#!/bin/sh\necho "$# $1" >'${said}'\nexec sleep 600\n`, { mode: 0o755 })
  const env = { FORGE_SANDBOX: sandbox, BROWSER: undefined, PATH: `${folder}:${process.env['PATH']}` }
  const words = ['open', 'web', '--port', '80', '--browser', ...args]
  const open = startForge(words, { env })
  const [address, shown] = await Promise.all([addressOf(open), readFile(said, 'utf8')])
  expect(shown).toBe(`1 ${address}\n`)
  open.kill('SIGINT')
  const { exitCode, stderr } = await open
  expect({ exitCode, lines: stderr.split('\n').length }).toEqual({ exitCode: 0, lines: 1 })

  const without = startForge(words, { env: { ...env, BROWSER: join(folder, 'none') } })
  await says(without, /^· no browser: \S+none is not there$/mu, 'stderr')
  without.kill('SIGINT')
  expect((await without).exitCode).toBe(0)
})

test('open says which ports there are, why a port answers nothing, and that a port is taken', async () => {
  const { namespace, args } = await deployed('open-ports')
  await apply(
    namespace,
    ...served([
      { name: 'web', port: 80, targetPort: 'serve' },
      { name: 'admin', port: 9000 },
    ]),
  )
  await until(namespace, 'deployment', ['api'], 'jsonpath={.status.readyReplicas}=1')
  const refused = async (...words: readonly string[]): Promise<string> => {
    const { status, stderr } = await forgeHere(['open', 'api', ...args, ...words])
    return `${status}\n${stderr}`
  }
  expect(await refused()).toMatch(
    /^2\n[^]*api has several ports: web \(80\), admin \(9000\)\n +E_PORT_UNKNOWN[^]*next +forge open api .*--port web$/mu,
  )
  expect(await refused('--port', 'wbe')).toMatch(/api has no port wbe; there is web[^]*--port web$/mu)
  expect(await refused('--port', 'web', '--local-port', String(port))).toMatch(
    /^3\n[^]*port \d+ of this machine cannot be listened on: another program has it\n +E_PORT_TAKEN/u,
  )
  const open = start(['open', 'api', ...args, '--port', 'admin'])
  await expect(fetch(await addressOf(open))).rejects.toThrow('fetch failed')
  open.kill('SIGINT')
  expect((await open).stderr).toMatch(/^· api-\S+, port 9000: .*nothing listens there/mu)
})

test('neither leads to a component without a ready pod, and both say why', async () => {
  const { args } = await deployed('open-not-ready')
  await forgeHere(['deploy', ...args, '--set', 'image=shop.invalid/web:2', '--no-rollback'])
  await forgeHere(['deploy', ...args, '--set', 'replicas=0', '--set', 'image=shop.invalid/web:2'])
  for (const command of ['open', 'shell']) {
    const { status, stderr } = await forgeHere([command, 'web', ...args])
    expect({ command, status }).toEqual({ command, status: 8 })
    expect(stderr).toMatch(
      /(?:no pod of web is ready|web has no pod now): \S.*\n +E_POD_NOT_READY[^]*next +forge status/u,
    )
  }
  const unknown = await forgeHere(['shell', 'wbe', ...args])
  expect(unknown).toMatchObject({ status: 2, stderr: expect.stringContaining('did you mean "web"?') })
})

test('shell gives stdin, stdout and the exit status through, byte by byte', async () => {
  const { args } = await deployed('shell')
  const env = { FORGE_SANDBOX: sandbox }
  const typed = startForge(['shell', 'web', ...args], { env, input: 'echo one\nexit 7\n' })
  expect(await typed).toMatchObject({ exitCode: 7, stdout: 'one', stderr: '' })
  const large = '\u001B[31m\r\n€'.repeat(200_000)
  const cat = await startForge(['shell', 'web', ...args, '--', 'cat'], { env, input: large })
  expect({ status: cat.exitCode, same: cat.stdout === large }).toEqual({ status: 0, same: true })
  expect(await forgeHere(['shell', 'web', ...args, '--', 'false'])).toMatchObject({ status: 1, stderr: '' })
  const missing = await forgeHere(['shell', 'web', ...args, '--', 'psql', '-c', 'x'])
  expect(missing).toMatchObject({ status: 3, stdout: '' })
  expect(missing.stderr).toMatch(
    /container web of web-\S+ has no psql in its image\n +E_SHELL_MISSING[^]*next +kubectl .* debug web-\S+ -it --image=busybox --target=web$/mu,
  )
  expect((await forgeHere(['shell', 'web', ...args, '-c', 'wbe'])).stderr).toMatch(
    /runs no container wbe; did you mean "web"\?\n +E_CONTAINER_UNKNOWN[^]*--container web$/mu,
  )
})

test('a protected environment asks, or wants --yes', async () => {
  const { args } = await deployed('shell-guarded', 'guarded')
  const refused = await forgeHere(['shell', 'web', ...args, '--', 'echo', 'a'])
  expect(refused).toMatchObject({ status: 3, stdout: '' })
  expect(refused.stderr).toMatch(/E_CONFIRMATION_REQUIRED[^]*next +forge shell web .* --yes -- echo a$/mu)
  expect(await forgeHere(['shell', 'web', ...args, '--yes', '--', 'echo', 'a'])).toMatchObject({
    status: 0,
    stdout: 'a',
  })
  const asked = await forgeOnTerminal(['shell', 'web', ...args, '--', 'echo', 'agreed'])
  await asked.shows('guarded is protected. Run a command in web-')
  asked.types('y\r')
  await asked.shows(/\nagreed/u)
  expect(await asked.ended()).toMatchObject({ status: 0 })
})

test('forge rbac --for look allows both, and --for deploy neither', async () => {
  const { namespace, dir } = await deployed('look-rights')
  const allowed = async (purpose: string): Promise<string> => {
    const printed = await forgeHere(['rbac', '-C', dir, '-e', 'sandbox', '--for', purpose])
    await kubectl(['apply', '-f', '-'], printed.stdout)
    return await accountKubeconfig(namespace, `forge-tiny-${purpose}`)
  }
  const look = ['-C', dir, '-e', 'sandbox', '--kubeconfig', await allowed('look')]
  expect(await forgeHere(['shell', 'web', ...look, '--', 'echo', 'a'])).toMatchObject({ status: 0, stdout: 'a' })
  expect(await forgeHere(['logs', 'web', ...look])).toMatchObject({ status: 0 })
  expect(await forgeHere(['status', ...look])).toMatchObject({ status: 0 })
  const open = start(['open', 'web', '--port', '80', ...look])
  await expect(fetch(await addressOf(open))).rejects.toThrow('fetch failed')
  open.kill('SIGINT')
  expect((await open).stderr).toContain('nothing listens there')

  const deploy = ['-C', dir, '-e', 'sandbox', '--kubeconfig', await allowed('deploy')]
  for (const [resource, words] of [
    ['portforward', ['open', 'web', '--port', '80', ...deploy]],
    ['exec', ['shell', 'web', ...deploy, '--', 'echo', 'a']],
  ] as const) {
    const { status, stdout, stderr } = await forgeHere(words)
    expect({ status, stdout }).toEqual({ status: 3, stdout: '' })
    const right = `you may not get pods/${resource} in namespace ${namespace}, nor create pods/${resource}`
    expect(stderr).toMatch(new RegExp(String.raw`${right}\n +E_FORBIDDEN[^]*next +forge rbac .*--for look`, 'u'))
  }
})
