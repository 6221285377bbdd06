import { StringDecoder } from 'node:string_decoder'
import type { Redactor } from '../domain/redact/redactor.ts'

/**
 * The last gate: whatever writes to the terminal, forge or a library of it, is redacted on the way out, however it cuts its
 * text into pieces. With `--json` stdout carries one document, whose strings are redacted before it is written.
 */
export function guardOutput(redactor: Redactor, json: boolean): void {
  for (const stream of json ? [process.stderr] : [process.stderr, process.stdout]) guard(stream, redactor)
}

function guard(stream: NodeJS.WriteStream, redactor: Redactor): void {
  const write = stream.write.bind(stream) as (text: string, done?: () => void) => boolean
  const safe = redactor.stream()
  const decoder = new StringDecoder('utf8')
  stream.write = (chunk: string | Uint8Array, ...more: unknown[]) => {
    const text = typeof chunk === 'string' ? chunk : decoder.write(Buffer.from(chunk))
    const done = more.find((one): one is () => void => typeof one === 'function')
    return write(safe.push(text), done)
  }
  process.once('exit', () => {
    const rest = safe.end()
    if (rest !== '') write(rest)
  })
}
