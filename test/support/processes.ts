import { readdir, readFile } from 'node:fs/promises'

export function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It has ended by itself.
  }
}

/** Stops a process and all that it has started, helm in its own group included; returns them. */
export async function freeze(pid: number): Promise<number[]> {
  // At once: looking for the others takes a while on a busy machine.
  send(pid, 'SIGSTOP')
  const first = [pid, ...(await descendants(pid))]
  for (const one of first) send(one, 'SIGSTOP')
  // What the last ones had started before they stood still.
  const all = [...new Set([...first, ...(await descendants(pid))])]
  for (const one of all) send(one, 'SIGSTOP')
  return all
}

async function descendants(pid: number): Promise<number[]> {
  const children = new Map<number, number[]>()
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/u.test(entry)) continue
    const stat = await readFile(`/proc/${entry}/stat`, 'utf8').catch(() => '')
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
    children.set(parent, [...(children.get(parent) ?? []), Number(entry)])
  }
  const below = (one: number): number[] => (children.get(one) ?? []).flatMap((child) => [child, ...below(child)])
  return below(pid)
}
