import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { execa } from 'execa'
import { readDotenv, type DotenvFile } from '../../src/domain/transforms/dotenv-file.ts'
import { lostKeys } from '../support/dotenv-reference.ts'
import { dotenvTexts, likelyDotenvTexts } from '../support/dotenv-texts.ts'

const SEED = Number(process.env['FORGE_TEST_SEED'] ?? 1)

describe('dotenv files', () => {
  test('400,000 of them have the keys and values that the dotenv package returns', () => {
    expect(dotenvTexts(SEED, 400_000).flatMap(lostKeys)).toEqual([])
  })

  test('bash reads the same, where forge does not warn of it', async () => {
    const files = likelyDotenvTexts(SEED, 20_000)
      .map((text) => ({ text, read: readDotenv(text, '.env') }))
      .filter(({ read }) => isPlain(read))
    const answers = await readByBash(files.map(({ text }) => text))
    const different = files.flatMap(({ text, read }, at) => {
      const own = [...read.entries].map(([key, { value }]) => `${key}=${value}`).toSorted()
      return own.join('\0') === answers[at] ? [] : [{ text, own, bash: answers[at] }]
    })
    expect(different).toEqual([])
    expect(files.length).toBeGreaterThan(5000)
  })
})

function isPlain({ entries, problems }: DotenvFile): boolean {
  const isRead = [...entries.values()].every(({ fault, otherwise }) => fault === undefined && otherwise === undefined)
  return isRead && problems.length === 0
}

/** Each file in a shell of its own, without a program that a text could start. */
const READER = String.raw`PATH=
for ((at = 0; at < $1; at += 1)); do
  ( . "./$at" 2>/dev/null; for name in A B C; do [[ -v $name ]] && printf '%s=%s\0' "$name" "${'$'}{!name}"; done )
  printf '\1'
done`

async function readByBash(texts: readonly string[]): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'forge-dotenv-'))
  try {
    for (const [at, text] of texts.entries()) await writeFile(join(folder, String(at)), text)
    const { stdout } = await execa('bash', ['-c', READER, 'reader', String(texts.length)], {
      cwd: folder,
      env: {},
      extendEnv: false,
      maxBuffer: 100_000_000,
      stripFinalNewline: false,
    })
    return stdout.split('\u0001').map((part) => part.split('\0').slice(0, -1).toSorted().join('\0'))
  } finally {
    await rm(folder, { recursive: true })
  }
}
