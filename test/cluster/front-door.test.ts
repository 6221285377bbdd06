import { readFile, mkdtemp, writeFile, mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { GROUPS } from '../../src/cli/groups.ts'
import { forge, ROOT } from '../support/forge.ts'

const emptyFolder = async (): Promise<string> => await mkdtemp(join(tmpdir(), 'forge-front-'))

test('forge alone says what it is in three lines, and the first step', async () => {
  const cwd = await emptyFolder()
  const alone = await forge([], { cwd })
  expect({ status: alone.status, stderr: alone.stderr }).toEqual({ status: 0, stderr: '' })
  const lines = alone.stdout.split('\n')
  expect(lines).toHaveLength(4)
  expect(lines[3]).toMatch(/^next {5}forge init$/u)

  await writeFile(join(cwd, 'forge.yaml'), 'version: 1\n')
  await mkdir(join(cwd, 'below'))
  const inProject = await forge([], { cwd: join(cwd, 'below') })
  expect(inProject.stdout).toBe([...lines.slice(0, 3), 'next     forge plan'].join('\n'))
})

test('forge --help, -h and help show every command in one line, by what people do', async () => {
  const { status, stdout } = await forge(['--help'])
  expect(status).toBe(0)
  expect((await forge(['-h'])).stdout).toBe(stdout)
  expect((await forge(['help'])).stdout).toBe(stdout)
  const lines = stdout.split('\n')
  expect(lines.filter(({ length }) => length > 80)).toEqual([])
  // What says no group would stand under one more heading.
  expect(lines.filter((line) => /^[A-Z ]+$/u.test(line))).toEqual(GROUPS.map((group) => group.toUpperCase()))
  const { commands } = JSON.parse(await readFile(join(ROOT, 'oclif.manifest.json'), 'utf8')) as {
    readonly commands: Readonly<Record<string, { readonly hidden?: boolean; readonly summary: string }>>
  }
  const shown = lines.filter((line) => line.startsWith('  ')).map((line) => line.trim().split(/ {2,}/u))
  const known = Object.entries(commands).filter(([, { hidden }]) => hidden !== true)
  expect(shown.toSorted()).toEqual(known.map(([id, { summary }]) => [id.replace(':', ' '), summary]).toSorted())
})

test.each([
  ['a command', ['deploy'], /^ {2}\$ forge deploy /mu],
  ['a command of a topic', ['secrets', 'apply'], /^ {2}\$ forge secrets apply /mu],
  ['a topic', ['secrets'], /^ {2}secrets apply {5}\S.*\.$/mu],
])('the help of %s, asked for in three ways', async (_, words, usage) => {
  const asked = await forge([...words, '--help'])
  expect(asked).toMatchObject({ status: 0, stdout: expect.stringMatching(usage) })
  expect(await forge([...words, '-h'])).toEqual(asked)
  expect(await forge(['help', ...words])).toEqual(asked)
})

test('the version, asked for in three ways', async () => {
  const version = await forge(['--version'])
  expect(version).toMatchObject({ status: 0, stdout: expect.stringMatching(/\/\d+\.\d+\.\d+ /u) })
  expect(await forge(['-v'])).toEqual(version)
  expect(await forge(['version'])).toEqual(version)
})
