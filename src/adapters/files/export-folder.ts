import { readdir, readFile, rm, rmdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { isOwn } from '../../domain/export/mark.ts'
import type { ExportFolder } from '../../export-port.ts'
import { unlessItFails } from '../../expected.ts'
import type { Files } from '../../ports.ts'

export function exportFolder(root: string, files: Pick<Files, 'write' | 'exists'>): ExportFolder {
  return {
    async written() {
      const entries = await unlessItFails(readdir(root, { recursive: true, withFileTypes: true }), () => [])
      const paths = entries
        .filter((entry) => entry.isFile() && entry.name.endsWith('.yaml'))
        .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
      const texts = await Promise.all(
        paths.map(async (path) => [path, await readFile(join(root, path), 'utf8')] as const),
      )
      return new Map(texts.filter(([path, text]) => isOwn(path, text)))
    },
    async taken(paths) {
      const found = await Promise.all(paths.map(async (path) => await files.exists(join(root, path))))
      return paths.filter((_, at) => found[at])
    },
    async write(texts, gone) {
      for (const [path, text] of texts) await files.write(join(root, path), text)
      for (const path of gone) {
        await rm(join(root, path))
        // The folder of a release that is not exported any more.
        if (path.includes('/')) await unlessItFails(rmdir(dirname(join(root, path))), () => undefined)
      }
    },
  }
}
