import { connect } from 'node:net'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type { SandboxState } from '../../domain/sandbox/model.ts'
import { expected, unlessItFails } from '../../expected.ts'
import { run } from '../process.ts'

/** Longer than the supervisor takes for a stop. Only a process that the kernel cannot end takes more. */
const LIFE_TIMEOUT_MS = 30_000

/** True when the process of that id is the supervisor of this folder: an id alone may be somebody else's by now. */
export async function isSupervisor(pid: number, dir: string): Promise<boolean> {
  const words = await commandOf(pid)
  return words !== undefined && words.includes(' supervisor ') && words.includes(` --dir ${dir} `)
}

/**
 * Kills what is left of a sandbox: its supervisor, and its programs, which end with it unless they hang. True when the
 * supervisor was. A killed process takes its time: `followLife`.
 */
export async function killLeft({ pid, programs }: SandboxState, dir: string): Promise<boolean> {
  const isLeft = await isSupervisor(pid, dir)
  if (isLeft) kill(pid)
  for (const program of programs ?? [])
    if ((await commandOf(program.pid))?.includes(`=${dir}/`) === true) kill(program.pid)
  return isLeft
}

/** How a connection fails to a socket that nobody holds any more, or whose folder is gone. */
const NOBODY = new Set(['ECONNREFUSED', 'ECONNRESET', 'ENOENT'])

/** Whether the processes of a sandbox still run. */
interface Life {
  /** True once none is left; false when one still runs after `LIFE_TIMEOUT_MS`, or that cannot be told. */
  readonly ended: Promise<boolean>
  readonly close: () => void
}

/** Follows the end of a sandbox: all its processes hold the socket that this connects to (supervisor/life.go). */
export function followLife({ socket }: SandboxState, timeoutMs = LIFE_TIMEOUT_MS): Life {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const waiting = connect(path.join(path.dirname(socket), 'life.sock'))
  waiting.on('error', ({ code = '' }: NodeJS.ErrnoException) => resolve(NOBODY.has(code)))
  waiting.on('close', () => resolve(true))
  waiting.setTimeout(timeoutMs, () => resolve(false))
  waiting.resume()
  return { ended: promise, close: () => void waiting.destroy() }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    // It has ended meanwhile.
    if ((expected(error) as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

async function commandOf(pid: number): Promise<string | undefined> {
  if (process.platform === 'linux') {
    const line = await unlessItFails(readFile(`/proc/${pid}/cmdline`, 'utf8'), () => undefined)
    return line?.replaceAll('\0', ' ')
  }
  const { status, stdout } = await run('ps', ['-o', 'command=', '-p', String(pid)])
  return status === 0 ? `${stdout.trim()} ` : undefined
}
