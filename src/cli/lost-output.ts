import { ForgeError } from '../errors.ts'
import { again } from '../hint.ts'

/** What a command is for: what it prints, what it changes, or to be watched until somebody ends it. */
export type Purpose = 'reading' | 'writing' | 'watching'

type LostStream = Pick<NodeJS.WriteStream, 'removeAllListeners' | 'on' | 'isTTY'>

/**
 * What cannot be written (a full disk) is not written, and ends nothing half-way: what a command prints is its result, so that one
 * fails; one that changes something ends as it ends. A reader that goes away (`| head`), or closes the
 * terminal, has what it wanted.
 */
export function hearLostOutput(
  streams: Record<'stdout' | 'stderr', LostStream>,
  tell: (lost: ForgeError) => void,
): void {
  // oclif throws there: the run would break off where it is, with the source of forge on the screen.
  for (const stream of [streams.stdout, streams.stderr]) stream.removeAllListeners('error')
  streams.stderr.on('error', () => undefined)
  let isTold = false
  streams.stdout.on('error', ({ code = 'unknown error' }: NodeJS.ErrnoException) => {
    const isGone = code === 'EPIPE' || (code === 'EIO' && streams.stdout.isTTY)
    if (isGone || isTold) return
    isTold = true
    const message = `what forge prints cannot be written (${code}) and is lost`
    tell(new ForgeError('E_FILE_UNWRITABLE', message, { hint: again(), where: 'stdout' }))
  })
}
