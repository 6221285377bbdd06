import { constants } from 'node:fs'
import { access, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { withLock } from '../tools/lock.ts'

type Waiting = Parameters<typeof withLock>[1]

/** Of a project's secrets: they are made by one forge at a time. */
const LOCK = '.forge-secrets.lock'
/** Where nothing can be written nothing is made either, and nobody need be kept out. */
const UNWRITABLE = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOTDIR'])

/** Runs `work` while it holds the locks of these folders, taken in their order. Folders that are missing are made, for their owner only. */
export async function alone<T>(folders: readonly string[], work: () => Promise<T>, waiting: Waiting): Promise<T> {
  const [folder, ...others] = folders
  if (folder === undefined) return await work()
  const next = async (): Promise<T> => await alone(others, work, waiting)
  if (!(await isUsable(folder))) return await next()
  return await withLock(join(folder, LOCK), waiting, next)
}

async function isUsable(folder: string): Promise<boolean> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await access(folder, constants.W_OK)
    return true
  } catch (error) {
    if (UNWRITABLE.has((error as NodeJS.ErrnoException).code ?? '')) return false
    throw error
  }
}
