import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { execa } from 'execa'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { document, forge, type Ran } from '../support/forge.ts'

let home: string
let env: Record<string, string>

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'forge-sandbox-'))
  env = { XDG_STATE_HOME: home, FORGE_SANDBOX: 'one' }
})

afterEach(async () => {
  await sandbox('down')
  await rm(home, { recursive: true })
})

interface State {
  readonly pid: number
  readonly socket: string
  readonly kubeconfig: string
  readonly programs: readonly { readonly name: string; readonly pid: number }[]
}

async function sandbox(...args: readonly string[]): Promise<Ran> {
  return await forge(['sandbox', ...args], { env })
}

async function state(): Promise<State> {
  return document<State & Record<string, unknown>>(await sandbox('status', '--json'))
}

/** A process that has ended and was not yet collected by its parent counts as ended. */
async function isAlive(pid: number): Promise<boolean> {
  const { stdout } = await execa('ps', ['-o', 'stat=', '-p', String(pid)], { reject: false })
  return stdout.trim() !== '' && !stdout.startsWith('Z')
}

async function survivors({ pid, programs }: State): Promise<number[]> {
  const pids = [pid, ...programs.map((program) => program.pid)]
  const alive = await Promise.all(pids.map(isAlive))
  return pids.filter((_, at) => alive[at])
}

test('up starts, says so when it runs already, and down leaves nothing', async () => {
  const first = document<{ started: boolean; context: string }>(
    await sandbox('up', '--nodes', '2', '--cpu', '4', '--memory', '8Gi', '--json'),
  )
  expect(first).toMatchObject({ started: true, context: 'forge-sandbox-one' })
  const running = await state()
  const { stdout } = await execa('kubectl', [
    '--kubeconfig',
    running.kubeconfig,
    'get',
    'nodes',
    '-o',
    'jsonpath={.items[*].status.capacity.cpu}',
  ])
  expect(stdout).toBe('4 4')

  const again = await sandbox('up', '--nodes', '5')
  expect(again).toMatchObject({ status: 0, stdout: expect.stringContaining('is running already') })
  expect(again.stdout).toContain('nodes 5 (runs with 2)')
  expect((await state()).pid).toBe(running.pid)
  expect((await sandbox('kubeconfig')).stdout).toBe((await readFile(running.kubeconfig, 'utf8')).trimEnd())

  expect(await sandbox('down')).toMatchObject({ status: 0, stdout: 'Sandbox one has ended.' })
  expect(await survivors(running)).toEqual([])
  expect(await readdir(join(home, 'forge', 'sandbox'))).toEqual([])
  expect(await sandbox('down')).toMatchObject({ status: 0, stdout: 'Sandbox one was not running.' })
  expect(await sandbox('status')).toMatchObject({ status: 8, stderr: expect.stringContaining('E_SANDBOX_NOT_RUNNING') })
})

test('two at the same time start one', async () => {
  const both = await Promise.all([sandbox('up', '--json'), sandbox('up', '--json')])
  const started = both.map((ran) => document<{ started: boolean }>(ran).started)
  expect(started.sort()).toEqual([false, true])
})

test('a program that crashes ends the sandbox, and is reported with the end of its log', async () => {
  await sandbox('up')
  const running = await state()
  const scheduler = running.programs.find(({ name }) => name === 'kube-scheduler')
  process.kill(scheduler?.pid ?? 0, 'SIGKILL')
  // The supervisor closes its control socket when everything has ended.
  await ended(running.pid)
  expect(await survivors(running)).toEqual([])
  const told = await sandbox('status')
  expect(told).toMatchObject({
    status: 3,
    stderr: expect.stringContaining('kube-scheduler of the sandbox one crashed: signal: killed'),
  })
  expect(told.stderr).toMatch(/^log {5}\S.*$/mu)
  expect((await sandbox('up')).stderr).toContain('E_SANDBOX_CRASHED')
  expect((await sandbox('logs', 'kube-scheduler')).stdout).toContain('Starting Kubernetes Scheduler')
  expect((await sandbox('down')).status).toBe(0)
  expect((await sandbox('status')).status).toBe(8)
})

test('nothing outlives a supervisor that is killed, and up starts anew', async () => {
  await sandbox('up')
  const killed = await state()
  process.kill(killed.pid, 'SIGKILL')
  await Promise.all([killed.pid, ...killed.programs.map(({ pid }) => pid)].map(ended))
  expect((await sandbox('status')).status).toBe(8)
  expect(document(await sandbox('up', '--json'))).toMatchObject({ started: true })
})

test('a folder too long for a socket is no obstacle', async () => {
  env = { ...env, XDG_STATE_HOME: join(home, 'long'.repeat(20)) }
  await sandbox('up')
  const { socket } = await state()
  expect(socket.length).toBeLessThan(100)
  await sandbox('down')
  expect(existsSync(socket)).toBe(false)
})

test.each([
  ['a quantity that is none', ['--cpu', 'many'], 'not "many"'],
  ['a latency file that is missing', ['--latency', 'nowhere.yaml'], 'nowhere.yaml: no such file'],
  ['a name that is a path', ['--name', '../x'], '"../x" is not a valid name for a sandbox'],
])('%s is refused', async (_what, args, message) => {
  expect(await sandbox('up', ...args)).toMatchObject({ status: 2, stderr: expect.stringContaining(message) })
})

test('a latency file with an unknown field is refused, and one that is right is used', async () => {
  const file = join(home, 'latency.yaml')
  await writeFile(file, 'defualt: 1s\n')
  expect(await sandbox('up', '--latency', file)).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('defualt'),
  })
  await writeFile(file, 'failures: { db: { fails: oom } }\n')
  expect((await sandbox('up', '--latency', file)).stderr).toContain('failures.db has fails, which is none of')
  await writeFile(file, 'default: 1s\ncomponents: { db: 2s }\nfailures: { db: { fail: oom } }\n')
  expect(await sandbox('up', '--latency', file)).toMatchObject({ status: 0 })
  const { kubeconfig } = await state()
  const kubectl = async (...args: string[]) => await execa('kubectl', ['--kubeconfig', kubeconfig, ...args])
  await kubectl('run', 'db', '--image', 'db:1', '--labels', 'app.kubernetes.io/name=db')
  await kubectl('wait', 'pod/db', '--for=jsonpath={..lastState.terminated.reason}=OOMKilled', '--timeout=20s')
})

test('a program that is restarted comes back, and the sandbox goes on', async () => {
  await sandbox('up')
  const before = await state()
  expect(await sandbox('restart', 'kube-apiserver')).toMatchObject({
    status: 0,
    stdout: 'kube-apiserver of sandbox one was killed and runs again.',
  })
  const after = await state()
  const changed = after.programs.filter(({ pid }, at) => pid !== before.programs[at]?.pid).map(({ name }) => name)
  expect(changed).toEqual(['kube-apiserver'])
  expect(await sandbox('restart', 'simulator')).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('simulator cannot be restarted'),
  })
  await sandbox('down')
  expect(await survivors(after)).toEqual([])
})

async function ended(pid: number): Promise<void> {
  const limit = performance.now() + 10_000
  while (await isAlive(pid)) {
    if (performance.now() > limit) throw new Error(`process ${pid} is still there`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
