import { expect, test } from '@jest/globals'
import { pattern, type Pattern } from '../../src/cli/pattern-flag.ts'

async function parsed(text: string): Promise<Pattern> {
  const flag = pattern({}) as { readonly parse: (...all: readonly unknown[]) => Promise<Pattern> }
  return await flag.parse(text, {}, { name: 'grep' })
}

test.each([
  ['a.c', 'abc', false],
  ['a.c', 'xa.cx', true],
  ['/a.c/', 'xabcx', true],
  ['/A.C/', 'abc', false],
  ['/A.C/i', 'abc', true],
  ['/', 'a/b', true],
  ['/api/v1', 'GET /api/v1/x', true],
  ['/a/b/', 'a/b', true],
])('%s on %s', async (text, line, does) => {
  expect((await parsed(text)).matches(line)).toBe(does)
})

test('no expression hangs, however it is made', async () => {
  const line = `${'a'.repeat(200_000)}!`
  const begun = performance.now()
  for (const text of ['/(a+)+$/', '/^(a|aa)*$/', '/(.*a){20}b/']) expect((await parsed(text)).matches(line)).toBe(false)
  expect(performance.now() - begun).toBeLessThan(20_000)
  await expect(parsed('/(a{1000}){1000}/')).rejects.toMatchObject({ code: 'E_USAGE' })
  await expect(parsed('/(?=a)/')).rejects.toMatchObject({ code: 'E_USAGE' })
})
