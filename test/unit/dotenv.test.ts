import { describe, expect, test } from '@jest/globals'
import { parse } from 'dotenv'
import { expand } from 'dotenv-expand'
import fc from 'fast-check'
import { showProblem } from '../../src/domain/config/position.ts'
import { readDotenv } from '../../src/domain/transforms/dotenv-file.ts'

describe('dotenv', () => {
  const read = (text: string): Record<string, [string, number]> =>
    Object.fromEntries([...readDotenv(text, '.env').entries].map(([key, { value, at }]) => [key, [value, at.line]]))

  test.each([
    ['plain', 'A=1\nB=2\n', { A: ['1', 1], B: ['2', 2] }],
    ['inline comments and trailing spaces', 'A=info   # chatty\nB=x   \n', { A: ['info', 1], B: ['x', 2] }],
    ['quotes keep both', 'A=\'x # y\'\nB="  z  "\n', { A: ['x # y', 1], B: ['  z  ', 2] }],
    ['export and colons', 'export A=1\nB: 2\n', { A: ['1', 1], B: ['2', 2] }],
    ['several lines in quotes', 'A="one\nB=two\n"\nC=3\n', { A: ['one\nB=two\n', 1], C: ['3', 4] }],
    ['comments and blank lines', '# A=0\n\n  # B=0\nA=1\n', { A: ['1', 4] }],
    ['the last one wins', 'A=1\nA=2\n', { A: ['2', 2] }],
    ['empty', 'A=\nB=""\n', { A: ['', 1], B: ['', 2] }],
    ['a lone quote', "A=it's\nB=2\n", { A: ["it's", 1], B: ['2', 2] }],
    ['Windows line ends', 'A=1\r\nB=2\r\n', { A: ['1', 1], B: ['2', 2] }],
    ['an escaped line break', 'A="a\\nb"\n', { A: ['a\nb', 1] }],
  ])('%s', (_, text, expected) => expect(read(text)).toEqual(expected))

  test.each([
    ['a variable from above', 'A=1\nB="${A}/x"\nC=$A.y\n', { A: ['1', 1], B: ['1/x', 2], C: ['1.y', 3] }],
    ['a default', 'A=${NOT_HERE:-x}\n', { A: ['x', 1] }],
    [
      'a dollar sign',
      "A=1\nB=\\$A\nC='$A ${A}'\nD=5$\n",
      { A: ['1', 1], B: ['$A', 2], C: ['$A ${A}', 3], D: ['5$', 4] },
    ],
    ['what a variable holds is not looked into again', "A='$x'\nB=${A}\n", { A: ['$x', 1], B: ['$x', 2] }],
  ])('%s', (_, text, expected) => expect(read(text)).toEqual(expected))

  test('a variable that no line above sets is told', () => {
    const { entries } = readDotenv('A=${B}\nB=1\nP=pa$word\n', '.env')
    expect([...entries].flatMap(([key, { fault }]) => (fault === undefined ? [] : [[key, fault]]))).toEqual([
      ['A', 'refers to ${B}, which no line above sets; a dollar sign is \\$, or stands in single quotes'],
      ['P', 'refers to ${word}, which no line above sets; a dollar sign is \\$, or stands in single quotes'],
    ])
  })

  const plain = fc.string({
    unit: fc.constantFrom('a', 'B', '7', '_', '.', '/', ':', '-', 'ü'),
    minLength: 1,
    maxLength: 6,
  })
  const reference = fc.constantFrom('$A', '${A}', '${B}', '${C:-d}', '${NONE:-e f}', '$C')
  const text = fc.array(fc.oneof(plain, reference), { maxLength: 4 }).map((parts) => parts.join(''))
  const value = fc.oneof(
    text,
    text.map((one) => `  ${one}   # a comment`),
    text.map((one) => `"${one} # none"`),
    fc.tuple(text, text).map(([one, other]) => `"${one}\n${other}\\n"`),
    plain.map((one) => `'${one} "x"'`),
    plain.map((one) => `\`${one} 'x'\``),
    plain.map((one) => `${one}\\$x`),
  )
  const entry = fc.tuple(
    fc.constantFrom('', 'export ', '  '),
    fc.constantFrom('A', 'B', 'C', 'D.e-f'),
    fc.constantFrom('=', ' = '),
    value,
  )
  const line = fc.oneof(
    entry.map((parts) => parts.join('')),
    fc.constantFrom('', '# A=comment', '  # "open'),
  )

  test('any file is read as dotenv and dotenv-expand read it', () => {
    fc.assert(
      fc.property(fc.array(line), fc.constantFrom('\n', '\r\n'), (lines, end) => {
        const file = lines.join('\n').replaceAll('\n', end)
        const parsed = parse(file)
        // dotenv-expand looks once more into what a variable gave; a dollar sign that was escaped is then taken for another.
        fc.pre(Object.keys(parsed).every((name) => !/\\\$/u.test(parsed[name] ?? '') || !file.includes(`{${name}`)))
        fc.pre(Object.keys(parsed).every((name) => !/\\\$/u.test(parsed[name] ?? '') || !file.includes(`$${name}`)))
        const expected = expand({ parsed, processEnv: {} }).parsed ?? {}
        const found = readDotenv(file, '.env')
        expect(Object.fromEntries([...found.entries].map(([name, { value: is }]) => [name, is]))).toEqual({
          ...expected,
        })
        expect(found.problems).toEqual([])
      }),
      { numRuns: 1000 },
    )
  })

  test('a line that is no entry is told, not passed over', () => {
    expect(readDotenv('A=1\nB\n=3\n', '.env').problems.map(showProblem)).toEqual([
      '.env:2:1: is no NAME=VALUE line',
      '.env:3:1: is no NAME=VALUE line',
    ])
  })
})
