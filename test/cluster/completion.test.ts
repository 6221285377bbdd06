import { chmod, mkdir, mkdtemp, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import { beforeAll, expect, test } from '@jest/globals'
import { forgeHere, freshNamespace } from '../support/cluster.ts'
import { FORGE } from '../support/forge.ts'
import { tinyProject, type TestProject } from '../support/tiny.ts'

/** Has `forge` in it, as an installation has. */
let bin: string
let project: TestProject

beforeAll(async () => {
  bin = await mkdtemp(join(tmpdir(), 'forge-bin-'))
  await symlink(process.execPath, join(bin, 'node'))
  const forge = join(bin, 'forge')
  await writeFile(forge, `#!/bin/sh\nexec '${process.execPath}' '${FORGE}' "$@"\n`)
  await chmod(forge, 0o755)
  project = await tinyProject(freshNamespace('tab'))
  await writeFile(join(project.dir, 'values file.yaml'), '')
  await mkdir(join(project.dir, 'more'))
  for (const args of [['deploy'], ['deploy', '--set', 'data.A=x'], ['status'], ['history']])
    expect((await forgeHere([...args, '-e', 'sandbox', '-C', project.dir])).status).toBe(0)
})

/** A real bash: what it has for the last word, after Tab was pressed behind it. */
async function tab(line: string): Promise<string[]> {
  const script = `
    source <(forge completion bash)
    line=${JSON.stringify(line)}
    # The words as readline takes them apart, by COMP_WORDBREAKS.
    mapfile -t COMP_WORDS < <(sed -E 's/=/ = /g; s/ +/\\n/g' <<<"$line")
    COMP_CWORD=$(( \${#COMP_WORDS[@]} - 1 ))
    compopt() { printf 'compopt %s %s\\n' "$1" "$2"; }
    _forge forge
    printf '%s\\n' "\${COMPREPLY[@]}"`
  const env = { PATH: `${bin}:${process.env['PATH']}`, FORGE_ENV: undefined }
  const { stdout, stderr } = await execa('bash', ['-c', script], { cwd: project.dir, env })
  expect(stderr).toBe('')
  return stdout.split('\n').filter((one) => one !== '')
}

test('bash completes commands, flags, environments, components, numbers and codes', async () => {
  expect(await tab('forge dep')).toEqual(['deploy'])
  expect(await tab('forge secrets di')).toEqual(['diff'])
  expect(await tab('forge deploy --env ')).toEqual(['sandbox', 'guarded'])
  expect(await tab('forge deploy --env=g')).toEqual(['guarded'])
  expect(await tab('forge deploy --env=')).toEqual(['sandbox', 'guarded'])
  expect(await tab('forge plan --release ')).toEqual(['tiny'])
  expect(await tab('forge rollback -e sandbox ')).toEqual(['2', '1'])
  expect(await tab('forge logs -e sandbox ')).toEqual(['web'])
  expect(await tab('forge explain E_IMAGE_PU')).toEqual(['E_IMAGE_PULL', 'E_IMAGE_PUSH'])
  expect(await tab('forge completion ')).toEqual(['bash', 'zsh', 'fish'])
  expect(await tab('forge status --wat')).toEqual(['--watch'])
  expect(await tab('forge deploy --values ')).toEqual(['compopt -o default'])
  expect(await tab('forge deploy -C ')).toEqual(['compopt -o dirnames'])
  expect(await tab('forge nothing ')).toEqual([])
})

test('what is not to be had is not complained about in the middle of a line', async () => {
  const elsewhere = await mkdtemp(join(tmpdir(), 'forge-tab-'))
  const ask = async (...words: string[]) =>
    await execa(process.execPath, [FORGE, '__complete', ...words], { cwd: elsewhere, reject: false })
  expect(await ask('deploy', '--env', '')).toMatchObject({ stdout: '', stderr: '', exitCode: 0 })
  await writeFile(join(elsewhere, 'forge.yaml'), 'environments: { "a\\u001b[31mb": {}\n')
  expect(await ask('deploy', '--env', '')).toMatchObject({ stdout: String.raw`a\x1b[31mb`, exitCode: 0 })
  // What was kept of a file is of that file alone.
  await writeFile(join(elsewhere, 'forge.yaml'), 'environments: { staging: {} }\n')
  for (const _ of ['read', 'kept']) expect(await ask('deploy', '--env=s')).toMatchObject({ stdout: '--env=staging' })
})

test('each shell gets a script, and a shell that is not known is refused with those that are', async () => {
  const scripts = await Promise.all(
    ['bash', 'zsh', 'fish'].map(async (shell) => (await forgeHere(['completion', shell])).stdout),
  )
  for (const script of scripts) expect(script).toContain('__complete')
  const refused = await forgeHere(['completion', 'powershell'])
  expect(refused).toMatchObject({ status: 2, stderr: expect.stringContaining('bash, zsh, fish') })
})

test('a man page for each command stands beside the program', async () => {
  const pages = join(dirname(FORGE), '..', 'dist', 'man')
  const names = await readdir(pages)
  expect(names).toEqual(expect.arrayContaining(['forge.1', 'forge-deploy.1', 'forge-secrets-apply.1']))
  expect(names.length).toBeGreaterThan(30)
  // man has more programs behind it than every machine has: what it would show is looked at in test/unit/man-pages.
  const page = await readFile(join(pages, 'forge-rollback.1'), 'utf8')
  expect(page).toMatch(/^\.TH "FORGE-ROLLBACK" "1"/mu)
})
