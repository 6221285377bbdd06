import { cp, mkdtemp, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, test } from '@jest/globals'
import { document, forge, ROOT } from '../support/forge.ts'

const ESCAPE = '\u001B[31m'

test('what is typed for a command that does not exist is told as data, in the five rows', async () => {
  const { status, stderr, stdout } = await forge([`de${ESCAPE}ploi\n::error::x`], { env: { GITHUB_ACTIONS: 'true' } })
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
  expect(stderr).toContain(String.raw`REFUSED there is no command de\x1b[31mploi`)
  expect(stderr).toMatch(/^next +forge --help$/mu)
  expect(stderr).not.toMatch(/\u001B|^::/mu)
  const asked = await forge(['plan', `x${ESCAPE}`, '--json'])
  expect(document(asked)).toMatchObject({ outcome: 'refused', verdict: { code: 'E_USAGE' } })
})

test('a command that cannot be loaded is a bug, told like any other', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'forge-broken-'))
  for (const part of ['bin', 'dist', 'package.json', 'oclif.manifest.json'])
    await cp(join(ROOT, part), join(dir, part), { recursive: true })
  await symlink(join(ROOT, 'node_modules'), join(dir, 'node_modules'))
  await writeFile(
    join(dir, 'dist', 'commands', 'plan.js'),
    `throw new Error('${String.raw`\u001B[31m`} cannot be loaded')\n`,
  )
  const env = { NO_COLOR: '1', XDG_STATE_HOME: dir }
  const { exitCode, stderr } = await execa(process.execPath, [join(dir, 'bin', 'forge.js'), 'plan'], {
    reject: false,
    env,
  })
  expect(exitCode).toBe(1)
  expect(stderr).toContain('E_BUG')
  expect(stderr).toContain(String.raw`\x1b[31m cannot be loaded`)
  expect(stderr).not.toContain('\u001B')
})
