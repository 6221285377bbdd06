import { closeSync, openSync, readSync, watch } from 'node:fs'
import { StringDecoder } from 'node:string_decoder'
import { execa } from 'execa'

export interface ForgeRun {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

interface ForgeRequest {
  /** bin/forge.js, to be run by this very Node. */
  readonly program: string
  readonly args: readonly string[]
  readonly cwd: string
  /** All of it: nothing else of this process is handed on. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Empty files are shown to a person as they are written. `shown`: stdout is collected and passed on, stderr passed on. */
  readonly output: 'collected' | 'passed-on' | 'shown'
  /** `shared`: whoever ends this process ends its whole group, and forge has the signal by itself. A second one would leave all as it is. */
  readonly signals?: 'forwarded' | 'shared'
}

/** Signals of the runner go on to forge, which says how it ends. */
const SIGNALS = ['SIGINT', 'SIGTERM'] as const

/** forge as a program of its own, awaited however it ends. */
export async function runForge({
  program,
  args,
  cwd,
  env,
  output,
  signals = 'forwarded',
}: ForgeRequest): Promise<ForgeRun> {
  const how = output === 'collected' ? 'pipe' : 'inherit'
  const result = output === 'shown' ? (['pipe', 'inherit'] as const) : how
  const child = execa(process.execPath, [program, ...args], {
    ...{ cwd, env, extendEnv: false, reject: false, stripFinalNewline: false, verbose: 'none' },
    ...{ stdin: 'ignore', stdout: result, stderr: how, maxBuffer: 1e9 },
  })
  const hear = (name: (typeof SIGNALS)[number]): void => {
    if (signals === 'forwarded') child.kill(name)
  }
  const forward = SIGNALS.map((name) => [name, (): void => hear(name)] as const)
  for (const [name, pass] of forward) process.on(name, pass)
  try {
    const { exitCode, signal, stdout, stderr } = await child
    const status = exitCode ?? (signal === 'SIGINT' ? 130 : signal === 'SIGTERM' ? 143 : 1)
    return { status, stdout: textOf(stdout), stderr: textOf(stderr) }
  } finally {
    for (const [name, pass] of forward) process.off(name, pass)
  }
}

function textOf(output: unknown): string {
  return typeof output === 'string' ? output : ''
}

/** Tells each line of a file as it is written to by another program. Returns what reads the rest and ends it. */
export function followLines(file: string, onLine: (line: string) => void): () => void {
  const fd = openSync(file, 'r')
  const decoder = new StringDecoder('utf8')
  const chunk = Buffer.alloc(65_536)
  let rest = ''
  const read = (): void => {
    for (let size = readSync(fd, chunk); size > 0; size = readSync(fd, chunk)) {
      const lines = `${rest}${decoder.write(chunk.subarray(0, size))}`.split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) onLine(line)
    }
  }
  const watcher = watch(file, read)
  return () => {
    watcher.close()
    read()
    closeSync(fd)
  }
}
