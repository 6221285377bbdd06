import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The checkout that a path is in: the nearest folder with `.git`, a folder or (a worktree, a submodule) a file. */
export function gitRoot(path: string): string | undefined {
  for (let folder = path; ; folder = dirname(folder)) {
    if (existsSync(join(folder, '.git'))) return folder
    if (dirname(folder) === folder) return undefined
  }
}
