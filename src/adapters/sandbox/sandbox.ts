import { readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import {
  contextOf,
  type RestartableProgram,
  type SandboxBinary,
  type EnsuredSandbox,
  type SandboxCrash,
  type SandboxOptions,
  type SandboxProgramName,
  type SandboxState,
} from '../../domain/sandbox/model.ts'
import { ForgeError } from '../../errors.ts'
import { forge } from '../../hint.ts'
import { run } from '../process.ts'
import { stateFolder } from '../tools/folders.ts'
import type { Progress } from '../tools/go.ts'
import { findSandboxBinary } from './binary.ts'
import { askSupervisor } from './control.ts'
import { crashed, endedByItself, nameFlag, notStarted, stuck } from './crash.ts'
import { followLife, isSupervisor, killLeft } from './orphan.ts'
import { unlessItFails } from '../../expected.ts'

const STATE_TIMEOUT_MS = 5000
/** The supervisor gives every program 3 s to end before it kills it. */
const STOP_TIMEOUT_MS = 15_000
/** The supervisor waits a minute for the API server. */
const RESTART_TIMEOUT_MS = 65_000

/** The name in `--name`, else in FORGE_SANDBOX, else `default`. It becomes a folder's name. */
export function sandboxName(given: string | undefined, env: NodeJS.ProcessEnv): string {
  const name = given ?? (env['FORGE_SANDBOX'] || 'default')
  if (/^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/u.test(name)) return name
  throw new ForgeError(
    'E_USAGE',
    `"${name}" is not a valid name for a sandbox: small letters, digits and dashes, at most 40`,
    {
      hint: forge('sandbox', 'up', '--name', 'demo'),
      where: given === undefined ? 'FORGE_SANDBOX' : '--name',
    },
  )
}

/** The sandbox of that name, if it is running. Costs a few milliseconds. */
export async function runningSandbox(
  name: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<EnsuredSandbox | undefined> {
  const found = await look(name, env)
  return found.live && found.state.status === 'running' ? ensured(found.state, false) : undefined
}

/**
 * The running sandbox of that name; it is built and started where necessary. Throws E_SANDBOX_CRASHED when one has crashed
 * (starting an empty one in its place would hide that), E_SANDBOX_START, E_SANDBOX_BUILD, E_SANDBOX_BINARY, E_TOOL_GO.
 */
export async function ensureSandbox(
  options: SandboxOptions,
  how: Progress,
  env: NodeJS.ProcessEnv = process.env,
): Promise<EnsuredSandbox> {
  const found = await look(options.name, env)
  if (found.live && found.state.status === 'running') return ensured(found.state, false)
  if (!found.live && found.state?.crash !== undefined) throw crashed(options.name, found.state.crash)
  const binary = await findSandboxBinary(env, how)
  const reports = await start(binary, options, how, env)
  const started = await look(options.name, env)
  if (started.live) return { ...ensured(started.state, !reports.some(({ running }) => running === true)), binary }
  throw notStarted(options.name, 'it ended right after its start', env)
}

/** Its state. Throws E_SANDBOX_NOT_RUNNING, or E_SANDBOX_CRASHED with the last lines of the log. */
export async function sandboxState(name: string, env: NodeJS.ProcessEnv = process.env): Promise<SandboxState> {
  const found = await look(name, env)
  if (found.live) return found.state
  if (found.state?.crash !== undefined) throw crashed(name, found.state.crash)
  throw new ForgeError('E_SANDBOX_NOT_RUNNING', `the sandbox ${name} is not running`, {
    hint: forge('sandbox', 'up', ...nameFlag(name)),
    where: dirOf(name, env),
  })
}

/** Throws E_SANDBOX_CRASHED when it, or one of its programs, has ended by itself. */
export async function assertRunning(name: string, env: NodeJS.ProcessEnv = process.env): Promise<void> {
  const { live, state } = await look(name, env)
  if (state?.crash !== undefined) throw crashed(name, state.crash)
  // One that is slow to answer is no reason to say that it has ended.
  const stands = live || (state !== undefined && (await isSupervisor(state.pid, dirOf(name, env))))
  if (!stands) throw await endedByItself(name, env)
}

/** Ends it and removes everything that it left. True when something was running. */
export async function stopSandbox(
  name: string,
  signal: AbortSignal,
  env: NodeJS.ProcessEnv = process.env,
): Promise<boolean> {
  const found = await look(name, env)
  const ask = async (): Promise<void> => {
    const limits = { timeoutMs: STOP_TIMEOUT_MS, signal }
    if (found.live) await askSupervisor(found.state.socket, { method: 'POST', path: '/stop' }, limits)
  }
  // One that does not answer, or has not ended in time, is stuck.
  const killed = await takeDown(name, found.state, env, ask)
  return found.live || killed
}

/** The same at once: nothing in it has to be put away, and none of its programs is asked to end. */
export async function discardSandbox(name: string, env: NodeJS.ProcessEnv = process.env): Promise<void> {
  await takeDown(name, await stateOf(name, env), env)
}

/**
 * Asks it to end (or not), kills what is left of it, and removes its files. True when something was left. Throws E_SANDBOX_STUCK when
 * it does not end: its files stay.
 */
async function takeDown(
  name: string,
  state: SandboxState | undefined,
  env: NodeJS.ProcessEnv,
  ask?: () => Promise<void>,
): Promise<boolean> {
  const dir = dirOf(name, env)
  const all = { recursive: true, force: true } as const
  if (state === undefined) {
    await rm(dir, all)
    return false
  }
  // Before it is asked: the socket goes with its files.
  const life = followLife(state)
  try {
    await ask?.()
    const isLeft = await killLeft(state, dir)
    if (!(await life.ended)) throw stuck(name, env)
    await rm(dir, all)
    if (!state.socket.startsWith(dir)) await rm(path.dirname(state.socket), all)
    return isLeft
  } finally {
    life.close()
  }
}

/**
 * Kills a program of a running sandbox as a crash would, and starts it again after `awaySeconds`; resolves when the API
 * server is ready. Throws E_SANDBOX_NOT_RUNNING, E_SANDBOX_CRASHED and E_SANDBOX_START (it did not come back).
 */
export async function restartProgram(
  name: string,
  { program, awaySeconds }: { readonly program: RestartableProgram; readonly awaySeconds: number },
  signal: AbortSignal,
  env: NodeJS.ProcessEnv = process.env,
): Promise<void> {
  const { socket } = await sandboxState(name, env)
  const path = `/restart?program=${program}&away=${awaySeconds}s` as const
  const limits = { timeoutMs: RESTART_TIMEOUT_MS + awaySeconds * 1000, signal }
  const told = await askSupervisor(socket, { method: 'POST', path }, limits)
  if (told === undefined || told.status >= 400)
    throw notStarted(name, `${program} did not come back: ${told?.body ?? 'the supervisor does not answer'}`, env)
}

/** The last lines of a program's log, of a crashed sandbox too; undefined when there is no log. */
export async function sandboxLog(
  name: string,
  program: SandboxProgramName,
  lines: number,
  env: NodeJS.ProcessEnv = process.env,
): Promise<readonly string[] | undefined> {
  const folder = dirOf(name, env)
  const file =
    program === 'supervisor' ? path.join(folder, 'supervisor.log') : path.join(folder, 'logs', `${program}.log`)
  const content = await unlessItFails(readFile(file, 'utf8'), () => undefined)
  return content?.trimEnd().split('\n').slice(-lines)
}

export async function kubeconfigOf(file: string): Promise<string> {
  return readFile(file, 'utf8')
}

type Found =
  | { readonly live: true; readonly state: SandboxState }
  | { readonly live: false; readonly state: SandboxState | undefined }

async function stateOf(name: string, env: NodeJS.ProcessEnv): Promise<SandboxState | undefined> {
  const content = await unlessItFails(readFile(path.join(dirOf(name, env), 'state.json'), 'utf8'), () => undefined)
  return content === undefined ? undefined : (JSON.parse(content) as SandboxState)
}

async function look(name: string, env: NodeJS.ProcessEnv): Promise<Found> {
  const state = await stateOf(name, env)
  if (state === undefined) return { live: false, state }
  const answer = await askSupervisor(state.socket, { method: 'GET', path: '/state' }, { timeoutMs: STATE_TIMEOUT_MS })
  return answer === undefined ? { live: false, state } : { live: true, state: JSON.parse(answer.body) as SandboxState }
}

/** A line of what `forge-sandbox up` prints (k8s/sandbox/internal/supervisor/reporter.go). */
interface Report {
  readonly phase?: string
  readonly ready?: boolean
  readonly running?: boolean
  readonly error?: string
  readonly usage?: boolean
  readonly crash?: SandboxCrash
}

async function start(
  binary: SandboxBinary,
  options: SandboxOptions,
  how: Progress,
  env: NodeJS.ProcessEnv,
): Promise<Report[]> {
  const { name, ...rest } = options
  const chosen = Object.entries(rest).filter(([, value]) => value !== undefined)
  const args = ['up', '--name', name, '--dir', dirOf(name, env), ...chosen.map(([flag, value]) => `--${flag}=${value}`)]
  const reports: Report[] = []
  const { startError, stderr } = await run(binary.path, args, {
    signal: how.signal,
    onLine: (line, stream) => {
      if (stream !== 'stdout') return
      const report = JSON.parse(line) as Report
      reports.push(report)
      if (report.phase !== undefined) how.progress(`starting ${report.phase}`)
    },
  })
  const crash = reports.find((report) => report.crash !== undefined)?.crash
  if (crash !== undefined) throw crashed(name, crash)
  const failed = reports.find((report) => report.error !== undefined)
  if (failed?.usage === true)
    throw new ForgeError('E_USAGE', failed.error ?? '', {
      hint: forge('sandbox', 'up', '--help'),
      where: 'command line',
    })
  if (failed === undefined && reports.some((report) => report.ready)) return reports
  throw notStarted(name, failed?.error ?? startError ?? stderr.trim(), env)
}

function ensured(state: SandboxState, started: boolean): EnsuredSandbox {
  return { name: state.name, kubeconfigPath: state.kubeconfig, context: contextOf(state.name), started, state }
}

function dirOf(name: string, env: NodeJS.ProcessEnv): string {
  return stateFolder(env, 'sandbox', name)
}
