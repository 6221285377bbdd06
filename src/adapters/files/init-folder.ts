import { mkdir, readdir, rm, rmdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expected, unlessItFails } from '../../expected.ts'
import { initExists } from '../../domain/init/exists.ts'
import type { FolderFile, InitFolder } from '../../init-port.ts'
import { writeFailure } from './files.ts'
import { inTemporaryFolder } from './temporary.ts'

/** Made from others, fetched, or for tests and readers: nothing in them says how the project runs. */
const PASSED_OVER = new Set([
  ...['node_modules', 'vendor', 'dist', 'build', 'target', 'venv', '__pycache__'],
  ...['test', 'tests', 'testdata', 'fixtures', 'example', 'examples'],
])
const DEEPEST = 5
/** A folder with more is no project's, but somebody's home. */
const MOST = 20_000

export function openInitFolder(root: string): InitFolder {
  return {
    async list() {
      const found: string[] = []
      await listBelow(root, '', found)
      return found.sort()
    },
    create: async (files) => await create(root, files),
    async inTemporary(files, work) {
      return await inTemporaryFolder('init', async (folder) => {
        await create(folder, files)
        return await work(folder)
      })
    },
  }
}

async function create(root: string, files: readonly FolderFile[]): Promise<void> {
  const undo: (() => Promise<void>)[] = []
  for (const { path, text, mode } of files) {
    const full = join(root, path)
    try {
      const first = await mkdir(dirname(full), { recursive: true })
      if (first !== undefined) undo.push(async () => await removeMade(first, dirname(full)))
      await writeFile(full, text, { flag: 'wx', ...(mode === undefined ? {} : { mode }) })
      undo.push(async () => await rm(full, { force: true }))
    } catch (error) {
      // What was written by now was there for nobody; that it stays is no reason to hide why.
      for (const step of undo.reverse()) await unlessItFails(step(), () => undefined)
      const { code, syscall } = expected(error) as NodeJS.ErrnoException
      if (code === 'EEXIST' && syscall === 'open') throw initExists([path], full)
      throw writeFailure(full, error)
    }
  }
}

/** Folders from `deepest` up to `first`, if nothing is in them. */
async function removeMade(first: string, deepest: string): Promise<void> {
  for (let folder = deepest; folder.startsWith(first); folder = dirname(folder)) await rmdir(folder)
}

/** Links are not followed. */
async function listBelow(root: string, folder: string, found: string[], depth = 0): Promise<void> {
  const entries = await unlessItFails(readdir(join(root, folder), { withFileTypes: true }), () => [])
  for (const entry of entries) {
    if (found.length > MOST) return
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    if (entry.isFile() || entry.isSymbolicLink()) found.push(path)
    const isLooked = entry.isDirectory() && !entry.name.startsWith('.') && !PASSED_OVER.has(entry.name)
    if (isLooked && depth < DEEPEST) await listBelow(root, path, found, depth + 1)
  }
}
