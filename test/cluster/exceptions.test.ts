import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, test } from '@jest/globals'
import { execa } from 'execa'
import type { DeployReport } from '../../src/flows/deploy/report.ts'
import { forgeHere, freshNamespace, kubectl, object, snapshot } from '../support/cluster.ts'
import { faultyHelm } from '../support/faulty-helm.ts'
import { document, FORGE, type Ran } from '../support/forge.ts'
import { testSandbox } from '../support/sandbox.ts'
import { twoReleases, type TestProject } from '../support/tiny.ts'

/** After the first release was upgraded, TMPDIR takes nothing any more. */
const FULL = `
if [ "$1" = upgrade ] && [ "$2" = base ] && [ -e "$HERE/armed" ]; then
  "$HELM" "$@"; status=$?
  rm -rf "$TMPDIR"; echo full > "$TMPDIR"
  exit $status
fi`

/** Where that stands, forge itself has a fault instead: what it asks the machine for throws what nobody expects. */
const BROKEN = `import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
const { mkdtemp } = fs.promises
fs.promises.mkdtemp = async (...asked) => {
  if (fs.statSync(process.env.TMPDIR).isFile()) throw new TypeError('x is undefined')
  return await mkdtemp(...asked)
}
syncBuiltinESMExports()
`

interface Scene {
  readonly namespace: string
  readonly project: TestProject
  readonly before: Record<string, unknown>
  readonly fail: (...flags: string[]) => Promise<Ran>
}

/** Two releases, of which the second needs a file of forge's own: a count that somebody else sets is kept. */
async function scene(helm: 3 | 4, fault: 'full' | 'bug'): Promise<Scene> {
  const namespace = freshNamespace('broke')
  const project = await twoReleases(namespace)
  await project.configure(['environments', 'sandbox', 'drift'], { preserve: ['Deployment/top:spec.replicas'] })
  const { path, folder } = await faultyHelm(helm, FULL)
  await project.write('broken.mjs', BROKEN)
  const broken = fault === 'bug' ? { NODE_OPTIONS: `--import ${join(project.dir, 'broken.mjs')}` } : {}
  const env = { FORGE_HELM: path, TMPDIR: join(folder, 'tmp'), ...broken }
  await mkdir(env.TMPDIR)
  const deploy = async (...flags: string[]): Promise<Ran> =>
    await forgeHere(['deploy', '-e', 'sandbox', '-C', project.dir, ...flags], env)
  expect(await deploy()).toMatchObject({ status: 0 })
  await kubectl(['scale', 'deployment/top', '-n', namespace, '--replicas=2'])
  const before = await snapshot(namespace)
  for (const name of ['base', 'top']) await project.write(`${name}.yaml`, `data: { COLOUR: green }\n`)
  await writeFile(join(folder, 'armed'), '')
  return { namespace, project, before, fail: deploy }
}

test.each([3, 4] as const)('a full TMPDIR between two releases: rollback, and no bug, with helm %i', async (helm) => {
  const { namespace, before, fail } = await scene(helm, 'full')

  const ran = await fail('--json')

  const { outcome, verdict } = document<DeployReport>(ran)
  expect({ status: ran.status, outcome, verdict }).toMatchObject({
    status: 4,
    outcome: 'restored',
    verdict: {
      code: 'E_FILE_UNWRITABLE',
      message: expect.stringMatching(/forge-render\S* cannot be written: a part of its path is a file$/u),
    },
  })
  expect(await snapshot(namespace)).toEqual(before)
})

test.each([3, 4] as const)('a bug between two releases: evidence, rollback, exit 1, with helm %i', async (helm) => {
  const { namespace, before, fail } = await scene(helm, 'bug')

  const ran = await fail('--json')

  const { outcome, verdict, evidence } = document<DeployReport>(ran)
  expect({ status: ran.status, outcome, verdict }).toMatchObject({
    status: 1,
    outcome: 'restored',
    verdict: {
      code: 'E_BUG',
      message: expect.stringContaining('x is undefined'),
      where: `${evidence}/stack.txt`,
    },
  })
  expect(await readFile(verdict?.where ?? '', 'utf8')).toMatch(/^TypeError: x is undefined[^]*\n {4}at .*mkdtemp/u)
  expect(await snapshot(namespace)).toEqual(before)
})

test('a person reads what runs now, and in the last lines where the stack and the log are', async () => {
  const { fail, project } = await scene(4, 'bug')

  const { status, stderr } = await fail()

  expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringMatching(/\nBUG +x is undefined/u) })
  expect(stderr).toMatch(/\nnow +sandbox runs #1 again, proven\n/u)
  const last = /\n {8}stack: (\S+)\n {8}log: \S+$/u.exec(stderr)?.[1] ?? ''
  expect(dirname(last)).toMatch(/\/forge\/two\/sandbox\/2(?:-\d+)?$/u)
  const { stdout } = await forgeHere(['history', '2', '-e', 'sandbox', '-C', project.dir, '--json'])
  expect(stdout).toContain('E_BUG')
})

test('a log on a full disk does not end a deploy half-way', async () => {
  const namespace = freshNamespace('full')
  const project = await twoReleases(namespace)
  const { name } = await testSandbox()
  const args = [process.execPath, FORGE, 'deploy', '-e', 'sandbox', '-C', project.dir]
  const { exitCode } = await execa('sh', ['-c', '"$@" 2>/dev/full', 'sh', ...args], {
    env: { FORGE_SANDBOX: name, CI: 'true' },
    reject: false,
  })
  expect(exitCode).toBe(0)
  expect((await object('deployment', 'top', namespace))?.status?.['availableReplicas']).toBe(1)
  expect((await object('lease', 'forge-two', namespace))?.spec?.['holderIdentity'] ?? '').toBe('')
})

test.each([[['recover']], [['secrets', 'apply']], [['history', '--json']]])(
  'where nothing was begun a bug of %j is told like any other, and its stack is kept',
  async (command) => {
    const project = await twoReleases(freshNamespace('bug'))
    // Who runs forge, and what the time is: all of these ask for one of them.
    await project.write(
      'broken.mjs',
      `import os from 'node:os'
import { syncBuiltinESMExports } from 'node:module'
const broken = () => { throw new TypeError('x is undefined \\u001B[2J') }
const { hostname } = os
let asked = 0
// Asked once while the program is loaded.
os.hostname = () => (asked++ === 0 ? hostname() : broken())
if (process.argv.includes('history')) globalThis.URL = class { constructor() { broken() } static parse() { return broken() } }
syncBuiltinESMExports()
`,
    )
    const env = { NODE_OPTIONS: `--import ${join(project.dir, 'broken.mjs')}` }
    const { status, stdout, stderr } = await forgeHere([...command, '-e', 'sandbox', '-C', project.dir], env)

    expect(status).toBe(1)
    const told = stdout === '' ? stderr : stdout
    expect(told).toContain('x is undefined \\')
    expect(told).not.toMatch(/\n {4}at /u)
    const [file = ''] = /\/\S+\/forge\/bugs\/\w+\/\d+\/stack\.txt/u.exec(told) ?? []
    expect(await readFile(file, 'utf8')).toMatch(/^TypeError: x is undefined [^]*\n {4}at /u)
    await rm(dirname(file), { recursive: true })
  },
)
