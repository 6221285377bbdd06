import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { findHelm, lookUpHelm } from '../../src/adapters/tools/helm.ts'
import { failure } from '../support/project-ports.ts'

// Programs that say which helm they are: PATH has 3.20.1 and then 4.2.3, the cache has what forge has fetched before.

let dir = ''
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'forge-helms-'))
  await program('old', 'v3.20.1')
  await program('new', 'v4.2.3')
  await program('cache/forge/tools/helm-4.3.1', 'v4.3')
  await program('cache/forge/tools/helm-3.22.0', 'v3.22')
})
afterAll(async () => await rm(dir, { recursive: true }))

async function program(folder: string, version: string): Promise<void> {
  const file = join(dir, folder, 'helm')
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, `#!/bin/sh\necho ${version}\n`)
  await chmod(file, 0o755)
}

const env = (wish: string, more: Readonly<Record<string, string>> = {}) => ({
  PATH: `${join(dir, 'old')}:${join(dir, 'new')}:/usr/bin:/bin`,
  XDG_CACHE_HOME: join(dir, 'cache'),
  FORGE_HELM_VERSION: wish,
  ...more,
})

test.each([
  ['', 'old', '3.20.1'],
  [' v3 ', 'old', '3.20.1'],
  ['4', 'new', '4.2.3'],
  ['4.2', 'new', '4.2.3'],
  ['3.22', 'cache/forge/tools/helm-3.22.0', '3.22.0'],
  ['4.3.1', 'cache/forge/tools/helm-4.3.1', '4.3.1'],
])('who wants helm %j gets that of %s', async (wish, folder, text) => {
  const { path, version } = (await lookUpHelm(env(wish))) ?? {}
  const { major, minor, patch } = version ?? {}
  expect({ path, version: [major, minor, patch].join('.') }).toEqual({ path: join(dir, folder, 'helm'), version: text })
})

test('what is known and is nowhere yet is to be fetched', async () => {
  expect(await lookUpHelm(env('4.3.0'))).toBeUndefined()
})

test.each([
  ['3.17.2', {}, 'helm 3.17.2 is not on PATH, and forge can fetch only those that it knows (4.3.1, 4.3.0, 3.22.0)'],
  ['latest', {}, 'FORGE_HELM_VERSION is "latest", which is no version of helm (4, 4.3 or 4.3.0)'],
  ['4', { FORGE_HELM: 'old' }, 'helm 3.20.1, named by FORGE_HELM, is not the 4 of FORGE_HELM_VERSION'],
])('%s is refused where it cannot be had', async (wish, named, message) => {
  const more = Object.fromEntries(Object.entries(named).map(([name, folder]) => [name, join(dir, folder, 'helm')]))
  const { signal } = new AbortController()
  const error = await failure(findHelm({ signal, progress: () => undefined }, env(wish, more)))
  expect(error).toMatchObject({ code: 'E_TOOL_VERSION', message })
})
