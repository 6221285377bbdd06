import { Readable } from 'node:stream'
import { expect, test } from '@jest/globals'
import { BoundedLines, linesOf } from '../../src/adapters/kubernetes/lines.ts'

const chunks = (...texts: readonly (string | Buffer)[]): Readable => Readable.from(texts.map((one) => Buffer.from(one)))
const bounded = (body: Readable, bytes = Infinity): BoundedLines =>
  new BoundedLines(body, { bytes, longest: 8, instead: (start) => `${start.slice(0, 3)} left out` })

async function all(lines: AsyncIterable<string>): Promise<string[]> {
  const found: string[] = []
  for await (const line of lines) found.push(line)
  return found
}

test.each([
  ['lines', ['one\n\ntwo\n'], ['one', '', 'two']],
  ['a last line without newline', ['one\ntwo'], ['one', 'two']],
  ['nothing', [], []],
  ['a line in pieces', ['o', 'ne\ntw', 'o\n'], ['one', 'two']],
  ['half a letter', [Buffer.from([0xc3]), Buffer.from([0xbc, 0x0a])], ['ü']],
])('%s', async (_, given, lines) => {
  expect(await all(linesOf(chunks(...given)))).toEqual(lines)
  expect(await bounded(chunks(...given)).all()).toEqual(lines)
})

test('a line that is too long, in one piece or many, and the one after it', async () => {
  expect(await bounded(chunks('abcdefghij\nnext\n')).all()).toEqual(['abc left out', 'next'])
  expect(await bounded(chunks('abcdef', 'ghij', 'kl\nne', 'xt')).all()).toEqual(['abc left out', 'next'])
  expect(await bounded(chunks('abcdef', 'ghij')).all()).toEqual(['abc left out'])
})

test('at the limit of the whole, what stands at the cut is no line', async () => {
  const read = bounded(chunks('one\n', 'tw', 'o\nthree\n'), 6)
  expect([await read.all(), read.wasCut]).toEqual([['one'], true])
  const whole = bounded(chunks('one\n'), 6)
  expect([await whole.all(), whole.wasCut]).toEqual([['one'], false])
})

test('a line of half a gigabyte takes no memory', async () => {
  const piece = Buffer.alloc(1024 * 1024, 'x')
  const body = Readable.from(
    (function* () {
      for (let count = 0; count < 512; count += 1) yield piece
    })(),
  )
  const before = process.memoryUsage().rss
  expect(await bounded(body).all()).toEqual(['xxx left out'])
  expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1024 * 1024)
})
