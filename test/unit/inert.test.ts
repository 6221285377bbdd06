import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { inert, inertStream, visible } from '../../src/domain/redact/inert.ts'
import { documentText } from '../../src/screen/document-text.ts'
import { quotedManifest } from '../../src/screen/quoted-manifest.ts'
import { parseAllDocuments, stringify } from 'yaml'
import { live, Runner } from '../support/runner.ts'

const ESC = '\u001B'

describe('what a terminal would obey, or nobody can see, is shown', () => {
  test.each([
    ['a colour', `${ESC}[31mred${ESC}[0m`, '\\x1b[31mred\\x1b[0m'],
    ['a cleared screen', `${ESC}[2J${ESC}[H`, '\\x1b[2J\\x1b[H'],
    ['a sequence of one byte', '\u009B2J', '\\x9b2J'],
    ['a title', `${ESC}]0;mine\u0007`, '\\x1b]0;mine\\x07'],
    ['the clipboard', `${ESC}]52;c;cm0gLXJm${ESC}\\`, '\\x1b]52;c;cm0gLXJm\\x1b\\'],
    [
      'a link',
      `${ESC}]8;;https://evil.example${ESC}\\here${ESC}]8;;${ESC}\\`,
      '\\x1b]8;;https://evil.example\\x1b\\here\\x1b]8;;\\x1b\\',
    ],
    ['backspace and delete', 'a\b\b\u007F', 'a\\x08\\x08\\x7f'],
    ['nothing at all', 'a\0b', 'a\\x00b'],
    ['text that is turned around', 'user\u202Egnp.exe\u2066', 'user\\u202egnp.exe\\u2066'],
    ['spaces without width', 'ad\u200Bmin\uFEFF\u2060', 'ad\\u200bmin\\ufeff\\u2060'],
    ['a joiner between letters', 'ad\u200Dmin', 'ad\\u200dmin'],
    ['letters of a language that only tags have', 'a\u{E0041}', 'a\\u{e0041}'],
    ['other ends of lines', 'a\u2028b\u2029c\u0085d', 'a\\u2028b\\u2029c\\x85d'],
    ['half a character', 'a\uD800b\uDC00', 'a\\ud800b\\udc00'],
    ['a carriage return, which ends a line', '10 %\r20 %\r\ndone', '10 %\n20 %\ndone'],
  ])('%s', (_, text, shown) => expect(visible(text)).toBe(shown))

  test.each(['\tété 漢字 кот ‏'.slice(0, -1), '👩‍💻 👨‍👩‍👧 🏳️‍🌈 👩🏽‍🚀 ❤️ 1️⃣ 🇫🇷', '葛\u{E0100}城', 'שלום مرحبا', 'a\nb'])(
    'and %j stays as it is',
    (text) => expect(visible(text)).toBe(text),
  )
})

/** Pieces of what an attacker would write, in any order. */
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ...[
          '::',
          ':',
          '##[',
          '##',
          '[',
          ']',
          '#',
          'error',
          'add-mask',
          'set-env name=PATH',
          'stop-commands',
          'warning',
        ],
        ...[' ', '\t', '\n', '\r', '\r\n', '\u0085', '\u00A0', '\u2028', '\u3000', '\u000B', '\u001C', '\u180E'],
        ...[
          ESC,
          `${ESC}[31m`,
          `${ESC}[2K`,
          '\u200B',
          '\u200D',
          '\uFE0F',
          '\u00AD',
          '\uFEFF',
          '\0',
          '\uD83D',
          '\uDC69',
          '👩',
          '\\',
          '%0A',
        ],
      ),
      fc.string({ unit: 'binary', maxLength: 4 }),
    ),
    { maxLength: 14 },
  )
  .map((parts) => parts.join(''))

test('no line that others write is a command to a runner, and nothing in it is obeyed by a terminal', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const shown = inert(text)
      expect(new Runner().read(shown)).toMatchObject({ obeyed: [], isStopped: false })
      expect(live(shown)).toEqual([])
      expect(inert(shown)).toBe(shown)
    }),
    { numRuns: 2000 },
  )
})

test('the same where text arrives in pieces, cut anywhere', () => {
  fc.assert(
    fc.property(hostile, fc.array(fc.nat(80), { maxLength: 6 }), (text, places) => {
      const cuts = [0, ...places.filter((one) => one < text.length).toSorted((a, b) => a - b), text.length]
      const stream = inertStream()
      const pieces = cuts.slice(1).map((end, at) => stream.push(text.slice(cuts[at], end)))
      const shown = pieces.join('') + stream.end()
      expect(new Runner().read(shown)).toMatchObject({ obeyed: [], isStopped: false })
      expect(live(shown)).toEqual([])
    }),
    { numRuns: 2000 },
  )
})

test('a document of JSON says the same to a reader of JSON, and nothing to anybody else', () => {
  fc.assert(
    fc.property(hostile, hostile, (name, text) => {
      const written = documentText({ [name]: [text] }, (one) => one)
      expect(JSON.parse(written)).toEqual({ [name]: [text] })
      expect(new Runner().read(written)).toMatchObject({ obeyed: [], isStopped: false })
      expect(live(written)).toEqual([])
    }),
    { numRuns: 500 },
  )
})

test('a manifest that is printed is the same manifest', () => {
  const object = { kind: 'ConfigMap', data: { a: '::error::a\n##[b]\u202E \u{E0041} é 👩‍💻', b: 'fine' } }
  const other = 'kind: Other\na: |\n  b\n'
  const shown = quotedManifest(`---\n# Source: a\n${stringify(object)}---\n${other}`)
  expect(parseAllDocuments(shown).map((one) => one.toJS() as unknown)).toEqual([object, { kind: 'Other', a: 'b\n' }])
  expect(shown).toContain(other)
  expect(new Runner().read(shown).obeyed).toEqual([])
  expect(live(shown)).toEqual([])
})

test.each([
  ['::error file=a.ts::no', ':\\:error file=a.ts::no'],
  ['  \t::add-mask::a', '  \t:\\:add-mask::a'],
  ['x ##[error]no ##vso[task.setvariable]', 'x ##\\[error]no ##vso\\[task.setvariable]'],
  ['a::b std::string [::1]', 'a::b std::string [::1]'],
  ['# [a] ## b', '# [a] ## b'],
])('%s is told as %s', (text, shown) => expect(inert(text)).toBe(shown))

test('what draws keeps its own sequences, and no others', () => {
  const stream = inertStream()
  expect(stream.push(`${ESC}[2K${ESC}[1A${ESC}[?25l${ESC}[32m✔${ESC}[39m ok ${ESC}]0;mine\u0007${ESC}[6n`, true)).toBe(
    `${ESC}[2K${ESC}[1A${ESC}[?25l${ESC}[32m✔${ESC}[39m ok \\x1b]0;mine\\x07\\x1b[6n`,
  )
  expect(stream.push(`${ESC}[32mx`)).toBe('\\x1b[32mx')
})

test('a runner is understood by the rules of its own', () => {
  const runner = new Runner().read(
    'x ::error::a\n::nothing::\n \u00A0::error file=a::b\r##[warning]c\n::stop-commands::T\n',
  )
  expect(runner.obeyed).toEqual([
    { name: 'error', data: 'b' },
    { name: 'warning', data: 'c' },
  ])
  expect(runner.isStopped).toBe(true)
  expect(runner.read('::error::d\n::t::\n').isStopped).toBe(false)
})

// Squared it would take minutes.
test('a long log takes linear time', () => {
  const line = `${' '.repeat(40)}${ESC}[31m ##a## :: ::: é\u200B 👩‍💻\n`
  const text = line.repeat(20_000) + '#'.repeat(200_000) + ' '.repeat(200_000) + 'a'.repeat(200_000)
  expect(inertStream().push(text)).toBe(inert(text))
})
