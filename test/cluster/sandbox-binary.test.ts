import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { KNOWN_HELMS } from '../../src/adapters/tools/known-helms.ts'
import { document, forge, ROOT, type Ran } from '../support/forge.ts'

let home: string

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'forge-binary-'))
})

afterEach(async () => {
  await rm(home, { recursive: true })
})

/** A machine without any build of the sandbox, and with nothing on its PATH but what the test puts there. */
async function build(...args: readonly string[]): Promise<Ran> {
  const env = { FORGE_SANDBOX_BIN: '', XDG_CACHE_HOME: join(home, 'cache'), PATH: `${join(home, 'bin')}:/usr/bin:/bin` }
  return await forge(['sandbox', 'build', ...args], { env })
}

async function putGo(script: string): Promise<void> {
  await mkdir(join(home, 'bin'))
  await writeFile(join(home, 'bin', 'go'), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
}

test('FORGE_SANDBOX_BIN that names no program is refused', async () => {
  const ran = await forge(['sandbox', 'build'], { env: { FORGE_SANDBOX_BIN: join(home, 'nothing') } })
  expect(ran).toMatchObject({ status: 3, stderr: expect.stringContaining('E_SANDBOX_BINARY') })
})

test('it is built with Go into the cache, with progress, and found there the next time', async () => {
  await putGo(`
if [ "$1" = list ]; then printf 'a\\nb\\n'; exit; fi
printf 'a\\nb\\n' >&2
while [ "$1" != -o ]; do shift; done
printf '#!/bin/sh\\n' > "$2"; chmod +x "$2"`)
  const first = await build('--json')
  expect(document(first)).toMatchObject({
    source: 'build',
    path: expect.stringMatching(/cache\/forge\/sandbox\/[0-9a-f]{16}\/forge-sandbox$/u),
  })
  expect(document(await build('--json'))).toEqual({ path: document(first)['path'], source: 'cache' })
  expect(await readdir(join(home, 'cache', 'forge', 'sandbox'))).toHaveLength(1)
})

test('a build that fails shows what Go said, and leaves nothing that looks like a build', async () => {
  await putGo(`[ "$1" = list ] && exit
echo 'main.go:7:2: undefined: nonsense' >&2; exit 1`)
  const ran = await build()
  expect(ran).toMatchObject({ status: 3, stderr: expect.stringContaining('main.go:7:2: undefined: nonsense') })
  expect(ran.stderr).toContain('E_SANDBOX_BUILD')
  expect(
    (await readdir(join(home, 'cache'), { recursive: true })).filter((file) => file.includes('forge-sandbox')),
  ).toEqual([])
})

test('without Go it says what to install', async () => {
  const ran = await build()
  expect(ran).toMatchObject({ status: 3, stderr: expect.stringContaining('E_TOOL_GO') })
  expect(ran.stderr).toContain('install go')
})

test('what helm is made of too has the same versions, so that Go compiles it once for both', async () => {
  const { stdout } = await execa('go', [
    'mod',
    'download',
    '-json',
    `${KNOWN_HELMS[0]?.module ?? ''}@v${KNOWN_HELMS[0]?.version ?? ''}`,
  ])
  const helm = await versions((JSON.parse(stdout) as { GoMod: string }).GoMod)
  const sandbox = await versions(join(ROOT, 'k8s', 'sandbox', 'go.mod'))
  const both = [...helm].filter(([module]) => sandbox.has(module))
  expect(both.length).toBeGreaterThan(50)
  expect(both.filter(([module, version]) => sandbox.get(module) !== version)).toEqual([])
})

async function versions(goMod: string): Promise<ReadonlyMap<string, string>> {
  const { stdout } = await execa('go', ['mod', 'edit', '-json', goMod])
  const { Require } = JSON.parse(stdout) as { Require: readonly { readonly Path: string; readonly Version: string }[] }
  return new Map(Require.map(({ Path, Version }) => [Path, Version]))
}
