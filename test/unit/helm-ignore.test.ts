import { expect, test } from '@jest/globals'
import { ignoresOf } from '../../src/domain/helm/ignore.ts'

/** As helm's own rules answer (pkg/ignore). */
test.each([
  ['', 'templates/.hidden', true],
  ['', '.hidden', false],
  ['*.bak', 'files/a.bak', true],
  ['/raw', 'raw', true],
  ['/raw', 'files/raw', false],
  ['files/*.txt', 'files/a.txt', true],
  ['files/*.txt', 'files/more/a.txt', false],
  ['a?.md', 'ab.md', true],
  ['[a-c].md', 'd.md', false],
  ['[^a-c].md', 'd.md', true],
  ['[a[b-d].md', '[.md', true],
  ['[\\a[b-d].md', 'a.md', true],
  ['[z-a].md', 'b.md', false],
  ['[\\]x].md', '].md', true],
  ['*a*b.md', 'xaxaxb.md', true],
  ['*a*b.md', 'xbxa.md', false],
  ['files/*/a*.txt', 'files/b/c/a.txt', false],
  ['?/a', '//a', false],
  ['é?.md', 'é😀.md', true],
  ['\\*.md', 'x.md', false],
  ['# *.md', 'x.md', false],
  ['**.md', 'x.md', false],
  ['  *.md  ', 'x.md', true],
  ['raw/', 'raw', false],
  ['!*.yaml', 'README.md', true],
  ['!*.yaml', 'values.yaml', false],
  ['README.md\n!*.md', 'README.md', true],
])('%j: %s', (rules, path, ignored) => expect(ignoresOf(rules)(path, false)).toBe(ignored))

test('a rule that ends with a slash is for folders', () => expect(ignoresOf('raw/')('raw', true)).toBe(true))

test('many stars take no time', () => {
  const begin = performance.now()
  expect(ignoresOf('*a'.repeat(40))('a'.repeat(2000) + 'b', false)).toBe(false)
  expect(ignoresOf('*a*'.repeat(40))('b'.repeat(2000), false)).toBe(false)
  expect(performance.now() - begin).toBeLessThan(1000)
})
