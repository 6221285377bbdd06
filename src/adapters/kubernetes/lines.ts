import { StringDecoder } from 'node:string_decoder'
import type { Readable } from 'node:stream'

/** Lines of a body as they arrive, without their newline. A last line without newline counts. */
export async function* linesOf(body: Readable): AsyncIterable<string> {
  yield* new BoundedLines(body, { bytes: Infinity, longest: Infinity, instead: (start) => start })
}

interface Bounds {
  /** Of the whole body: where it is longer, it was cut, and what stands at the cut is no line. */
  readonly bytes: number
  /** Characters of one line: what is longer is not kept, but read to its end. */
  readonly longest: number
  /** What stands in the place of such a line, whose beginning is given. */
  readonly instead: (start: string) => string
}

/** The same, with no more in memory than one line of `longest`. */
export class BoundedLines implements AsyncIterable<string> {
  /** Known when all lines were read. */
  wasCut = false
  private readonly body: Readable
  private readonly bounds: Bounds
  private rest = ''
  /** Of a line that was too long already. */
  private start: string | undefined

  constructor(body: Readable, bounds: Bounds) {
    this.body = body
    this.bounds = bounds
  }

  async *[Symbol.asyncIterator](): AsyncIterator<string> {
    const decoder = new StringDecoder('utf8')
    let bytes = 0
    for await (const chunk of this.body as AsyncIterable<Buffer>) {
      bytes += chunk.length
      const [first = '', ...others] = decoder.write(chunk).split('\n')
      this.append(first)
      for (const part of others) {
        yield this.taken()
        this.append(part)
      }
      // A server need not keep to what it was asked for.
      this.wasCut = bytes >= this.bounds.bytes
      if (this.wasCut) return
    }
    if (this.rest !== '' || this.start !== undefined) yield this.taken()
  }

  async all(): Promise<string[]> {
    const lines: string[] = []
    for await (const line of this) lines.push(line)
    return lines
  }

  private append(text: string): void {
    if (this.start !== undefined) return
    this.rest += text
    if (this.rest.length <= this.bounds.longest) return
    this.start = this.rest.slice(0, START)
    this.rest = ''
  }

  private taken(): string {
    const line = this.start === undefined ? this.rest : this.bounds.instead(this.start)
    this.rest = ''
    this.start = undefined
    return line
  }
}

/** Enough for the time that stands before the line of a log. */
const START = 64
