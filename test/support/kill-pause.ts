import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { kubectl, podsByName } from './cluster.ts'
import { startForge } from './forge.ts'
import { counts, DOWN, stack, UP } from './paused-stack.ts'
import { send } from './processes.ts'
import { testSandbox } from './sandbox.ts'
import type { Small } from './small.ts'
import { WriteProxy, type Fate, type Write } from './write-proxy.ts'

/** What somebody does after it: each has to lead out. */
export const NEXT = ['pause', 'resume', 'recover', 'deploy'] as const
export const PAUSE_KILLS = ['SIGKILL', 'SIGINT'] as const
const COMMANDS = ['pause', 'resume'] as const

export interface PausePoint {
  readonly command: (typeof COMMANDS)[number]
  readonly kill: (typeof PAUSE_KILLS)[number]
  /** Before the API server has the write, or before its answer is back. */
  readonly fate: Exclude<Fate, 'pass'>
  readonly write: number
  readonly next: (typeof NEXT)[number]
}

export interface PauseOutcome {
  readonly point: PausePoint
  readonly hit: string
  readonly ended: string
  /** Empty: what came after it ended where it was to, and nothing is left of it. */
  readonly problems: readonly string[]
}

interface Scene {
  readonly small: Small
  readonly proxy: WriteProxy
}

/** One point at every write of both commands; who is ended how, on which side of the write, and what follows, is random. */
export async function pausePoints(random: () => number): Promise<PausePoint[]> {
  const pick = <T>(all: readonly T[], otherwise: T): T => all[Math.floor(random() * all.length)] ?? otherwise
  const found = COMMANDS.map(async (command) => {
    const writes = await inScene(command, async ({ small, proxy }) => {
      const { status, stderr } = await small.run(command, ['--kubeconfig', proxy.kubeconfig])
      if (status !== 0) throw new Error(`the ${command} that nobody kills ended with ${status}:\n${stderr}`)
      return [...proxy.writes]
    })
    return writes.map(({ number: write }): PausePoint => {
      const [kill, fate] = [pick(PAUSE_KILLS, 'SIGKILL'), pick(['lose', 'mute'] as const, 'lose')]
      return { command, kill, fate, write, next: pick(NEXT, 'resume') }
    })
  })
  return (await Promise.all(found)).flat()
}

/** Hits one pause or resumption, and looks where what follows leads to. */
export async function hitPause(point: PausePoint): Promise<PauseOutcome> {
  return await inScene(point.command, async (scene) => {
    const { hit, ended } = await hitRun(point, scene)
    return { point, hit, ended, problems: await problemsAfter(point, scene.small) }
  })
}

export function pauseTable(outcomes: readonly PauseOutcome[]): string {
  const rows = outcomes.map(({ point: { command, kill, fate, next }, hit, ended, problems }) =>
    [command.padEnd(6), kill, fate, hit.padEnd(60), ended.padEnd(8), next.padEnd(7), problems.join('; ') || 'ok'].join(
      '  ',
    ),
  )
  return rows.join('\n')
}

async function inScene<T>(command: PausePoint['command'], action: (scene: Scene) => Promise<T>): Promise<T> {
  const small = await stack('killpause')
  const folder = await mkdtemp(join(tmpdir(), 'forge-kill-'))
  const { kubeconfig } = await testSandbox()
  const proxy = await WriteProxy.open(kubeconfig, folder)
  try {
    if (command === 'resume') await expectEnd(small, 'pause')
    return await action({ small, proxy })
  } finally {
    proxy.close()
    await rm(folder, { recursive: true, force: true })
    await rm(small.project.dir, { recursive: true, force: true })
  }
}

async function hitRun({ command, kill, fate, write }: PausePoint, { small, proxy }: Scene) {
  const { name } = await testSandbox()
  const args = [command, '-e', 'test', '-C', small.project.dir, '--kubeconfig', proxy.kubeconfig]
  const run = startForge(args, { env: { FORGE_SANDBOX: name } })
  let hit = 'not reached'
  const strike = (what: string): void => {
    hit = what
    send(run.pid ?? 0, kill)
  }
  const isPoint = ({ number }: Write): boolean => number === write
  // Who is stopped by Ctrl-C gets its answer, as it does in life.
  proxy.onWrite = (one) => (isPoint(one) && kill === 'SIGKILL' ? fate : 'pass')
  proxy.onHeld = async (one) => {
    if (isPoint(one) && (kill === 'SIGINT' || fate === 'lose')) strike(one.what)
    await Promise.resolve()
  }
  proxy.onAnswered = async (one) => {
    strike(`${one.what}, answered`)
    await Promise.resolve()
  }
  const { exitCode, signal } = await run
  return { hit: hit.replaceAll(/killpause-[a-z0-9-]+/gu, 'NS'), ended: signal ?? String(exitCode) }
}

async function problemsAfter({ next }: PausePoint, small: Small): Promise<string[]> {
  const problems: string[] = []
  const same = (what: string, is: unknown, wanted: unknown): void => {
    const [one, other] = [JSON.stringify(is), JSON.stringify(wanted)]
    if (one !== other) problems.push(`${what}: ${one} instead of ${other}`)
  }
  try {
    const before = await counts(small)
    await expectEnd(small, 'status', [0, 8])
    if (next === 'recover') {
      await expectEnd(small, 'recover')
      same('recover moved', await counts(small), before)
    }
    if (next === 'pause') {
      await expectEnd(small, 'pause')
      same('paused', await counts(small), DOWN)
      same('pods', await podsByName(small.namespace), {})
    }
    if (next === 'deploy') await expectEnd(small, 'deploy', [0], ['--resume'])
    else await expectEnd(small, 'resume')
    same('resumed', await counts(small), UP)
    const at = ['get', 'deployments,cronjobs', '-n', small.namespace, '-o', 'json', '--show-managed-fields']
    const left = await kubectl(at)
    if (/forge-pause|api-forge\.io\/paused/u.test(left)) problems.push('a trace of the pause is left')
    await expectEnd(small, 'deploy')
    const { deploys } = JSON.parse((await small.run('history', ['--json'])).stdout) as { deploys: { state: string }[] }
    const open = deploys.map(({ state }) => state).filter((state) => state === 'running')
    same('open in the history', open, [])
  } catch (error) {
    problems.push(String(error))
  }
  return problems
}

async function expectEnd(
  small: Small,
  command: 'pause' | 'resume' | 'status' | 'recover' | 'deploy',
  wanted: readonly number[] = [0],
  flags: readonly string[] = [],
): Promise<void> {
  const { status, stderr } = await small.run(command, flags)
  if (!wanted.includes(status ?? -1)) throw new Error(`${command} ended with ${status}: ${stderr.slice(-1500)}`)
}
