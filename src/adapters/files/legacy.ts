import { readdir, stat } from 'node:fs/promises'
import path from 'node:path'
import type { ManifestFile } from '../../domain/migrate/source.ts'
import { unlessItFails } from '../../expected.ts'
import type { LegacyFiles } from '../../legacy-port.ts'
import type { Files } from '../../ports.ts'
import { kustomizationIn, kustomizeBuild } from '../tools/kustomize.ts'

/** What `kubectl apply -f FOLDER --recursive` reads. */
const MANIFEST = /\.(?:ya?ml|json)$/u

/** The files that a stack was applied from; relative paths are seen from where `files` sees them. */
export function openLegacy(files: Files, env: NodeJS.ProcessEnv = process.env): LegacyFiles {
  return {
    async find(place) {
      const found = await unlessItFails(stat(files.resolve(place)), () => undefined)
      if (found === undefined) return { kind: 'missing' }
      if (!found.isDirectory()) return { kind: 'manifests', files: await texts([place], files) }
      const file = await kustomizationIn(place, files)
      if (file !== undefined) return { kind: 'kustomization', file }
      return { kind: 'manifests', files: await texts(await manifestsBelow(place, files), files) }
    },
    build: async (folder, signal) => await kustomizeBuild(folder, files, signal, env),
  }
}

/** Folders that are links are left aside, as kubectl leaves them. */
async function manifestsBelow(folder: string, files: Files): Promise<string[]> {
  const entries = await readdir(files.resolve(folder), { recursive: true, withFileTypes: true })
  const below = entries.filter((entry) => !entry.isDirectory() && MANIFEST.test(entry.name))
  const root = files.resolve(folder)
  return below.map(({ parentPath, name }) => path.join(folder, path.relative(root, path.join(parentPath, name)))).sort()
}

async function texts(paths: readonly string[], files: Files): Promise<ManifestFile[]> {
  return await Promise.all(paths.map(async (file) => ({ file, text: (await files.read(file)) ?? '' })))
}
