import { rmSync } from 'node:fs'
import { chmod, lstat, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { randomUUID } from 'node:crypto'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { isGone, isHere, OWNER, OWNER_PATTERN } from './owner.ts'
import { unlessItFails } from '../../expected.ts'

/** What is made for one run only carries the run's owner in its name, so that a later one knows whether it is still used. */
const FOLDER = new RegExp(`^forge-[a-z]+-(${OWNER_PATTERN})-[0-9A-Za-z]{6}$`, 'u')
const HALF_FILE = new RegExp(String.raw`^\.forge-(${OWNER_PATTERN})-[0-9a-f]{8}\.tmp$`, 'u')

/** No run takes so long: after it even what was made under another boot, or in another container, is of no use. */
const LONGEST_MS = 7 * 86_400_000

const made = new Set<string>()
let isKnownToExit = false
const looked = new Map<string, Promise<void>>()

/**
 * A folder for this run alone, for its owner only, in the temporary folder or in `parent`. It goes with forge at the latest;
 * what killed ones left there goes first.
 */
export async function temporaryFolder(purpose: string, parent: string = tmpdir()): Promise<string> {
  await removeLeft(parent)
  const path = await mkdtemp(join(parent, `forge-${purpose}-${OWNER}-`))
  if (!isKnownToExit) process.once('exit', removeMade)
  isKnownToExit = true
  made.add(path)
  return path
}

/** The same for the time of some work. */
export async function inTemporaryFolder<T>(
  purpose: string,
  work: (folder: string) => Promise<T>,
  parent?: string,
): Promise<T> {
  const folder = await temporaryFolder(purpose, parent)
  try {
    return await work(folder)
  } finally {
    await removeFolder(folder)
  }
}

export async function removeFolder(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true })
  made.delete(path)
}

function removeMade(): void {
  for (const path of made) rmSync(path, { recursive: true, force: true })
}

/** A reader sees the old file or the new one, never a half; the mode is right from the first byte on. */
export async function replaceFile(path: string, content: string | Uint8Array, mode?: number): Promise<void> {
  const folder = dirname(path)
  await removeLeft(folder)
  const half = halfFile(folder)
  try {
    await writeFile(half, content, { flag: 'wx', ...(mode === undefined ? {} : { mode }) })
    if (mode !== undefined) await chmod(half, mode)
    await rename(half, path)
  } catch (error) {
    // The first failure is the one to tell.
    await unlessItFails(rm(half, { force: true }), () => undefined)
    throw error
  }
}

/** A name for what is not whole yet; not made of the file's own, which may be as long as names can be. */
export function halfFile(folder: string): string {
  return join(folder, `.forge-${OWNER}-${randomUUID().slice(0, 8)}.tmp`)
}

/**
 * Removes what runs that were killed left in a folder; this run looks once. The temporary folder is everybody's: what is not a
 * folder or file of this user's own is not touched, links are not followed, and what cannot be removed stays without a word.
 */
export async function removeLeft(folder: string): Promise<void> {
  const found = looked.get(folder) ?? look(folder)
  looked.set(folder, found)
  await found
}

/** The same at once, for a process that this run has seen end. */
export async function removeLeftNow(folder: string = tmpdir()): Promise<void> {
  looked.delete(folder)
  await removeLeft(folder)
}

async function look(folder: string): Promise<void> {
  const entries = await unlessItFails(readdir(folder, { withFileTypes: true }), () => [])
  for (const entry of entries) {
    const owner = (entry.isDirectory() ? FOLDER : HALF_FILE).exec(entry.name)?.[1]
    if (owner === undefined || owner === OWNER || entry.isSymbolicLink()) continue
    const path = join(folder, entry.name)
    if (await isLeft(path, owner)) await unlessItFails(rm(path, { recursive: true, force: true }), () => undefined)
  }
}

async function isLeft(path: string, owner: string): Promise<boolean> {
  const found = await unlessItFails(lstat(path), () => undefined)
  if (found === undefined || found.isSymbolicLink() || !isOurs(found.uid)) return false
  return isGone(owner) || (!isHere(owner) && Date.now() - found.mtimeMs > LONGEST_MS)
}

/** Windows has no such numbers, and a temporary folder for each user. */
function isOurs(uid: number): boolean {
  return process.getuid === undefined || process.getuid() === uid
}
