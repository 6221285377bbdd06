import { createHash } from 'node:crypto'
import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import { expected } from '../../expected.ts'

/** Where the numbers of processes mean the same: one boot of one machine, one container. */
const PLACE = createHash('sha256').update(`${hostname()}\0${boot()}`).digest('hex').slice(0, 8)

/**
 * This process, as it signs temporary folders and locks: `PID.START.PLACE`. A number alone is given away again; the time of
 * its start tells two with the same number apart (Linux; elsewhere `0`, and a number that lives counts as the owner's).
 */
export const OWNER = `${process.pid}.${startOf(process.pid)?.start ?? '0'}.${PLACE}`
export const OWNER_PATTERN = String.raw`\d+\.[0-9a-z]+\.[0-9a-f]{8}`

/** Made by a process of this place: whether it lives is known. */
export function isHere(owner: string): boolean {
  return owner.endsWith(`.${PLACE}`)
}

/** True only where it is sure: of another machine, boot or container nothing is known. */
export function isGone(owner: string): boolean {
  const [pid, start] = owner.split('.')
  if (!isHere(owner) || !isSafe(Number(pid))) return false
  if (!isThere(Number(pid))) return true
  const now = startOf(Number(pid))
  if (now === undefined) return false
  return now.hasEnded || (start !== '0' && start !== now.start)
}

/** process.kill takes 0 and negative numbers for groups. */
function isSafe(pid: number): boolean {
  return Number.isSafeInteger(pid) && pid > 0
}

/** Whoever has that process id. */
export function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (expected(error) as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}

/** Clock ticks since the boot, and whether it only waits for its parent to notice its end (proc_pid_stat(5), fields 3 and 22). */
function startOf(pid: number): { readonly start: string; readonly hasEnded: boolean } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The second field is the program's name in brackets, which may hold blanks and brackets.
    const [state = '', ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return { start: Number(fields[18]).toString(36), hasEnded: state === 'Z' || state === 'X' }
  } catch (error) {
    expected(error)
    return undefined
  }
}

function boot(): string {
  try {
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'latin1')}${readlinkSync('/proc/self/ns/pid')}`
  } catch (error) {
    expected(error)
    return process.platform
  }
}
