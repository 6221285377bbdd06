import { mkdtemp, readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { forgeHere, freshNamespace, kubectl } from '../support/cluster.ts'
import { startForge } from '../support/forge.ts'
import { apply, deployment, until } from '../support/pods.ts'
import { accountKubeconfig } from '../support/read-only.ts'
import { testSandbox } from '../support/sandbox.ts'
import { forgeOnTerminal, forgeWords, onTerminal } from '../support/terminal.ts'
import { says } from '../support/says.ts'
import { tinyProject } from '../support/tiny.ts'

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

async function deployed(prefix: string, environment = 'sandbox') {
  const namespace = freshNamespace(prefix)
  const { dir } = await tinyProject(namespace)
  const args = ['-e', 'sandbox', '-C', dir]
  expect(await forgeHere(['deploy', ...args])).toMatchObject({ status: 0 })
  return { namespace, dir, args: ['-e', environment, '-C', dir] }
}

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
    /^· leads to (api-\S+); Ctrl-C ends it\n· \1 is (?:gone|not ready any more); (?:waiting for the next pod that is ready\n· )?(?!\1)api-\S+ goes on$/mu,
  )
  await expect(fetch(address)).rejects.toThrow('fetch failed')
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

test('shell has the terminal, with its size; nothing that is typed stays', async () => {
  const { args, namespace } = await deployed('shell-tty')
  const terminal = await forgeOnTerminal(['shell', 'web', ...args])
  await terminal.shows('$ ')
  terminal.types('stty size\r')
  await terminal.shows(/stty size\r\n\d+ \d+\r\n/u)
  terminal.types('echo typed-canary-77\r')
  await terminal.shows(/\ntyped-canary-77\r\n/u)
  terminal.types('\u0003')
  await terminal.shows('^C')
  terminal.types('exit 5\r')
  const { status, screen } = await terminal.ended()
  expect(status).toBe(5)
  // Each line ends as the pod ends it, and the note that comes before as a terminal does.
  expect(screen).toMatch(/^· web-\S+, container web\r\n\$ /u)
  expect(screen).not.toContain('\r\r')
  const kept = await kubectl(['get', 'secrets,configmaps,events,leases', '-o', 'yaml', '-n', namespace])
  expect(kept).not.toContain('typed-canary-77')
})

/** A Node before 24.21, and each of 22, takes any text for the one raw mode that it has. */
const OLDER = `data:text/javascript,${encodeURIComponent(`import { ReadStream } from 'node:tty'
const { setRawMode } = ReadStream.prototype
ReadStream.prototype.setRawMode = function (mode) { return setRawMode.call(this, Boolean(mode)) }`)}`

test('an older Node ends no line once more, either', async () => {
  const { args } = await deployed('shell-older')
  const terminal = await forgeOnTerminal(['shell', 'web', ...args], { NODE_OPTIONS: `--import=${OLDER}` })
  await terminal.shows('$ ')
  terminal.types('echo one\r')
  await terminal.shows(/\none\r+\n/u)
  terminal.types('exit\r')
  expect((await terminal.ended()).screen).not.toContain('\r\r')
})

test('shell tells the other side each new size of the terminal', async () => {
  const { args } = await deployed('shell-size')
  const terminal = await forgeOnTerminal(['shell', 'web', ...args])
  await terminal.shows('$ ')
  for (const [columns, rows] of [
    [101, 41],
    [77, 19],
  ] as const) {
    await terminal.resizes(columns, rows)
    // The size goes ahead of what is typed then, on the same connection; the other side takes it when it comes to it.
    const asked = new RegExp(String.raw`\n${rows} ${columns}\r\n`, 'u')
    terminal.types('stty size\r')
    await terminal.shows(asked)
  }
  terminal.types('exit\r')
  expect(await terminal.ended()).toMatchObject({ status: 0 })
})

test.each([
  ['the command ends', 'exit 4\r', 4],
  ['forge is told to stop', 'TERM', 143],
  ['the pod goes', 'GONE', 137],
])('the terminal is as it was when %s, and what is said then begins at its left', async (_, end, status) => {
  const { args, namespace } = await deployed('shell-restore')
  const pidFile = join(await mkdtemp(join(tmpdir(), 'forge-pid-')), 'pid')
  const shell = `sh -c 'echo $$ >${pidFile}; exec "$@"' - ${forgeWords(['shell', 'web', ...args])}`
  const terminal = await onTerminal(`stty -g; ${shell}; code=$?; stty -g; exit $code`)
  await terminal.shows('$ ')
  if (end === 'TERM') process.kill(Number(await readFile(pidFile, 'utf8')), 'SIGTERM')
  else if (end === 'GONE') await kubectl(['delete', 'pod', '--all', '-n', namespace, '--wait=false'])
  else terminal.types(end)
  const ended = await terminal.ended()
  expect(ended.status).toBe(status)
  const settings = [...ended.screen.matchAll(/[\da-f]+(?::[\da-f]+){10,}/gu)].map(([one]) => one)
  expect(settings).toHaveLength(2)
  expect(settings[1]).toBe(settings[0])
  expect(ended.screen).not.toMatch(/[^\r]\n/u)
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
