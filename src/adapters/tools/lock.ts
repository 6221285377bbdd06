import { createHash, randomUUID } from 'node:crypto'
import { link, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { watch } from 'node:fs'
import path from 'node:path'
import { systemClock } from '../clock.ts'
import { isGone, isHere, OWNER, OWNER_PATTERN } from '../files/owner.ts'
import { halfFile } from '../files/temporary.ts'
import { unlessItFails } from '../../expected.ts'

/** A holder that was killed tells nobody; so a waiting process looks this often whether it still lives. */
const PULSE_MS = 2000
/** Of a holder in another container, or before the machine's last start, nothing is known; none holds a lock so long. */
const LONGEST_MS = 3_600_000

interface Waiting {
  readonly signal: AbortSignal
  readonly onWait: () => void
}

/** Runs `work` while nobody else holds the lock file, on this machine. One whose holder was killed is taken over. */
export async function withLock<T>(file: string, waiting: Waiting, work: () => Promise<T>): Promise<T> {
  await mkdir(path.dirname(file), { recursive: true })
  // The same process may hold it again later: that is another holder.
  const holder = `${OWNER} ${randomUUID()}`
  const held = (await take(file, holder)) ?? (await untilTaken(file, holder, waiting))
  try {
    return await work()
  } finally {
    await release(held)
  }
}

/** The lock's own file first: with it, what its successors were made for is over. */
async function release(held: readonly string[]): Promise<void> {
  for (const file of held) await rm(file, { force: true })
}

/**
 * The files that say that it is held, the lock first; undefined while somebody else has it. The file of a dead holder stays,
 * and its successor makes a file named for that one holder: only one process can, and what it was told is looked at once more
 * afterwards. To remove the dead one's file first would remove, now and then, that of a successor who was quicker.
 */
async function take(file: string, holder: string): Promise<readonly string[] | undefined> {
  const dead: { readonly file: string; readonly holder: string }[] = []
  for (let next = file; ;) {
    const found = await holderOf(next)
    if (found === undefined) {
      if (!(await create(next, holder))) return await take(file, holder)
      const stays = await Promise.all(dead.map(async (one) => (await holderOf(one.file)) === one.holder))
      if (stays.every(Boolean)) return [...dead.map((one) => one.file), next]
      await rm(next, { force: true })
      return await take(file, holder)
    }
    if (!(await isOver(next, found))) return undefined
    dead.push({ file: next, holder: found })
    next = `${file}.${createHash('sha256').update(found).digest('hex').slice(0, 16)}`
  }
}

async function holderOf(file: string): Promise<string | undefined> {
  return await readFile(file, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  })
}

/** With its content at once; false: somebody was quicker. */
async function create(file: string, holder: string): Promise<boolean> {
  const half = halfFile(path.dirname(file))
  try {
    await writeFile(half, holder, { flag: 'wx', mode: 0o600 })
    await link(half, file)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    return false
  } finally {
    await rm(half, { force: true })
  }
}

const HOLDER = new RegExp(`^${OWNER_PATTERN} `, 'u')

async function isOver(file: string, holder: string): Promise<boolean> {
  // A lock has its content from its first moment on: one without was cut short by a machine that went down, and nobody holds it.
  if (!HOLDER.test(holder)) return true
  const [owner = ''] = holder.split(' ')
  if (isHere(owner)) return isGone(owner)
  const found = await unlessItFails(stat(file), () => undefined)
  return found !== undefined && Date.now() - found.mtimeMs > LONGEST_MS
}

/** Looks again and again, until it is over. */
async function pulse(look: () => void, over: AbortSignal): Promise<void> {
  while (!over.aborted) {
    await systemClock.after(PULSE_MS, over).then(look, () => undefined)
  }
}

async function untilTaken(file: string, holder: string, { signal, onWait }: Waiting): Promise<readonly string[]> {
  onWait()
  signal.throwIfAborted()
  const { promise, resolve, reject } = Promise.withResolvers<readonly string[]>()
  let turn = Promise.resolve(false)
  // One look at a time: two would make two holders of one process.
  const look = (): void => {
    turn = turn.then(async (isTaken) => {
      const held = isTaken || signal.aborted ? undefined : await take(file, holder)
      if (held !== undefined && signal.aborted) await release(held)
      else if (held !== undefined) resolve(held)
      return isTaken || held !== undefined
    })
    turn.catch(reject)
  }
  const watcher = watch(path.dirname(file), look)
  const over = new AbortController()
  void pulse(look, over.signal)
  const stop = (): void => reject(signal.reason as Error)
  signal.addEventListener('abort', stop)
  watcher.on('error', reject)
  try {
    look()
    return await promise
  } finally {
    watcher.close()
    over.abort()
    signal.removeEventListener('abort', stop)
  }
}
