import { readFile } from 'node:fs/promises'
import { run } from '../process.ts'
import { unlessItFails } from '../../expected.ts'

/** True when the process of that id is the supervisor of this folder: an id alone may be somebody else's by now. */
export async function isSupervisor(pid: number, dir: string): Promise<boolean> {
  const words = await commandOf(pid)
  return words !== undefined && words.includes(' supervisor ') && words.includes(` --dir ${dir} `)
}

/** Kills a supervisor that does not answer. The kernel then closes the pipe that its programs live by, and they end. */
export async function killSupervisor(pid: number, dir: string): Promise<void> {
  if (!(await isSupervisor(pid, dir))) return
  process.kill(pid, 'SIGKILL')
}

async function commandOf(pid: number): Promise<string | undefined> {
  if (process.platform === 'linux') {
    const line = await unlessItFails(readFile(`/proc/${pid}/cmdline`, 'utf8'), () => undefined)
    return line?.replaceAll('\0', ' ')
  }
  const { status, stdout } = await run('ps', ['-o', 'command=', '-p', String(pid)])
  return status === 0 ? `${stdout.trim()} ` : undefined
}
