import { mkdir, open, readFile, rm } from 'node:fs/promises'
import { watch } from 'node:fs'
import path from 'node:path'

/** A holder that was killed tells nobody; so a waiting process looks this often whether it still lives. */
const PULSE_MS = 2000

/**
 * Runs `work` while no other process holds the lock file. Meant for work that is wasted, not wrong, when it is done twice:
 * builds into a cache that are renamed into place.
 */
export async function withLock<T>(
  file: string,
  { signal, onWait }: { readonly signal: AbortSignal; readonly onWait: () => void },
  work: () => Promise<T>,
): Promise<T> {
  await mkdir(path.dirname(file), { recursive: true })
  while (!(await take(file))) {
    onWait()
    await untilFree(file, signal)
  }
  try {
    return await work()
  } finally {
    await rm(file, { force: true })
  }
}

async function take(file: string): Promise<boolean> {
  try {
    const handle = await open(file, 'wx')
    await handle.writeFile(String(process.pid))
    await handle.close()
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  if (await isHeld(file)) return false
  await rm(file, { force: true })
  return take(file)
}

async function isHeld(file: string): Promise<boolean> {
  const content = await readFile(file, 'utf8').catch(() => undefined)
  if (content === undefined) return false
  // Its holder has just created it and is about to write its number.
  if (content === '') return true
  try {
    process.kill(Number(content), 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

async function untilFree(file: string, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  const { promise, resolve, reject } = Promise.withResolvers<undefined>()
  const watcher = watch(path.dirname(file), () => void look())
  const pulse = setInterval(() => void look(), PULSE_MS)
  const stop = (): void => reject(signal.reason as Error)
  const look = async (): Promise<void> => {
    if (!(await isHeld(file))) resolve(undefined)
  }
  signal.addEventListener('abort', stop)
  watcher.on('error', reject)
  try {
    await look()
    await promise
  } finally {
    watcher.close()
    clearInterval(pulse)
    signal.removeEventListener('abort', stop)
  }
}
