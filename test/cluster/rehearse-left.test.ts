import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { readdirSync, readFileSync, watch } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { forgeHere, freshNamespace } from '../support/cluster.ts'
import { startForge } from '../support/forge.ts'
import { helmOf } from '../support/helms.ts'
import { testSandbox } from '../support/sandbox.ts'
import { tinyProject, type TestProject } from '../support/tiny.ts'
import type { SandboxState } from '../../src/domain/sandbox/model.ts'
import { told } from '../support/waiting-deploy.ts'

const CACHE = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache')
const FLAGS = ['--set', 'image=web:2', '--fail', 'web=crash-loop', '--kill-at', 'upgrade']

let project: TestProject
let home: string

beforeAll(async () => {
  project = await tinyProject(freshNamespace('left'))
  expect(await forgeHere(['deploy', '--env', 'sandbox', '-C', project.dir])).toMatchObject({ status: 0 })
})

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'forge-left-'))
  await mkdir(join(home, 'tmp'))
  await mkdir(join(home, 'state', 'forge', 'sandbox'), { recursive: true })
})

afterEach(async () => {
  await rm(home, { recursive: true, force: true })
})

async function rehearsal(...flags: readonly string[]) {
  const { kubeconfig } = await testSandbox()
  const folders = { XDG_STATE_HOME: join(home, 'state'), XDG_CACHE_HOME: CACHE, TMPDIR: join(home, 'tmp') }
  const args = ['rehearse', '--env', 'sandbox', '-C', project.dir, '--kubeconfig', kubeconfig, ...flags]
  // Within something: whoever awaits it would await the run.
  return { run: startForge(args, { env: { ...folders, FORGE_HELM: await helmOf(4) }, ownGroup: true }) }
}

/** Sandboxes, temporary files, and processes that were started for this run. */
async function left(): Promise<Record<'sandboxes' | 'files' | 'processes', string[]>> {
  const sandboxes = await readdir(join(home, 'state', 'forge', 'sandbox')).catch(() => [])
  return { sandboxes, files: await readdir(join(home, 'tmp')), processes: processesOf(home) }
}

const NOTHING = { sandboxes: [], files: [], processes: [] }

function processesOf(folder: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/u.test(name) && Number(name) !== process.pid)
    .flatMap((name) => {
      const args = read(`/proc/${name}/cmdline`).replaceAll('\0', ' ')
      return args.includes(folder) || read(`/proc/${name}/environ`).includes(folder) ? [args] : []
    })
}

/** Empty where it has ended meanwhile, or is somebody else's. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

/** Sandboxes that run. */
function running(): SandboxState[] {
  const folder = join(home, 'state', 'forge', 'sandbox')
  return readdirSync(folder).flatMap((name) => {
    const state = read(join(folder, name, 'state.json'))
    return state.includes('"running"') ? [JSON.parse(state) as SandboxState] : []
  })
}

/** Resolves when a sandbox runs: from then on it is filled, too short a time to be told of on a fast machine. */
async function oneRuns(): Promise<void> {
  const folder = join(home, 'state', 'forge', 'sandbox')
  const watcher = watch(folder, { recursive: true })
  try {
    await new Promise<void>((resolve, reject) => {
      watcher.on('error', reject).on('change', () => {
        if (running().length > 0) resolve()
      })
    })
  } finally {
    watcher.close()
  }
}

/** One for the failures may be in the making. */
function pidsOf(program: string): number[] {
  return running().flatMap(({ pid, programs }) =>
    program === 'supervisor' ? [pid] : (programs ?? []).flatMap((one) => (one.name === program ? [one.pid] : [])),
  )
}

type Run = Awaited<ReturnType<typeof rehearsal>>['run']

test.each<[string, (run: Run) => Promise<void>]>([
  ['it has begun to read', async (run) => await told(run, 'plan ')],
  ['its first sandbox starts', async (run) => await told(run, '2/3 sandbox')],
  ['that is filled', oneRuns],
  ['it deploys', async (run) => await told(run, '3/3 deploy')],
  ['a failure happens', async (run) => await told(run, 'web=crash-loop')],
  ['a deploy is about to be killed', async (run) => await told(run, 'to be killed at upgrade')],
])(
  'Ctrl-C when %s leaves no sandbox, no process and no file',
  async (_, reached) => {
    const { run } = await rehearsal(...FLAGS)
    await reached(run)
    process.kill(-(run.pid ?? 0), 'SIGINT')
    const { exitCode, stderr } = await run
    expect({ exitCode, stderr, ...(await left()) }).toEqual({
      ...{ exitCode: 130, stderr: expect.not.stringContaining('bug') },
      ...NOTHING,
    })
  },
  90_000,
)

test('a program of the sandbox that hangs does not outlive it', async () => {
  const { run } = await rehearsal(...FLAGS)
  await told(run, '3/3 deploy')
  // It hears of nothing, as one that is slow to be ended does not yet.
  for (const pid of pidsOf('kube-controller-manager')) process.kill(pid, 'SIGSTOP')
  process.kill(-(run.pid ?? 0), 'SIGINT')
  expect(await run).toMatchObject({ exitCode: 130 })
  expect(await left()).toEqual(NOTHING)
}, 90_000)

test('a terminal that is closed stops it as SIGTERM does, and leaves nothing', async () => {
  const { run } = await rehearsal(...FLAGS)
  await told(run, '3/3 deploy')
  run.kill('SIGHUP')
  expect(await run).toMatchObject({ exitCode: 143 })
  expect(await left()).toEqual(NOTHING)
}, 90_000)

test.each([
  ['etcd', '3/3 deploy', 'etcd of the sandbox of this rehearsal crashed: signal: killed'],
  [
    'kube-apiserver',
    'to be killed at upgrade',
    'kube-apiserver of the sandbox of this rehearsal crashed: signal: killed',
  ],
  ['supervisor', '3/3 deploy', 'the sandbox of this rehearsal ended by itself: it was killed'],
])(
  'a sandbox whose %s ends by itself says nothing of the deploy, and that is told',
  async (program, said, sentence) => {
    const { run } = await rehearsal(...FLAGS)
    await told(run, said)
    for (const pid of pidsOf(program)) process.kill(pid, 'SIGKILL')
    const { exitCode, stdout, stderr } = await run
    const screen = `${stderr}${stdout}`
    expect({ exitCode, screen: screen.replaceAll(/\s+/gu, ' '), ...(await left()) }).toEqual({
      ...{ exitCode: 3, screen: expect.stringContaining(sentence) },
      ...NOTHING,
    })
    expect(screen).toContain('E_SANDBOX_CRASHED')
    expect(screen).not.toMatch(/would fail|rehearsed:|bug|logs are kept|sandbox up/u)
  },
  90_000,
)

test.each([
  ['it deploys', '3/3 deploy'],
  ['a deploy is about to be killed', 'to be killed at upgrade'],
])(
  'what is left by one that was killed when %s, the next one takes away',
  async (_, said) => {
    const { run } = await rehearsal(...FLAGS)
    await told(run, said)
    run.kill('SIGKILL')
    await run
    // That of the failures may be in the making, too.
    expect((await left()).sandboxes).not.toEqual([])
    const next = await rehearsal()
    expect(await next.run).toMatchObject({ exitCode: 0 })
    expect(await left()).toEqual(NOTHING)
  },
  90_000,
)
