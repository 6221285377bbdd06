import { mkdir, readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { ForgeError, systemReason } from '../../errors.ts'
import { program } from '../../hint.ts'
import type { Files } from '../../ports.ts'
import { replaceFile } from './temporary.ts'
import { isThere } from './there.ts'

/** Files of this machine; relative paths are seen from `root`. */
export function openFiles(root: string): Files {
  const full = (path: string): string => resolve(root, path)
  return {
    resolve: full,
    async read(path) {
      return (await readBytes(full(path)))?.toString('utf8')
    },
    async readBytes(path) {
      return readBytes(full(path))
    },
    async exists(path) {
      return await isThere(full(path))
    },
    async write(path, content, mode) {
      await write(full(path), content, mode)
    },
  }
}

async function readBytes(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw fileFailure(path, error)
  }
}

async function write(path: string, content: string | Uint8Array, mode: number | undefined): Promise<void> {
  try {
    // Folders made for a private file are private too.
    await mkdir(dirname(path), { recursive: true, ...(mode === 0o600 ? { mode: 0o700 } : {}) })
    await replaceFile(path, content, mode)
  } catch (error) {
    throw writeFailure(path, error)
  }
}

/** The same for a file that cannot be written. */
export function writeFailure(path: string, cause: unknown): Error {
  // It need not be there yet: what counts is its folder.
  return unusable('E_FILE_UNWRITABLE', `${path} cannot be written`, path, cause, dirname(path))
}

/** What is told when a file cannot be read; other than a failed system call, the error itself. */
export function fileFailure(path: string, cause: unknown): Error {
  return unusable('E_FILE_UNREADABLE', `${path} cannot be read`, path, cause)
}

function unusable(
  code: 'E_FILE_UNREADABLE' | 'E_FILE_UNWRITABLE',
  message: string,
  path: string,
  cause: unknown,
  looked = path,
): Error {
  const { code: reason } = cause as NodeJS.ErrnoException
  if (reason === undefined) return cause as Error
  return new ForgeError(code, `${message}: ${systemReason(reason)}`, {
    hint: program('ls', '-ld', looked),
    where: path,
    cause,
  })
}
