import { randomBytes } from 'node:crypto'
import { StringDecoder } from 'node:string_decoder'
import type { Redactor } from '../domain/redact/redactor.ts'
import { columnsOf, rowsOf } from './width.ts'
import { inertStream, visible } from '../domain/redact/inert.ts'

type Stream = NodeJS.WriteStream
type Write = (chunk: string | Uint8Array, ...more: unknown[]) => boolean
type RawWrite = (text: string, done?: () => void) => boolean

/** All that forge writes to a terminal or a log goes through here, whoever writes it. */
export interface Output {
  readonly redactor: Redactor
  /** A text of others as it may be shown, before it is cut to its place. */
  readonly shown: (text: string) => string
  /** The same stream for what draws and colours. Text that it gets has been `shown` before. */
  readonly canvas: (stream: Stream) => Stream
  /** What this stream gets from here on is what a program of others writes. Undone at the end, however the run ends. */
  readonly quote: (stream: Stream) => void
  /** A line that forge says to what keeps the log (a fold): as it stands, between what was written before and what comes. */
  readonly command: (stream: Stream, line: string) => void
  /** Bytes as a program of others wrote them, for whoever asked for just these: `forge shell`. */
  readonly raw: (stream: Stream, data: Uint8Array) => Promise<void>
  readonly close: () => void
}

/**
 * The last gate: whatever writes to the terminal, forge or a library of it, is redacted and made inert on the way out, however it cuts
 * its text into pieces. With `--json` stdout carries one document, which `documentText` makes safe before it is written.
 */
export function openOutput(redactor: Redactor, json: boolean, inActions: boolean): Output {
  const gates = new Map<Stream, Gate>()
  for (const stream of json ? [process.stderr] : [process.stderr, process.stdout]) {
    const others = [...gates.values()]
    // In a terminal both are one: what the other still holds back (the end of a line may begin a secret) was said before.
    gates.set(stream, new Gate(stream, redactor, () => others.forEach((one) => one.flush())))
  }
  const close = (): void => gates.forEach((gate) => gate.resume())
  process.once('exit', () => gates.forEach((gate) => gate.end()))
  return {
    redactor,
    shown: (text) => visible(redactor.text(text)),
    canvas: (stream) => gates.get(stream)?.canvas ?? stream,
    quote: (stream) => {
      if (inActions) gates.get(stream)?.stop()
    },
    command: (stream, line) => gates.get(stream)?.command(line),
    raw: async (stream, data) =>
      await new Promise((done) => (gates.get(stream) ?? new Gate(stream, redactor, () => undefined)).raw(data, done)),
    close,
  }
}

/** Shown and hidden, and shown again at the exit, by libraries that write nothing else at once. */
const CURSOR = /^\u001B\[\?25[hl]$/u

class Gate {
  readonly canvas: Stream
  readonly #write: RawWrite
  readonly #raw: (data: Uint8Array, done: () => void) => void
  readonly #redacted: ReturnType<Redactor['stream']>
  readonly #inert = inertStream()
  readonly #decoder = new StringDecoder('utf8')
  /** Until a runner hears it again, it takes nothing for a command. */
  #token: string | undefined
  /** What was written last: a sequence of it may be held back in its middle, because a secret begins with its last letter. */
  #draws = false

  constructor(stream: Stream, redactor: Redactor, before: () => void) {
    const write: RawWrite = stream.write.bind(stream)
    const bytes = stream.write.bind(stream) as (data: Uint8Array, done: () => void) => boolean
    this.#raw = (data, done) => {
      before()
      bytes(data, done)
    }
    this.#write = (text, done) => {
      before()
      return write(text, done)
    }
    this.#redacted = redactor.stream()
    const plain = this.#writer(false)
    const drawing = this.#writer(true)
    stream.write = plain
    // listr2 takes the place of `write` while it draws, and says at its end what others said meanwhile.
    const held = (chunk: string): string => (CURSOR.test(chunk) ? chunk : visible(redactor.text(chunk)))
    const instead = (other: Write): Write => (other === drawing ? plain : (chunk) => other(held(textOf(chunk))))
    this.canvas = Object.create(stream, {
      // Whoever draws wraps and cuts to it, and a terminal may not know its own.
      columns: { get: () => columnsOf(stream) },
      rows: { get: () => rowsOf(stream) },
      write: { get: () => drawing, set: (other: Write) => void (stream.write = instead(other)) },
    }) as Stream
  }

  #writer(draws: boolean): Write {
    return (chunk, ...more) => {
      const text = typeof chunk === 'string' ? chunk : this.#decoder.write(Buffer.from(chunk))
      const done = more.find((one): one is () => void => typeof one === 'function')
      // Its last letter may be what a secret begins with: held back, the rest is none any more.
      if (CURSOR.test(text)) return this.#write(text, done)
      if (draws !== this.#draws) this.flush()
      this.#draws = draws
      return this.#write(this.#inert.push(this.#redacted.push(text), draws), done)
    }
  }

  raw(data: Uint8Array, done: () => void): void {
    this.#raw(data, () => done())
  }

  /** A runner stops to obey (docs.github.com, "Stopping and starting workflow commands"). */
  stop(): void {
    if (this.#token !== undefined) return
    this.#token = randomBytes(16).toString('hex')
    this.command(`::stop-commands::${this.#token}`)
  }

  resume(): void {
    if (this.#token === undefined) return
    this.command(`::${this.#token}::`)
    this.#token = undefined
  }

  end(): void {
    this.resume()
    this.flush()
  }

  flush(): void {
    const rest = this.#rest()
    if (rest !== '') this.#write(rest)
  }

  /** On a line of its own, or it is none. */
  command(command: string): void {
    const rest = this.#rest()
    this.#write(`${rest}${this.#inert.beginsLine ? '' : this.#inert.push('\n')}${command}\n`)
  }

  #rest(): string {
    return this.#inert.push(this.#redacted.end(), this.#draws) + this.#inert.end()
  }
}

function textOf(chunk: string | Uint8Array): string {
  return typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString()
}
