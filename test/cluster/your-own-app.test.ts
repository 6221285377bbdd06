import { chmod, mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import { execa } from 'execa'
import { freshNamespace, kubectl } from '../support/cluster.ts'
import { FORGE, ROOT } from '../support/forge.ts'
import { testSandbox } from '../support/sandbox.ts'

const shop = freshNamespace('own')

afterAll(async () => {
  await kubectl(['delete', 'namespace', shop, `${shop}-compose`, '--ignore-not-found', '--wait=false'])
})

interface Block {
  readonly script: string
  readonly status: number
}

/** The commands of the page, a block a script; `exit=4` behind the language is how it ends. */
async function blocks(): Promise<Block[]> {
  const text = await readFile(join(ROOT, 'docs', 'your-own-app.md'), 'utf8')
  return [...text.matchAll(/^```sh(?: exit=(\d+))?\n(.*?)^```$/gmsu)].map(([, status = '0', script = '']) => ({
    // The sandbox is shared: a namespace of its own.
    script: script.replaceAll(/\bshop\b(?!:)/gu, shop),
    status: Number(status),
  }))
}

test('docs/your-own-app.md, followed to the letter', async () => {
  const { name } = await testSandbox()
  const root = await mkdtemp(join(tmpdir(), 'forge-own-'))
  await writeFile(join(root, 'forge'), `#!/bin/sh\nexec '${process.execPath}' '${FORGE}' "$@"\n`)
  await chmod(join(root, 'forge'), 0o755)
  const path = [root, dirname(process.execPath), process.env['PATH']].join(':')
  const env = { PATH: path, CI: 'true', FORGE_SANDBOX: name, FORGE_ENV: undefined }
  const ends: { readonly script: string; readonly status: number | undefined; readonly shown: string }[] = []
  const all = await blocks()
  for (const [at, { script, status }] of all.entries()) {
    const cwd = at === 0 ? root : join(root, shop)
    const ran = await execa('sh', ['-eu', '-c', script], { cwd, env, reject: false, all: true, stdin: 'ignore' })
    expect({ script, status: ran.exitCode, shown: ran.exitCode === status ? '' : ran.all }).toEqual({
      script,
      status,
      shown: '',
    })
    ends.push({ script, status: ran.exitCode, shown: ran.all })
  }
  const shown = (part: string): string => ends.find(({ script }) => script.includes(part))?.shown ?? ''
  expect(all.length).toBeGreaterThan(6)
  expect(shown('forge sandbox up')).toContain('Deployed #1 to sandbox')
  expect(shown('registry.invalid')).toContain('E_IMAGE_PULL')
  expect(shown('with-compose')).toContain('Deployed #1 to sandbox')
})
