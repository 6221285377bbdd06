import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { readIgnore, type Ignore, type Looked } from '../../src/domain/images/ignore.ts'
import { ignoreQuestions } from '../support/ignore-texts.ts'

function rules(text: string): Ignore {
  const read = readIgnore(text)
  if (typeof read !== 'function') throw new Error(read.message)
  return read
}

/** From folder to folder, as a walk does it. */
function walk(ignore: Ignore, path: string): Looked[] {
  const parts = path.split('/')
  const found: Looked[] = []
  for (const at of parts.keys()) found.push(ignore(parts.slice(0, at + 1).join('/'), found.at(-1)))
  return found
}

const leavesOut = (text: string, path: string): boolean => walk(rules(text), path).at(-1)?.isIgnored === true

describe('.dockerignore', () => {
  test.each([
    ['node_modules', ['node_modules/left/pad.js'], ['src/node_modules/left.js', 'node_modules2']],
    ['**/node_modules', ['node_modules/a', 'web/node_modules/a'], ['web/node_modules2/a']],
    ['/secret', ['secret', 'secret/key'], ['a/secret']],
    ['./secret/../secret/', ['secret', 'secret/key'], ['a/secret']],
    ['*.log', ['a.log', 'a.log/b'], ['logs/a.log', 'a.log2']],
    ['**/*.log', ['a.log', 'logs/a.log', 'logs/of/a.log'], ['logs/a.txt']],
    ['**.log', ['a.log', 'logs/a.log'], ['a.log2']],
    ['logs/**', ['logs/a', 'logs/a/b'], ['logs', 'logs2/a']],
    ['logs**', ['logs', 'logs2', 'logs/a'], ['log']],
    ['a/**/z', ['a/z', 'a/b/z', 'a/b/c/z'], ['a/b/zz', 'z']],
    ['v?', ['v1', 'vé'], ['v', 'v12', 'v/']],
    ['[a-c]x', ['ax', 'cx'], ['dx', 'x']],
    ['[^a-c]x', ['dx', '/x'], ['ax']],
    ['a.b', ['a.b'], ['aXb']],
    [String.raw`a\*`, ['a*'], ['ab']],
    ['a+(b)|{c}$', ['a+(b)|{c}$'], ['aa']],
    ['**', ['a', 'a/b'], []],
    ['# all\n #a\n\n \na b ', ['#a', 'a b'], ['all', '# all']],
    ['\uFEFFa\r\nb\r\n', ['a', 'b'], []],
    ['*\n!src\n! /package.json', ['README.md', 'docs/a'], ['src', 'src/a/b.ts', 'package.json']],
    ['docs\n!docs/README.md', ['docs/a', 'docs/deep/README.md'], ['docs/README.md']],
    ['!a.md\n*.md', ['a.md'], []],
    ['*.md\n!a*.md\nab.md', ['b.md', 'ab.md'], ['a.md', 'ac.md']],
    ['', [], ['a', '.dockerignore']],
  ])('%j leaves out %j and not %j', (text, out, stays) => {
    expect(out.filter((path) => !leavesOut(text, path))).toEqual([])
    expect(stays.filter((path) => leavesOut(text, path))).toEqual([])
  })

  test('where builders differ, what one of them sees counts', () => {
    // By folders an exception comes too late for what it does not name itself; beside its folders it does not.
    expect(leavesOut('keys/private\n!keys', 'keys/private')).toBe(false)
    expect(leavesOut('a\n!a/b\na', 'a/b/c')).toBe(false)
  })

  test.each([
    ['a\n[b', 2, '"[b" has a "[" that is not closed'],
    ['!', 1, '"!" is an exception of nothing'],
    ['! /', 1, '"! /" is an exception of nothing'],
    ['a\\', 1, '"a\\" ends with a backslash'],
    ['[z-a]', 1, '"[z-a]" has a range that ends before it begins'],
    ['[a-]', 1, '"[a-]" has "]" where a sign must stand between [ and ]'],
    [String.raw`\d+`, 1, String.raw`"\d+" has "\d", which has no meaning that all builders share`],
    ['[*]', 1, '"[*]" has "*" between [ and ], which builders do not take for a sign'],
  ])('%j is refused', (text, line, message) => expect(readIgnore(text)).toEqual({ line, message }))

  test('nothing comes back in a folder that is closed, so a walk need not go there', () => {
    for (const { text, paths } of ignoreQuestions(7, 20_000)) {
      const ignore = readIgnore(text)
      if (typeof ignore !== 'function') continue
      for (const path of paths) {
        const found = walk(ignore, path)
        const closed = found.findIndex(({ isClosed }) => isClosed)
        if (closed >= 0) expect([text, path, found.at(-1)?.isIgnored]).toEqual([text, path, true])
      }
    }
    expect(walk(rules('*\n!src'), 'node_modules').at(-1)).toMatchObject({ isIgnored: true, isClosed: true })
    expect(walk(rules('*\n!src/a'), 'src').at(-1)).toMatchObject({ isIgnored: true, isClosed: false })
    expect(walk(rules('*\n!**/a'), 'src').at(-1)).toMatchObject({ isIgnored: true, isClosed: false })
  })

  test('a pattern with many stars takes no time', () => {
    const path = 'a/'.repeat(500)
    fc.assert(
      fc.property(fc.constantFrom('**/a*', '*a', 'a**'), (piece) => {
        const started = performance.now()
        leavesOut(`${piece.repeat(30)}z`, path.slice(0, 300))
        expect(performance.now() - started).toBeLessThan(5000)
      }),
      { numRuns: 3 },
    )
  })
})
