import { execFileSync } from 'node:child_process'
import { expect, test } from '@jest/globals'
import { ERROR_CODES } from '../../src/errors.ts'
import { explain, explained, listCodes } from '../../src/flows/explain.ts'
import { VERDICT_CODES } from '../../src/verdict-codes.ts'
import { forge } from '../../src/hint.ts'
import { commandClasses } from '../support/commands.ts'

test.each(ERROR_CODES)('%s fits on 80 columns and says what it means', (code) => {
  const lines = explained(explain(code), 80)
  expect(lines[0]).toBe(code)
  expect(lines.filter((line) => line.length > 80)).toEqual([])
  expect(lines.join('\n')).not.toContain('undefined')
})

test.each(ERROR_CODES)('%s says what it means, why, how it reads, and what to do', (code) => {
  const { about, why, example, next } = explain(code)
  expect([about, why].filter((text) => !/^\S.*[.]$/u.test(text))).toEqual([])
  expect(why).not.toBe(about)
  expect(example).toMatch(/^\S.*[^.]$/u)
  expect(next.length).toBeGreaterThan(0)
  expect(next.filter(({ say }) => !/[.?:]\)?$/u.test(say))).toEqual([])
  const shown = explained(explain(code), 80).join('\n')
  for (const label of ['\nwhy  ', '\nsays  ', '\nexit  ', '\nWhat to do\n']) expect(shown).toContain(label)
})

const commands = ERROR_CODES.flatMap((code) =>
  explain(code).next.flatMap(({ run }) => (run === undefined ? [] : [run])),
)

test('a shell takes the commands that are told', () => {
  execFileSync('sh', ['-n'], { input: commands.join('\n') })
  expect(commands.length).toBeGreaterThan(ERROR_CODES.length)
})

test('forge has the commands and flags that are told', async () => {
  const classes = await commandClasses()
  const wrong = commands
    .flatMap((line) => line.split(' && '))
    .filter((line) => {
      const [program, first = '', second = '', ...rest] = line.split(' ')
      if (program !== 'forge' || first === '--version' || first === 'help') return false
      const known = classes.get(first) ?? classes.get(`${first} ${second}`)
      const flags = Object.entries(known?.flags ?? {}).flatMap(([name, { char }]) => [`--${name}`, `-${char ?? name}`])
      const allowed = new Set([...flags, ...Object.keys(known?.baseFlags ?? {}).map((name) => `--${name}`)])
      return known === undefined || [second, ...rest].some((word) => word.startsWith('-') && !allowed.has(word))
    })
  expect(wrong).toEqual([])
})

test.each(Object.entries(VERDICT_CODES))('%s says when it counts, and a command', (code, { example, next }) => {
  const text = explained(explain(code), 80).join('\n')
  for (const label of ['says', 'counts', 'exit', 'What to do']) expect(text).toContain(label)
  expect(next.some((advice) => 'run' in advice)).toBe(true)
  expect(example).not.toMatch(/\.$/u)
})

test('all codes are listed, those of verdicts first', () => {
  const { codes } = listCodes()
  expect(codes.map(({ code }) => code).sort()).toEqual(ERROR_CODES)
  expect(codes.slice(0, Object.keys(VERDICT_CODES).length).every(({ code }) => code in VERDICT_CODES)).toBe(true)
  expect(explained(listCodes(), 80).filter((line) => line.length > 80)).toEqual([])
})

test.each([
  ['image-pull', 'E_IMAGE_PULL'],
  ['e_oom_killed', 'E_OOM_KILLED'],
  ['E_QUOTA', 'E_QUOTA'],
])('%s is meant as %s', (asked, code) => expect(explain(asked).code).toBe(code))

test('an unknown code names the nearest', () => {
  expect(() => explain('E_IMAGEPULL')).toThrow(
    expect.objectContaining({
      code: 'E_USAGE',
      details: expect.objectContaining({ hint: forge('explain', 'E_IMAGE_PULL') }),
    }),
  )
})
