import { createWriteStream, openSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import * as Flags from '@oclif/core/flags'
import { systemClock } from '../adapters/clock.ts'
import type { DeployEvent } from '../domain/events/schema.ts'
import { documentText } from '../domain/screen/document-text.ts'
import { ForgeError } from '../errors.ts'
import { program } from '../hint.ts'
import type { Events } from '../ports.ts'

/** Of the commands that change what runs, or look whether they may. */
export const eventsFlags = {
  events: Flags.string({
    helpValue: 'FILE',
    description: 'write what happens into this file as it happens, a JSON document a line (docs/events.md)',
  }),
}

/** A disk that hangs holds the end of a run up for so long. */
const FLUSH_MS = 2000

/** What the last event is made of. */
export interface EndOfRun {
  readonly outcome: Extract<DeployEvent, { type: 'ended' }>['outcome']
  readonly deploy?: number | null
  readonly verdict: {
    readonly code: string
    readonly message: string
    readonly chain: readonly string[]
    readonly where: string | null
    readonly hint: string
  } | null
}

export interface EventFile extends Events {
  /** The last event; what is told after it is lost. */
  ended(end: EndOfRun): void
  close(): Promise<void>
}

/**
 * `--events FILE`: a line per event, in order, each written at once. What was there before is replaced. A file that can no
 * longer be written stops no deploy: `warn` is told once. Throws E_FILE_UNWRITABLE.
 */
export function openEvents(file: string, shown: (text: string) => string, warn: (text: string) => void): EventFile {
  const stream = createWriteStream(file, { fd: opened(file) })
  stream.on('error', ({ message }) => warn(`${file} can no longer be written to (${message}): events are lost`))
  let seq = 0
  let isOver = false
  const tell = (event: DeployEvent): void => {
    if (isOver || stream.destroyed) return
    seq += 1
    const stamped = { v: 1, seq, at: new Date(systemClock.now()).toISOString(), ...event }
    stream.write(`${documentText(stamped, shown, 0)}\n`)
  }
  return {
    tell,
    ended({ outcome, deploy = null, verdict }) {
      const { code = null, message = null, chain = [], where = null, hint = null } = verdict ?? {}
      tell({ type: 'ended', outcome, deploy, code, message, chain: [...chain], where, hint })
      isOver = true
    },
    async close() {
      const written = new Promise<void>((done) => stream.once('close', done).end())
      const late = new AbortController()
      await Promise.race([written, systemClock.after(FLUSH_MS, late.signal).catch(() => undefined)])
      late.abort()
    },
  }
}

function opened(file: string): number {
  try {
    return openSync(file, 'w', 0o600)
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException
    throw new ForgeError('E_FILE_UNWRITABLE', `${file} cannot be written to (${code})`, {
      hint: program('ls', '-ld', dirname(resolve(file))),
      where: '--events',
    })
  }
}
