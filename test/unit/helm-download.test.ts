import { createHash } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { downloadHelm, type Fetch } from '../../src/adapters/tools/helm-download.ts'
import { KNOWN_HELMS, knownHelms } from '../../src/adapters/tools/known-helms.ts'
import { failure } from '../support/project-ports.ts'

const { signal } = new AbortController()
const [known = { version: '', module: '', sum: '' }] = knownHelms([4, 3, 0])

let dir = ''
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'forge-download-'))
})
afterEach(async () => {
  await rm(dir, { recursive: true })
})

const answering =
  (content: Uint8Array | undefined, asked: string[] = []): Fetch =>
  (url) => {
    asked.push(url)
    return Promise.resolve(content)
  }

test.each([
  ['another program', gzipSync('not helm')],
  ['a page that asks to log in', Buffer.from('<html>')],
  ['nothing', new Uint8Array()],
])('%s in the place of helm is refused, and leaves nothing', async (_, content) => {
  const error = await failure(downloadHelm(known, join(dir, 'helm'), { signal }, answering(content)))
  const found = createHash('sha256').update(content).digest('hex')
  expect(error).toMatchObject({ code: 'E_TOOL_CHECKSUM', message: expect.stringContaining(found) })
  expect(await readdir(dir)).toEqual([])
})

test('nothing but the archive is asked for: its checksum is known', async () => {
  const asked: string[] = []
  expect(await downloadHelm(known, join(dir, 'helm'), { signal }, answering(undefined, asked))).toBe(false)
  expect(asked).toEqual([expect.stringMatching(/^https:\/\/get\.helm\.sh\/helm-v4\.3\.0-\w+-\w+\.tar\.gz$/u)])
})

test('what is known of helm has the form of checksums', () => {
  expect(KNOWN_HELMS.map(({ version }) => version)).toEqual(['4.3.1', '4.3.0', '3.22.0'])
  for (const { archives, sum } of KNOWN_HELMS) {
    expect(sum).toMatch(/^h1:[A-Za-z0-9+/]{43}=$/u)
    if (archives === undefined) continue
    expect(Object.keys(archives)).toEqual(['darwin-amd64', 'darwin-arm64', 'linux-amd64', 'linux-arm64'])
    for (const one of Object.values(archives)) expect(one).toMatch(/^[0-9a-f]{64}$/u)
  }
})
