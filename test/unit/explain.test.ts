import { expect, test } from '@jest/globals'
import { ERROR_CODES } from '../../src/errors.ts'
import { explain, explained, listCodes } from '../../src/flows/explain.ts'
import { VERDICT_CODES } from '../../src/verdict-codes.ts'
import { forge } from '../../src/hint.ts'

test.each(ERROR_CODES)('%s fits on 80 columns and says what it means', (code) => {
  const lines = explained(explain(code))
  expect(lines[0]).toBe(code)
  expect(lines.filter((line) => line.length > 80)).toEqual([])
  expect(lines.join('\n')).not.toContain('undefined')
})

test.each(Object.entries(VERDICT_CODES))('%s says when it counts, and a command', (code, { example, next }) => {
  const text = explained(explain(code)).join('\n')
  for (const label of ['says', 'counts', 'exit', 'What to do']) expect(text).toContain(label)
  expect(next.some((advice) => 'run' in advice)).toBe(true)
  expect(example).not.toMatch(/\.$/u)
})

test('all codes are listed, those of verdicts first', () => {
  const { codes } = listCodes()
  expect(codes.map(({ code }) => code).sort()).toEqual(ERROR_CODES)
  expect(codes.slice(0, Object.keys(VERDICT_CODES).length).every(({ code }) => code in VERDICT_CODES)).toBe(true)
  expect(explained(listCodes()).filter((line) => line.length > 80)).toEqual([])
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
