import { mkdir, mkdtemp, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { forgeHere, freshNamespace } from '../support/cluster.ts'
import { document, startForge, type Ran, type RunForge } from '../support/forge.ts'
import { failingProject } from '../support/project.ts'
import { testSandbox } from '../support/sandbox.ts'
import { tinyProject } from '../support/tiny.ts'
import { Webhook } from '../support/webhook.ts'

const NAMED = / {8}log: (?<path>\/\S+-deploy-\d+\.log)$/u

/** Fails: nothing is deployed there. The sandbox is asked as any cluster is, for its files are below another state folder. */
async function look(state: string, ...flags: readonly string[]): Promise<Ran> {
  const { kubeconfig } = await testSandbox()
  const place = ['-n', freshNamespace('log'), '--project', 'shop', '--kubeconfig', kubeconfig]
  return await forgeHere(['history', ...place, ...flags], { XDG_STATE_HOME: state })
}

const stateFolder = async (): Promise<string> => await mkdtemp(join(tmpdir(), 'forge-state-'))
const logsIn = (state: string): string => join(state, 'forge', 'logs')

test('the last line of a failure names a log that has what was asked, what was run, and how it ended', async () => {
  const { dir } = await failingProject(freshNamespace('log'))
  const ran = await forgeHere(['deploy', '-C', dir, '--set', 'failure=crash-loop', '--set', 'nobody=RabbitFish'])
  expect(ran.status).toBe(5)
  const path = NAMED.exec(ran.stderr)?.groups?.['path'] ?? `no log is named:\n${ran.stderr}`
  const log = await readFile(path, 'utf8')
  expect(log).toMatch(/^\S+Z forge \d+\.\d+\.\d+, Node v\d+/u)
  expect(log).toMatch(/^\$ forge deploy .*--set /mu)
  expect(log).not.toContain('RabbitFish')
  expect(log).toMatch(/│ GET https:\/\/127\.0\.0\.1:\d+\/version: 200, \d+ ms$/mu)
  expect(log).toMatch(/│ ran \S+helm upgrade .*: exit status 0, \d+ ms$/mu)
  expect(log).toMatch(/✖ .*workloads|✖ .*web/u)
  expect(log).toContain('\nFAILED  ')
  expect(log).toContain('\n        E_CRASH_LOOP\n')
  expect(log).toMatch(/exit status 5 after \d+\.\d s\n$/u)
  expect((await stat(path)).mode & 0o777).toBe(0o600)
})

test('--verbose says each request and each program on stderr; stdout stays what it was', async () => {
  const state = await stateFolder()
  const quiet = await look(state, '--json')
  const verbose = await look(state, '--json', '--verbose')
  expect(quiet.stderr).toBe('')
  expect(verbose.stderr).toMatch(/^\d\d:\d\d:\d\d │ GET https:\/\/127\.0\.0\.1:\d+\/api\S+: \d{3}, \d+ ms$/mu)
  expect(Object.keys(document(verbose))).toEqual(Object.keys(document(quiet)))
})

/** A run on the sandbox, as it is, and the log that it left. */
async function logged(
  args: readonly string[],
  { env = {}, ...options }: RunForge = {},
): Promise<Ran & { readonly log: string }> {
  const { name } = await testSandbox()
  const run = startForge(args, { ...options, env: { FORGE_SANDBOX: name, ...env } })
  const { exitCode: status, stdout, stderr } = await run
  const folder = logsIn(process.env['XDG_STATE_HOME'] ?? join(homedir(), '.local', 'state'))
  const file = (await readdir(folder)).find((one) => one.endsWith(`-${run.pid}.log`))
  return { status, stdout, stderr, log: file === undefined ? 'none' : await readFile(join(folder, file), 'utf8') }
}

test('neither the log nor --verbose has the address of a webhook', async () => {
  const webhook = new Webhook()
  const { dir, configure } = await tinyProject(freshNamespace('log'))
  await configure(['notify'], [{ webhook: { env: 'HOOK' } }])
  const HOOK = await webhook.url('/hooks/canary/path/ab?sig=canary-of-sig')
  const args = ['deploy', '-e', 'sandbox', '-C', dir, '--verbose']
  const { status, stdout, stderr, log } = await logged(args, { env: { HOOK } })
  webhook.close()
  expect({ status, told: webhook.messages.length }).toEqual({ status: 0, told: 1 })
  for (const text of [log, stderr]) expect(text).toMatch(/│ POST a webhook: 200, \d+ ms$/mu)
  expect(`${stdout}${stderr}${log}`).not.toMatch(/canary|hooks\/|path\/ab/u)
})

test('the log of a shell has neither its command nor what is typed and printed', async () => {
  const { dir } = await tinyProject(freshNamespace('log'))
  expect(await forgeHere(['deploy', '-e', 'sandbox', '-C', dir])).toMatchObject({ status: 0 })
  for (const [environment = '', ...command] of [
    ['sandbox', 'echo', 'canary'],
    ['sandbox', 'psql', 'canary'],
    ['guarded', 'echo', 'canary'],
  ]) {
    const { log } = await logged(['shell', 'web', '-C', dir, '-e', environment, '--verbose', '--', ...command])
    expect(log).toMatch(/^\$ forge shell web .* -- \S+$/mu)
    expect(log).not.toContain('canary')
  }
  const typed = await logged(['shell', 'web', '-C', dir, '-e', 'sandbox'], { input: 'echo canary\nexit 3\n' })
  expect(typed).toMatchObject({ status: 3, stdout: 'canary', log: expect.not.stringContaining('canary') })
  const loose = await logged(['shell', 'web', 'canary', '-C', dir, '-e', 'sandbox'])
  expect(loose).toMatchObject({ status: 2, log: 'none' })
  expect(loose.stderr).toMatch(/a command stands behind --.*\n +E_USAGE/u)
})

test('the newest 50 are kept, and what a living program writes to', async () => {
  const state = await stateFolder()
  const folder = logsIn(state)
  await mkdir(folder, { recursive: true })
  const name = (second: number, pid: number): string =>
    `2020-01-01T00-00-${String(second).padStart(2, '0')}-000Z-deploy-${pid}.log`
  const gone = 2 ** 22 + 1
  const old = Array.from({ length: 60 }, (_, second) => name(second, second === 3 ? process.pid : gone))
  for (const file of [...old, 'notes.txt']) await writeFile(join(folder, file), '')
  expect((await look(state)).stderr).toMatch(/ {8}log: \S+-history-\d+\.log$/u)
  const left = (await readdir(folder)).toSorted()
  expect(left).toEqual([
    name(3, process.pid),
    ...old.slice(11),
    expect.stringMatching(/-history-\d+\.log$/u),
    'notes.txt',
  ])
})

test('where no log can be made, nothing else is missing', async () => {
  const state = join(await stateFolder(), 'file')
  await writeFile(state, '')
  const ran = await look(state)
  expect(ran.stderr).toContain('E_PROJECT_UNKNOWN')
  expect(ran.stderr).not.toMatch(/log:|BUG/u)
})

test('what asked nobody and ran nothing has no log worth a look', async () => {
  const state = await stateFolder()
  const { stderr, status } = await forgeHere(['validate', '-C', state], { XDG_STATE_HOME: state })
  expect(status).not.toBe(0)
  expect(stderr).not.toContain('log:')
  expect(await readdir(logsIn(state))).toHaveLength(1)
})
