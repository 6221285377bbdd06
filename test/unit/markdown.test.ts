import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { markdownBlock, markdownCode, markdownText } from '../../src/screen/markdown.ts'

test.each([
  ['1 replica → 2, INFO → DEBUG (was "a/b.c-d:1")', '1 replica → 2, INFO → DEBUG (was "a/b.c-d:1")'],
  ['POSTGRES_USER, 漢字', 'POSTGRES_USER, 漢字'],
  ['<img src=x onerror=alert(1)>', '`<img src=x onerror=alert(1)>`'],
  ['[click](https://evil.example)', '`[click](https://evil.example)`'],
  ['https://evil.example', '`https://evil.example`'],
  ['@acme/everybody #1', '`@acme/everybody #1`'],
  ['_so_', '`_so_`'],
  ['# title', '`# title`'],
  ['a\n\n# title', '`a # title`'],
  ['a | b', '<code>a &#124; b</code>'],
  ['`</code><b>', '<code>&#96;&#60;&#47;code&#62;&#60;b&#62;</code>'],
])('%s is told as %s', (text, told) => expect(markdownText(text)).toBe(told))

const SIGNS = [
  '`',
  '``',
  '|',
  '\\',
  '\\|',
  '<',
  '>',
  '</code>',
  '<!--',
  '&lt;',
  '[',
  '](',
  ')',
  '@a',
  '#1',
  '\n',
  '*',
  '_',
  '~~',
  '$',
  'a',
  ' ',
]

test('text of others is nothing but text, in a table too', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...SIGNS)).map((parts) => parts.join('')),
      (text) => {
        for (const told of [markdownText(text), markdownCode(text)]) {
          expect(told).not.toContain('\n')
          const outside = told.replaceAll(/^`[^`|\\]*`$|^<code>[^<`|\\*_~$@[]*<\/code>$/gu, '')
          expect(outside).not.toMatch(/[`|\\<>[\]*@#~$&]/u)
        }
      },
    ),
  )
})

test('a block ends where it should', () => {
  expect(markdownBlock(['a', '```', '<b>'])).toEqual(['````', 'a', '```', '<b>', '````'])
})
