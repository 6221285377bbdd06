import type { PodStreams } from '../ports.ts'
import type { ShellTerminal } from '../flows/look/shell.ts'
import { run } from '../adapters/process.ts'
import type { Session } from './session.ts'

/**
 * The terminal of this run, handed to a program elsewhere: raw, so that Ctrl-C goes there too; or what is piped in and out,
 * byte by byte. Nothing of it is kept, and none of it is read by forge.
 */
export function terminalFor(session: Session): ShellTerminal {
  const { output } = session
  const onClose = (action: () => void): void => session.onClose(action)
  const { stdin, stdout } = process
  const tty = stdin.isTTY && stdout.isTTY
  // Else forge would wait for it at its end.
  onClose(() => void stdin.destroy())
  return {
    tty,
    stdin,
    onOutput: async (stream, data) => await output.raw(stream === 'stdout' ? stdout : process.stderr, data),
    ...(tty ? { sizes: sizesOf(stdout, onClose) } : {}),
    take: async () => {
      if (!tty) return () => undefined
      await makeRaw(stdin)
      return () => void stdin.setRawMode(false)
    },
  }
}

/** As `kubectl exec` does (golang.org/x/term, MakeRaw). However forge ends, Node gives the terminal back as it was. */
async function makeRaw(stdin: NodeJS.ReadStream): Promise<void> {
  if (process.platform === 'win32') return void stdin.setRawMode(true)
  // In its other raw mode Node would end the pod's lines once more: https://nodejs.org/api/tty.html#readstreamsetrawmodemode
  const newer = stdin as unknown as { readonly rawMode?: unknown; setRawMode(mode: 'io'): void }
  newer.setRawMode('io')
  if (newer.rawMode === 'io') return
  // A Node that does not know it takes any text for that other mode. Without stty (Alpine has it) it stays so.
  await run('stty', ['-opost'], { hasTerminal: true })
}

function sizesOf(stdout: NodeJS.WriteStream, onClose: (action: () => void) => void): Sizes {
  return (changed) => {
    const tell = (): void => changed(stdout.columns, stdout.rows)
    stdout.on('resize', tell)
    onClose(() => void stdout.off('resize', tell))
    tell()
  }
}

type Sizes = NonNullable<Parameters<PodStreams['execute']>[1]['sizes']>
