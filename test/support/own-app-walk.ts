import { chmod, mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect } from '@jest/globals'
import { execa } from 'execa'
import { FORGE, ROOT } from './forge.ts'

/** Where docs/your-own-app.md is followed. */
export interface Walk {
  /** In place of the project `shop`, and of its namespace: clusters are shared. */
  readonly shop: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** `sh` that comes before each call of forge; `$@` are its arguments. */
  readonly before?: string
}

interface Block {
  readonly script: string
  readonly status: number
}

export interface Walked {
  readonly steps: number
  /** What was shown by the block of the page that has this text. */
  readonly shown: (part: string) => string
}

/** The commands of the page, a block a script; `exit=4` behind the language is how it ends. */
async function blocks(shop: string): Promise<Block[]> {
  const text = await readFile(join(ROOT, 'docs/your-own-app.md'), 'utf8')
  return [...text.matchAll(/^```sh(?: exit=(\d+))?\n(.*?)^```$/gmsu)].map(([, status = '0', script = '']) => ({
    script: script.replaceAll(/\bshop\b(?!:)/gu, shop),
    status: Number(status),
  }))
}

/** docs/your-own-app.md, followed to the letter: each block has to end as the page says. */
export async function walkOwnApp({ shop, env, before = '' }: Walk): Promise<Walked> {
  const root = await mkdtemp(join(tmpdir(), 'forge-own-'))
  await writeFile(join(root, 'forge'), `#!/bin/sh\n${before}\nexec '${process.execPath}' '${FORGE}' "$@"\n`)
  await chmod(join(root, 'forge'), 0o755)
  const path = [root, dirname(process.execPath), process.env['PATH']].join(':')
  const all = await blocks(shop)
  const ends: { readonly script: string; readonly shown: string }[] = []
  for (const [at, { script, status }] of all.entries()) {
    const cwd = at === 0 ? root : join(root, shop)
    const ran = await execa('sh', ['-eu', '-c', script], {
      ...{ cwd, env: { PATH: path, CI: 'true', FORGE_ENV: undefined, ...env } },
      ...{ reject: false, all: true, stdin: 'ignore' },
    })
    expect({ script, status: ran.exitCode, shown: ran.exitCode === status ? '' : ran.all }).toEqual({
      script,
      status,
      shown: '',
    })
    ends.push({ script, shown: ran.all })
  }
  return {
    steps: all.length,
    shown: (part) => ends.find(({ script }) => script.includes(part))?.shown ?? '',
  }
}
