import { glob, mkdir, readdir, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { KUSTOMIZATION_FILES } from '../../domain/migrate/kustomization.ts'
import { isPattern } from '../../domain/plain/pattern.ts'
import { ForgeError } from '../../errors.ts'
import { unlessItFails } from '../../expected.ts'
import { program } from '../../hint.ts'
import type { PlainFiles } from '../../plain-port.ts'
import type { Files } from '../../ports.ts'
import type { Progress } from '../tools/go.ts'
import { temporaryFolder } from './temporary.ts'

/** What `kubectl apply -f FOLDER` reads. */
const MANIFEST = /\.(?:ya?ml|json)$/u

export function openPlainFiles(files: Files, how: Progress): PlainFiles {
  return {
    async find(named, dir) {
      const full = path.resolve(dir, named)
      const found = await unlessItFails(stat(full), () => undefined)
      if (found?.isDirectory() === true) return await manifestsIn(named, full)
      if (found !== undefined) return [named]
      return isPattern(named) ? await matching(named, dir) : []
    },
    async kustomize(folder, dir) {
      const { kustomizationIn, kustomizeRelease } = await import('../tools/kustomize.ts')
      const full = path.resolve(dir, folder)
      const file = await kustomizationIn(full, files)
      if (file === undefined) throw noKustomization(folder)
      return {
        file: path.relative(dir, file),
        text: await kustomizeRelease(path.relative(files.resolve('.'), full) || '.', files, how),
      }
    },
    async chart(name, content) {
      const folder = path.join(await temporaryFolder('objects'), name)
      for (const [file, text] of content) {
        const full = path.join(folder, file)
        await mkdir(path.dirname(full), { recursive: true })
        await writeFile(full, text)
      }
      return folder
    },
  }
}

/** Not those of folders in it. */
async function manifestsIn(named: string, full: string): Promise<string[]> {
  const entries = await readdir(full, { withFileTypes: true })
  const own = entries.filter((entry) => !entry.isDirectory() && isManifest(entry.name))
  return own.map(({ name }) => path.join(named, name)).sort()
}

/** A pattern leads into no link, and finds no hidden file unless it says so (fs.glob). */
async function matching(pattern: string, dir: string): Promise<string[]> {
  const found: string[] = []
  for await (const entry of glob(pattern, { cwd: dir, withFileTypes: true })) {
    const { name, parentPath } = entry
    if (entry.isDirectory() || isKustomization(name)) continue
    found.push(path.relative(dir, path.join(parentPath, name)))
  }
  return found.sort()
}

function isManifest(name: string): boolean {
  return MANIFEST.test(name) && !isKustomization(name)
}

function isKustomization(name: string): boolean {
  return KUSTOMIZATION_FILES.some((one) => one === name)
}

function noKustomization(folder: string): ForgeError {
  const names = KUSTOMIZATION_FILES.join(', ')
  return new ForgeError('E_KUSTOMIZE', `${folder} holds none of ${names}`, {
    hint: program('ls', '-a', folder),
    where: folder,
  })
}
