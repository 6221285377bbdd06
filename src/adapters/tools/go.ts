import { availableParallelism } from 'node:os'
import { ForgeError, type ErrorCode } from '../../errors.ts'
import { program } from '../../hint.ts'
import { run } from '../process.ts'
import { getting } from './getting.ts'
import { GoProgress } from './go-progress.ts'

export interface Progress {
  readonly signal: AbortSignal
  /** What is being done, replacing what was said before. */
  readonly progress: (text: string) => void
}

interface GoRequest {
  /** What the arguments build, for messages: `the sandbox`. */
  readonly what: string
  readonly args: readonly string[]
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  /** Packages in all, if known. */
  readonly expected: number | undefined
  readonly code: ErrorCode
}

/** Programs without C: no compiler is needed, and the result runs on every libc. */
export const PURE_GO = { CGO_ENABLED: '0' } as const

/**
 * Where a program is built does not show in it, and nothing is written for debuggers: a sixth less to compute. Every build of
 * forge has both, so that Go compiles once what several programs are made of.
 */
export const LEAN_GO = ['-trimpath', '-gcflags=all=-dwarf=false'] as const

/** Logs get every text as a line of its own: more often than this it only fills them. */
const REPORT_EVERY_MS = 5000

function sparingly(progress: (text: string) => void): (text: string) => void {
  let last = Number.NEGATIVE_INFINITY
  return (text) => {
    if (performance.now() - last < REPORT_EVERY_MS) return
    last = performance.now()
    progress(text)
  }
}

/** Runs a `go build` or `go install` with `-v` and shows how far it is. */
export async function runGo(request: GoRequest, { signal, progress }: Progress): Promise<void> {
  const { what, args, cwd, env, expected, code } = request
  const follow = new GoProgress(expected, () => performance.now(), availableParallelism())
  const report = sparingly(progress)
  const said: string[] = []
  const result = await run('go', args, {
    cwd,
    env,
    signal,
    onLine: (line) => {
      const text = follow.see(line)
      if (text !== undefined) report(text)
      else if (line !== '') said.push(line)
    },
  })
  if (result.startError !== undefined) throw goMissing(what)
  if (result.status === 0) return
  throw new ForgeError(
    code,
    `${what} could not be built: ${said.slice(-6).join('\n') || `go ended with status ${result.status}`}`,
    {
      hint: program('go', '-C', cwd, ...args),
      where: cwd,
    },
  )
}

/**
 * How many packages a build with LEAN_GO has to compile: those that are not in Go's cache. Fetches modules that are
 * missing. Undefined when go cannot tell.
 */
export async function countPackages(
  cwd: string,
  what: string,
  { signal, progress }: Progress,
): Promise<number | undefined> {
  const follow = new GoProgress(undefined, () => performance.now(), 1)
  const report = sparingly(progress)
  const args = ['list', '-deps', ...LEAN_GO, '-f', '{{if .Stale}}{{.ImportPath}}{{end}}', '.']
  const result = await run('go', args, {
    cwd,
    env: PURE_GO,
    signal,
    onLine: (line, stream) => {
      const text = stream === 'stderr' ? follow.see(line) : undefined
      if (text !== undefined) report(text)
    },
  })
  if (result.startError !== undefined) throw goMissing(what)
  return result.status === 0 ? result.stdout.split('\n').filter((line) => line !== '').length : undefined
}

function goMissing(what: string): ForgeError {
  return new ForgeError('E_TOOL_GO', `${what} has to be built once, and there is no Go on this machine`, {
    hint: getting('go', 'E_TOOL_GO'),
    where: 'PATH',
  })
}
