import { describe, expect, test } from '@jest/globals'
import { parse } from 'dotenv'
import { expand } from 'dotenv-expand'
import fc from 'fast-check'
import { showProblem } from '../../src/domain/config/position.ts'
import { readDotenv } from '../../src/domain/transforms/dotenv-file.ts'
import { doubtWarnings } from '../../src/domain/transforms/dotenv-otherwise.ts'
import { lostKeys } from '../support/dotenv-reference.ts'
import { dotenvTexts } from '../support/dotenv-texts.ts'

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
    ['a quote behind a backslash', 'A="C:\\dir\\"\nB=2\n', { A: ['C:\\dir\\', 1], B: ['2', 2] }],
    ['a quote behind a backslash, and one more', 'A="x\\"\nB="y"\n', { A: ['x\\', 1], B: ['y', 2] }],
    ['a quote that does not close', 'A="x\nB=2\nC="y"\n', { A: ['"x', 1], B: ['2', 2], C: ['y', 3] }],
    ['a comment behind a quote that does not close', "A='x # it's\nB=2\n", { A: ["'x", 1], B: ['2', 2] }],
    ['text behind a quote', 'A="x" y\nB=2\n', { A: ['"x" y', 1], B: ['2', 2] }],
    ['a name above its value', '\n\nA=\n\n"x"\nB=2\n', { A: ['x', 3], B: ['2', 6] }],
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

  test.each([
    ['A="x', 'has a quote (") that is not closed; close it, or put the value into other quotes'],
    ["A='x # it's", "has a quote (') that is not closed; close it, or put the value into other quotes"],
    ['A=`', 'has a quote (`) that is not closed; close it, or put the value into other quotes'],
    ['A=\n"x"', 'has its value on another line; "NAME=VALUE" is one line'],
    ['A:\nB=1', 'has its value on another line; "NAME=VALUE" is one line'],
    ["A=it's", undefined],
    ['A="x\\"', undefined],
  ])('%j is an error: %s', (text, fault) => {
    expect(readDotenv(`${text}\nB=2\n`, '.env').entries.get('A')?.fault).toBe(fault)
  })

  test.each([
    ...['A="a\\"b"', 'A="a\\\\b"', 'A="a\\nb"', 'A=a\\b', "A='it\\'s'", "A='x\\'", 'A="x\\"'],
    ...['A=x#y', 'A=#y', 'A= # y', 'A="x"#y', 'A=x\t#y', 'A=$$', 'A=$1', 'A="$(x)"', 'A=a$"', 'A=5${A%x}', 'A=x y'],
    ...['A = x', 'A: x', 'A= x', 'A.b=x', '1A=x', 'A=`x`', 'A="a`b"', "A=it's", 'A="x" y', 'A=~/x', 'A=x:~', 'A=x;y'],
    ...['A=x&y', 'A=(x)', 'A=x\u00A0', 'A="x"\u00A0', 'A=x\r', 'A=1\nB=$A\nA=2'],
  ])('bash or docker compose reads %j otherwise', (text) => {
    expect([...readDotenv(`${text}\n`, '.env').entries.values()][0]?.otherwise).toBeDefined()
  })

  test.each([
    ...['A=x', 'export A=x', 'A=', 'A=""', 'A="x y"', "A='x \\ y $z'", 'A="x # y" # c', 'A=x # c', 'A="a\nb"', 'A=5$'],
    ...[
      'B=1\nA=${B}/x',
      'A=${B:-d e}',
      'A="\\$x"',
      'A="C:\\dir"',
      'A=a=b,c/d:e@f%g',
      'A=[*]',
      '# x=`y`\nA=1',
      'A=x\n# c',
    ],
  ])('all read %j alike', (text) => {
    const { entries, problems } = readDotenv(`${text}\n`, '.env')
    expect([problems, ...[...entries.values()].map(({ otherwise }) => otherwise).filter(Boolean)]).toEqual([[]])
  })

  test('one reason is told once for a file, and never with a value', () => {
    const at = (line: number) => ({ file: '.env', line, column: 1 })
    const blanks = ['A', 'B', 'C', 'D', 'E'].map((key, index) => ({ key, at: at(index + 2), why: 'blank' as const }))
    expect(doubtWarnings([...blanks, { key: 'F', at: at(9), why: 'home' }]).map(showProblem)).toEqual([
      '.env:2:1: A, B, C and 2 more: bash or docker compose reads this otherwise than dotenv and forge: bash ends a value at a blank; put it into quotes',
      '.env:9:1: F: bash or docker compose reads this otherwise than dotenv and forge: bash makes a home folder of ~; put it into quotes',
    ])
  })

  test('what a secret refers to is no part of what is told of it', () => {
    const entry = readDotenv('P=pa$word\n', '.env').entries.get('P')
    expect(entry?.faultOfSecret).not.toContain('word')
  })

  test('every key that the dotenv package returns is seen, on its line', () => {
    expect(dotenvTexts(15, 4000).flatMap(lostKeys)).toEqual([])
  })

  test('a line that is no entry is told, not passed over', () => {
    expect(readDotenv('A=1\nB\n=3\n', '.env').problems.map(showProblem)).toEqual([
      '.env:2:1: is no NAME=VALUE line',
      '.env:3:1: is no NAME=VALUE line',
    ])
    expect(readDotenv('A=1\n__proto__=2\n', '.env').problems.map(showProblem)).toEqual([
      '.env:2:1: __proto__ is a name that dotenv passes over',
    ])
  })
})
