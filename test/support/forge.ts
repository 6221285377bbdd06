import { execa } from 'execa'
import { join } from 'node:path'

export const ROOT = new URL('../..', import.meta.url).pathname
export const FORGE = join(ROOT, 'bin', 'forge.js')

export interface Ran {
  readonly status: number | undefined
  readonly stdout: string
  readonly stderr: string
}

export interface RunForge {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly input?: string
  readonly signal?: AbortSignal
  /** In a process group of its own, which a terminal's Ctrl-C would reach as a whole. */
  readonly ownGroup?: boolean
}

/** The built CLI, as a user starts it: no terminal, colours off. Never throws for an exit status. */
export async function forge(args: readonly string[], options: RunForge = {}): Promise<Ran> {
  const { exitCode, stdout, stderr } = await startForge(args, options)
  return { status: exitCode, stdout, stderr }
}

/** The same, still running: for tests that signal it. */
export function startForge(args: readonly string[], { cwd, env, input, ownGroup = false }: RunForge = {}) {
  return execa(process.execPath, [FORGE, ...args], {
    reject: false,
    detached: ownGroup,
    ...(cwd === undefined ? {} : { cwd }),
    ...(input === undefined ? { stdin: 'ignore' as const } : { input }),
    env: { NO_COLOR: '1', CI: 'true', FORGE_ENV: undefined, GITHUB_ACTIONS: undefined, ...env },
  })
}

/** The one JSON document that `--json` prints; a failure shows what was printed instead. */
export function document<T = Record<string, unknown>>({ stdout, stderr, status }: Ran): T {
  try {
    return JSON.parse(stdout) as T
  } catch {
    throw new Error(`stdout is no JSON document (exit status ${status}).\nstdout:\n${stdout}\nstderr:\n${stderr}`)
  }
}
