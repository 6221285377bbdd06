import { readFile, readlink } from 'node:fs/promises'
import { StringDecoder } from 'node:string_decoder'
import { execa } from 'execa'
import { stripVTControlCharacters } from 'node:util'
import { drawnScreen } from './drawn-screen.ts'
import { FORGE } from './forge.ts'
import { testSandbox } from './sandbox.ts'

export interface OnTerminal {
  /** Resolves with all that was on the screen once this text is; fails when the program ends before. */
  shows(text: string | RegExp): Promise<string>
  types(keys: string): void
  /** As a window manager does: the program hears SIGWINCH. */
  resizes(columns: number, rows: number): Promise<void>
  /** The exit status, all that was on the screen without its colours, and what stands there at the end. */
  ended(): Promise<{ readonly status: number | undefined; readonly screen: string; readonly drawn: string }>
}

export interface Terminal {
  /** As wide as this; else it does not know. */
  readonly columns?: number
  readonly cwd?: string
}

/** forge on a pseudo terminal of its own: what it prints is a screen, what is typed are keys. */
export async function forgeOnTerminal(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  terminal: Terminal = {},
): Promise<OnTerminal> {
  return await onTerminal(forgeWords(args), env, terminal)
}

/** For a shell. */
export function forgeWords(args: readonly string[]): string {
  return [process.execPath, FORGE, ...args].map((part) => `'${part}'`).join(' ')
}

/** What a shell runs on a pseudo terminal (script, of util-linux). */
export async function onTerminal(
  command: string,
  env: Readonly<Record<string, string>> = {},
  { columns, cwd }: Terminal = {},
): Promise<OnTerminal> {
  const { name } = await testSandbox()
  const size = columns === undefined ? '' : `stty cols ${columns} rows 200; `
  const run = execa('script', ['--quiet', '--flush', '--return', '--command', `${size}${command}`, '/dev/null'], {
    reject: false,
    stdin: 'pipe',
    ...(cwd === undefined ? {} : { cwd }),
    env: { FORGE_SANDBOX: name, FORGE_ENV: undefined, CI: undefined, GITHUB_ACTIONS: undefined, TERM: 'xterm', ...env },
  })
  let seen = ''
  let written = ''
  let over = false
  const waiting = new Set<() => void>()
  const wake = (): void => waiting.forEach((look) => look())
  const decoder = new StringDecoder('utf8')
  run.stdout.on('data', (chunk: Buffer) => {
    const text = decoder.write(chunk)
    written += text
    seen += stripVTControlCharacters(text)
    wake()
  })
  run.stdout.on('end', () => {
    over = true
    wake()
  })
  return {
    async shows(text) {
      await new Promise<void>((found, failed) => {
        const look = (): void => {
          if (typeof text === 'string' ? seen.includes(text) : text.test(seen)) found()
          else if (over) failed(new Error(`forge ended before it showed ${String(text)}:\n${seen}`))
        }
        waiting.add(look)
        look()
      })
      return seen
    },
    types: (keys) => void run.stdin.write(keys),
    async resizes(columns, rows) {
      const device = await readlink(`/proc/${await childOf(run.pid)}/fd/0`)
      await execa('stty', ['-F', device, 'cols', String(columns), 'rows', String(rows)])
    },
    async ended() {
      const { exitCode } = await run
      return { status: exitCode, screen: seen, drawn: drawnScreen(written) }
    },
  }
}

async function childOf(pid = 0): Promise<string> {
  return (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim()
}
