import type { PodStreams } from '../ports.ts'
import type { Session } from './session.ts'

type Terminal = Omit<Parameters<PodStreams['execute']>[1], 'container' | 'command'>

/**
 * The terminal of this run, handed to a program elsewhere: raw, so that Ctrl-C goes there too; or what is piped in and out,
 * byte by byte. Nothing of it is kept, and none of it is read by forge.
 */
export function terminalFor(session: Session): Terminal {
  const { output } = session
  const onClose = (action: () => void): void => session.onClose(action)
  const { stdin, stdout } = process
  const tty = stdin.isTTY && stdout.isTTY
  if (tty) {
    stdin.setRawMode(true)
    onClose(() => void stdin.setRawMode(false))
  }
  // Else forge would wait for it at its end.
  onClose(() => void stdin.destroy())
  return {
    tty,
    stdin,
    onOutput: async (stream, data) => await output.raw(stream === 'stdout' ? stdout : process.stderr, data),
    ...(tty ? { sizes: sizesOf(stdout, onClose) } : {}),
  }
}

function sizesOf(stdout: NodeJS.WriteStream, onClose: (action: () => void) => void): NonNullable<Terminal['sizes']> {
  return (changed) => {
    const tell = (): void => changed(stdout.columns, stdout.rows)
    stdout.on('resize', tell)
    onClose(() => void stdout.off('resize', tell))
    tell()
  }
}
