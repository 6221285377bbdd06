import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { execa } from 'execa'
import { expect, test } from '@jest/globals'
import { canary, search, searchFolder } from '../support/canaries.ts'
import { watchDescendants } from '../support/descendants.ts'

const bird = canary('bird')
const { value } = bird
const base64 = (text: string): string => Buffer.from(text).toString('base64')

test.each([
  ['as it is', `x ${value} y`],
  ['JSON', JSON.stringify({ a: value })],
  ['JSON in JSON', JSON.stringify({ a: JSON.stringify({ b: value }) })],
  ['URL', `?a=${encodeURIComponent(value)}&b`],
  ['URL in small letters', encodeURIComponent(value).replaceAll(/%../gu, (one) => one.toLowerCase())],
  ['hex', Buffer.from(value).toString('hex')],
  ['base64', base64(value)],
  ['base64, behind one byte', base64(`x${value}`)],
  ['base64, behind two bytes, before more', base64(`xy${value} and more`)],
  ['base64, behind three', base64(`xyz${value}`)],
  ['base64 for URLs', Buffer.from(value).toString('base64url')],
  ["helm's record", base64(base64(gzipSync(`{"config":{"a":${JSON.stringify(value)}}}`).toString('base64')))],
  ["a journal's entry", base64(gzipSync(`prefix ${base64(value)}`).toString('base64'))],
])('the search finds a canary written as %s', (_, text) => {
  expect(search('here', `before\n${text}\nafter`, [canary('other'), bird])).toContainEqual(
    expect.stringMatching(/^here: bird as /u),
  )
})

test('the search finds nothing where nothing is', () => {
  const text = `${base64('all is well, nothing to be seen here, go on')} Kanari-bird-`
  expect(search('here', text, [bird])).toEqual([])
})

test('the search looks into every file, and at its name', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'forge-canary-'))
  try {
    await mkdir(join(folder, 'a', 'b'), { recursive: true })
    await writeFile(join(folder, 'a', 'b', 'c'), Buffer.concat([Buffer.from([0xff, 0]), Buffer.from(value)]))
    await writeFile(join(folder, 'a', encodeURIComponent(value)), '')
    await writeFile(join(folder, 'source'), value)
    const found = await searchFolder(folder, [bird], (path) => path.endsWith('source'))
    expect(found.map((one) => one.replace(folder, ''))).toEqual([
      expect.stringMatching(/^name of .*: bird as URL$/u),
      '/a/b/c: bird as it is',
    ])
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('arguments and environment of a child of a child are seen', async () => {
  // It lives until it was seen, however busy the machine is: `cat` ends with its stdin.
  const options = `{ argv0: ${JSON.stringify(value)}, stdio: 'inherit' }`
  const script = `require('node:child_process').spawnSync('cat', [], ${options})`
  const child = execa(process.execPath, ['-e', script], { env: { BIRD: value }, stdin: 'pipe' })
  const watched = watchDescendants(process.pid, ({ args }) => {
    if (args.startsWith(value)) child.stdin.end()
  })
  await child
  const seen = watched.stop().filter(({ args }) => args.startsWith(value))
  expect(seen.map(({ args, env }) => [search('args', args, [bird]), search('env', env, [bird])])).toEqual([
    [['args: bird as it is'], ['env: bird as it is']],
  ])
})
