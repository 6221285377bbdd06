import { Writable } from 'node:stream'
import { execa, type Result } from 'execa'
import { tellProgram } from './evidence/run-log.ts'

export interface RunOptions {
  readonly cwd?: string
  /** Added to forge's own environment; never a secret (docs/design.md: no secret in the environment of children). */
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly input?: string | Uint8Array
  readonly signal?: AbortSignal
  /** The program may ask the person: it gets the terminal for its questions and their answers. */
  readonly hasTerminal?: boolean
  readonly onLine?: (line: string, stream: 'stdout' | 'stderr') => void
  /** A process group of its own, so that Ctrl-C in the terminal reaches forge only. */
  readonly ownGroup?: boolean
  /** Gets SIGINT when forge dies, even by SIGKILL: a helm that nobody watches must not go on writing. */
  readonly endsWithForge?: boolean
}

export interface RunResult {
  readonly status: number | undefined
  readonly stdout: string
  readonly stderr: string
  /** `ENOENT` and the like when the program could not be started at all. */
  readonly startError?: string
  /** `SIGKILL` and the like when somebody ended it. */
  readonly signal?: string
}

/**
 * The one place where a process is started and awaited. Never throws for a non-zero status: the caller knows what that
 * means. An aborted signal sends SIGINT (helm cleans up on it) and, after 10 s, SIGKILL; then the promise rejects with
 * the signal's reason.
 */
export async function run(file: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  options.signal?.throwIfAborted()
  const begun = performance.now()
  const bound = options.endsWithForge === true && process.platform !== 'win32'
  const child = execa(bound ? 'sh' : file, bound ? ['-c', LIFELINE, 'sh', file, ...args] : args, {
    reject: false,
    stripFinalNewline: false,
    forceKillAfterDelay: 10_000,
    killSignal: 'SIGINT',
    detached: options.ownGroup === true,
    cleanup: true,
    // Else NODE_DEBUG=execa prints what programs say, before it is known which of it is secret.
    verbose: 'none',
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.env === undefined ? {} : { env: options.env }),
    ...streamsOf(options, bound),
    ...(options.input === undefined ? {} : { input: options.input }),
    ...(options.signal === undefined ? {} : { cancelSignal: options.signal }),
  })
  const { nodeChildProcess } = child
  if (bound) nodeChildProcess.once('exit', () => letGo(nodeChildProcess.stdio[3]))
  const { onLine } = options
  if (onLine !== undefined) {
    const report = async (stream: 'stdout' | 'stderr'): Promise<void> => {
      for await (const line of child.iterable({ from: stream })) onLine(line, stream)
    }
    // A child that ends badly also ends its streams badly; `child` itself reports that.
    await Promise.allSettled([report('stdout'), report('stderr'), child])
  }
  const result = resultOf((await child) as Result)
  tellProgram({ file, args, end: endOf(result), ms: performance.now() - begun })
  options.signal?.throwIfAborted()
  return result
}

function endOf({ status, signal, startError }: RunResult): string {
  return startError ?? signal ?? `exit status ${status ?? 'unknown'}`
}

/** `bound`: a fourth stream is the lifeline. A program that asks a person has the terminal for what it asks. */
function streamsOf({ hasTerminal, input }: RunOptions, bound: boolean) {
  const own = hasTerminal === true ? 'inherit' : undefined
  const stdin = own ?? (input === undefined ? 'ignore' : 'pipe')
  if (!bound) return { stdin, stderr: own ?? 'pipe' } as const
  return { stdio: [stdin, 'pipe', 'pipe', 'pipe'], buffer: { fd3: false } } as const
}

/**
 * The program takes the shell's place (and its pid); beside it waits a reader of a pipe whose other end forge holds. A line
 * says that all is well; an end without one, that forge is gone.
 */
const LIFELINE = `{ read -r _ <&3 || kill -INT $$; } </dev/null >/dev/null 2>&1 & exec 3<&-; exec "$@"`

function letGo(lifeline: unknown): void {
  if (!(lifeline instanceof Writable)) return
  // The reader may be gone already, with the process group that it belonged to.
  lifeline.on('error', () => undefined)
  lifeline.end('\n')
}

function resultOf(result: Result): RunResult {
  const { code } = result as { code?: string }
  const ended = result.signal === undefined ? {} : { signal: result.signal }
  const base = { status: result.exitCode, stdout: textOf(result.stdout), stderr: textOf(result.stderr), ...ended }
  return code !== undefined && result.exitCode === undefined && result.signal === undefined
    ? { ...base, startError: code }
    : base
}

function textOf(output: unknown): string {
  return typeof output === 'string' ? output : ''
}
