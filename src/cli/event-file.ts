import { createWriteStream, openSync } from 'node:fs'
import * as Flags from '@oclif/core/flags'
import { systemClock } from '../adapters/clock.ts'
import { DOCUMENTED, documented } from '../screen/documented.ts'
import type { Events } from '../domain/events/events.ts'
import { documentText } from '../screen/document-text.ts'
import { isMap } from '../domain/config/path.ts'
import { parseJson } from '../domain/json.ts'
import { refuseForeign, unwritable } from './own-file.ts'

/** Of the commands that change what runs, or look whether they may. */
export const eventsFlags = {
  events: Flags.string({
    helpValue: 'FILE',
    description: 'write what happens into this file as it happens, a JSON document a line (docs/events.md)',
  }),
}

/** A disk that hangs holds the end of a run up for so long. */
export const FLUSH_MS = 2000

/**
 * `--events FILE`: a line per event, in order, each written at once; what is told after the last one is lost. What an earlier
 * run wrote is replaced. A file that can no longer be written stops no deploy: `warn` is told once. Returns what closes it. Throws
 * E_FILE_UNWRITABLE.
 */
export function writeEvents(
  file: string,
  events: Events,
  shown: (text: string) => string,
  warn: (text: string) => void,
): () => Promise<void> {
  const stream = createWriteStream(file, { fd: opened(file) })
  stream.on('error', ({ message }) => warn(`${file} can no longer be written to (${message}): events are lost`))
  let seq = 0
  let isOver = false
  events.on(DOCUMENTED, (event) => {
    if (isOver || stream.destroyed) return
    seq += 1
    isOver = event.type === 'ended'
    const stamped = { v: 1, seq, at: new Date(systemClock.now()).toISOString(), ...documented(event) }
    stream.write(`${documentText(stamped, shown, 0)}\n`)
  })
  return async () => {
    const written = new Promise<void>((done) => stream.once('close', done).end())
    const late = new AbortController()
    await Promise.race([written, systemClock.after(FLUSH_MS, late.signal).catch(() => undefined)])
    late.abort()
  }
}

/** Of an earlier run, whichever version of forge wrote it. */
function isEvents(head: string): boolean {
  const first = parseJson(head.split('\n', 1)[0] ?? '')
  return isMap(first) && typeof first['v'] === 'number' && first['seq'] === 1 && typeof first['type'] === 'string'
}

function opened(file: string): number {
  refuseForeign(file, { flag: '--events', what: 'file of events', isOwn: isEvents, suffix: '-events.jsonl' })
  try {
    return openSync(file, 'w', 0o600)
  } catch (error) {
    throw unwritable(file, '--events', error)
  }
}
