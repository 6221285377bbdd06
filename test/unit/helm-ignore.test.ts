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
