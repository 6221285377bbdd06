import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import { goProgram } from '../../bench/go-program.ts'

const SOPS = { module: 'github.com/getsops/sops/v3/cmd/sops', version: 'v3.13.3', takes: 'two minutes' }
const AGE_KEYGEN = { module: 'filippo.io/age/cmd/age-keygen', version: 'v1.3.2', takes: 'ten seconds' }

export interface Vault {
  /** What forge's environment needs to decrypt: the program and the key. */
  readonly env: Readonly<Record<string, string>>
  /** The same without the key. */
  readonly withoutKey: Readonly<Record<string, string>>
  /** The encrypted form of a file with this name; sops tells the format by it. */
  readonly encrypt: (name: string, content: string) => Promise<string>
}

/** A fresh age key, and the real sops to encrypt with it. */
export async function createVault(): Promise<Vault> {
  const [sops, keygen] = [await goProgram(SOPS), await goProgram(AGE_KEYGEN)]
  const dir = await mkdtemp(join(tmpdir(), 'forge-vault-'))
  const key = join(dir, 'key.txt')
  await execa(keygen, ['-o', key])
  const { stdout: recipient } = await execa(keygen, ['-y', key])
  // Neither key nor settings of the person who runs the tests.
  const clean = { PATH: `${dirname(sops)}:${process.env['PATH'] ?? ''}`, XDG_CONFIG_HOME: dir }
  return {
    env: { ...clean, SOPS_AGE_KEY_FILE: key },
    withoutKey: { ...clean, SOPS_AGE_KEY_FILE: join(dir, 'none.txt') },
    async encrypt(name, content) {
      const file = join(dir, name)
      await writeFile(file, content)
      const { stdout } = await execa(sops, ['--encrypt', '--age', recipient, file], { stripFinalNewline: false })
      return stdout
    },
  }
}

if (process.argv.includes('--build'))
  for (const program of [SOPS, AGE_KEYGEN]) console.log(`${program.version}  ${await goProgram(program)}`)
