import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { execa } from 'execa'
import { goProgram } from '../../bench/go-program.ts'
import { ciBlocks } from '../support/ci-docs.ts'
import { ROOT } from '../support/forge.ts'

const ACTIONLINT = { module: 'github.com/rhysd/actionlint/cmd/actionlint', version: 'v1.7.7', takes: 'a minute' }

test('actionlint finds nothing in the workflows, here and in the documentation', async () => {
  const program = await goProgram(ACTIONLINT)
  const dir = await mkdtemp(join(tmpdir(), 'forge-lint-'))
  const documented = ciBlocks.filter((text) => /^jobs:$/mu.test(text))
  for (const [at, text] of documented.entries()) await writeFile(join(dir, `docs-${at}.yml`), text)
  const folder = join(ROOT, '.github', 'workflows')
  const own = (await readdir(folder)).map((name) => join(folder, name))
  const copies = (await readdir(dir)).map((name) => join(dir, name))
  // What others' shells are like is not part of it: shellcheck is used where it is.
  const { exitCode, stdout } = await execa(program, ['-no-color', ...own, ...copies], { cwd: dir, reject: false })
  await rm(dir, { recursive: true })
  expect({ exitCode, stdout, checked: copies.length }).toEqual({ exitCode: 0, stdout: '', checked: 3 })
}, 600_000)
