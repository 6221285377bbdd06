import { constants } from 'node:fs'
import { access, mkdir, readdir, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join } from 'node:path'
import { inert } from '../../domain/redact/inert.ts'
import { ForgeError } from '../../errors.ts'
import { program } from '../../hint.ts'
import type { EvidenceFolder, EvidenceStore } from '../../ports.ts'
import { unlessItFails } from '../../expected.ts'

/** `$XDG_STATE_HOME`, which must be absolute (XDG Base Directory Specification), else `~/.local/state`. */
export function stateHome(env: Readonly<Record<string, string | undefined>>, home: string): string {
  const wanted = env['XDG_STATE_HOME'] ?? ''
  return isAbsolute(wanted) ? wanted : join(home, '.local', 'state')
}

/**
 * Evidence below `<state>/forge/<project>/<environment>/<deploy>`, for its owner only. A number can come twice (a sandbox
 * that was made anew counts from 1): the second folder is `<deploy>-2`, and nothing is ever overwritten.
 */
export function evidenceFolders(state: string): EvidenceStore {
  return {
    async open({ project, environment, deploy }) {
      const parent = join(state, 'forge', safeName(project), safeName(environment))
      await mkdir(parent, { recursive: true, mode: 0o700 })
      return folderAt(await firstFree(parent, String(deploy)))
    },
  }
}

/**
 * Evidence in `dir` itself (absolute), where it is missing or empty; else beside it in `<dir>-2`. It is made when it is
 * needed; whether it can be is tried at once. Throws E_FILE_UNWRITABLE.
 */
export async function evidenceIn(dir: string): Promise<EvidenceStore> {
  try {
    await access(await existing(dir), constants.W_OK)
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException
    throw new ForgeError('E_FILE_UNWRITABLE', `${dir} cannot be written to (${code})`, {
      hint: program('ls', '-ld', dirname(dir)),
      where: '--evidence',
    })
  }
  return {
    async open() {
      await mkdir(dirname(dir), { recursive: true })
      const found = await unlessItFails(readdir(dir), () => undefined)
      return folderAt(found?.length === 0 ? dir : await firstFree(dirname(dir), basename(dir)))
    },
  }
}

/** The folder itself, or the nearest above it that is there. Throws ENOTDIR where a file is in the way. */
async function existing(path: string): Promise<string> {
  const found = await stat(path).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  })
  if (found === undefined) return await existing(dirname(path))
  if (!found.isDirectory()) throw Object.assign(new Error(`${path} is a file`), { code: 'ENOTDIR' })
  return path
}

async function firstFree(parent: string, name: string): Promise<string> {
  for (let count = 1; ; count++) {
    const path = join(parent, count === 1 ? name : `${name}-${count}`)
    try {
      await mkdir(path, { mode: 0o700 })
      return path
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
}

function folderAt(path: string): EvidenceFolder {
  return {
    path,
    async write(name, content) {
      const file = join(path, ...name.split('/').map(safeName))
      await mkdir(dirname(file), { recursive: true, mode: 0o700 })
      // It is looked at on terminals, and shown by runners.
      await writeFile(file, inert(content), { mode: 0o600, flag: 'wx' })
    },
  }
}

/** One path segment, whatever the name holds; names of Kubernetes objects pass unchanged. */
function safeName(name: string): string {
  const safe = name.replace(/[^\w.@+-]/gu, '_')
  return /^\.*$/u.test(safe) ? `_${safe}` : safe
}
