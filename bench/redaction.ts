/**
 * How long redaction takes, in milliseconds of processor time (`npm run bench:redaction`): 20 MB of logs with 50 secrets, at
 * once, in pieces and by lines; and a secret of 1 MB, from its first mention on.
 */
import { randomBytes } from 'node:crypto'
import { Redactor } from '../src/domain/redact/redactor.ts'

const SIZE = 20_000_000
const PIECE = 4096

function spent(work: () => unknown): number {
  const begin = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(begin)
  return Math.round((user + system) / 1000)
}

function logs(): string {
  const lines: string[] = []
  for (let at = 0, length = 0; length < SIZE; at += 1) {
    const line = `2026-11-26T19:00:${at % 60}Z INFO id=${at} path=/api/v1/orders/${at * 7} took=12ms user='x-${at}' {"a":"b\\n"}\n`
    lines.push(line)
    length += line.length
  }
  return lines.join('')
}

function inPieces(redactor: Redactor, text: string): void {
  const stream = redactor.stream()
  for (let at = 0; at < text.length; at += PIECE) stream.push(text.slice(at, at + PIECE))
  stream.end()
}

const text = logs()
const many = new Redactor()
for (let at = 0; at < 50; at += 1) many.add(randomBytes(18).toString('base64url'))
const long = randomBytes(750_000).toString('base64')
const one = new Redactor()
const rows: readonly (readonly [string, number])[] = [
  ['20 MB at once', spent(() => many.text(text))],
  ['20 MB in pieces of 4 KiB', spent(() => inPieces(many, text))],
  ['a secret of 1 MB is added', spent(() => one.add(long))],
  ['its first line of output', spent(() => one.text('all is well'))],
  ['itself, in pieces', spent(() => inPieces(one, long))],
]
for (const [what, milliseconds] of rows) process.stdout.write(`${what.padEnd(28)}${milliseconds} ms\n`)
