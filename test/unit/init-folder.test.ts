import { chmod, mkdir, mkdtemp, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, test } from '@jest/globals'
import { openInitFolder } from '../../src/adapters/files/init-folder.ts'

let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'forge-init-folder-'))
})

const NEW = [
  { path: 'chart/Chart.yaml', text: 'a' },
  { path: 'chart/templates/web.yaml', text: 'b' },
  { path: 'secrets.env', text: 'c', mode: 0o600 },
  { path: 'forge.yaml', text: 'd' },
]

test('all files are written, those with secrets for their owner alone', async () => {
  await openInitFolder(root).create(NEW)
  expect((await readdir(root, { recursive: true })).toSorted()).toEqual(
    [
      'chart',
      'chart/Chart.yaml',
      'chart/templates',
      'chart/templates/web.yaml',
      'forge.yaml',
      'secrets.env',
    ].toSorted(),
  )
  expect((await stat(join(root, 'secrets.env'))).mode & 0o777).toBe(0o600)
})

test('a file that came meanwhile stays, and those before it go again', async () => {
  await writeFile(join(root, 'forge.yaml'), 'mine')
  await expect(openInitFolder(root).create(NEW)).rejects.toMatchObject({ code: 'E_INIT_EXISTS' })
  expect(await readdir(root)).toEqual(['forge.yaml'])
  expect(await readFile(join(root, 'forge.yaml'), 'utf8')).toBe('mine')
})

test('a link that leads nowhere is no place to write to', async () => {
  await symlink(join(root, 'elsewhere'), join(root, 'forge.yaml'))
  await expect(openInitFolder(root).create(NEW)).rejects.toMatchObject({ code: 'E_INIT_EXISTS' })
  expect(await readdir(root)).toEqual(['forge.yaml'])
})

test('a folder that is a file: nothing is left, and what was there stays', async () => {
  await mkdir(join(root, 'chart'))
  await writeFile(join(root, 'chart', 'templates'), 'mine')
  await expect(openInitFolder(root).create(NEW)).rejects.toMatchObject({ code: 'E_FILE_UNWRITABLE' })
  expect(await readdir(root, { recursive: true })).toEqual(['chart', join('chart', 'templates')])
})

test('what is looked at: not what was fetched or made, nor what links lead to', async () => {
  for (const folder of ['node_modules/x', '.git', 'examples', 'a/b/c/d/e/f', 'locked'])
    await mkdir(join(root, folder), { recursive: true })
  for (const file of [
    'compose.yaml',
    'node_modules/x/Chart.yaml',
    '.git/Dockerfile',
    'examples/Dockerfile',
    '.env',
    'a/b/c/d/e/f/Dockerfile',
  ])
    await writeFile(join(root, file), '')
  await symlink(root, join(root, 'a', 'loop'))
  await chmod(join(root, 'locked'), 0o000)
  expect(await openInitFolder(root).list()).toEqual(['.env', 'a/loop', 'compose.yaml'])
})
