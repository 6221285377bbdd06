import { readdirSync, readFileSync } from 'node:fs'

export interface Seen {
  readonly args: string
  readonly env: string
}

/**
 * Watches what the descendants of a process were started with: a look at /proc every few milliseconds. `onSeen` hears of
 * each once, as soon as all of it is known: until then a test can keep what it started alive.
 */
export function watchDescendants(root: number, onSeen: (one: Seen) => void = () => undefined): { stop(): Seen[] } {
  const seen = new Map<string, Seen>()
  const own = read(`/proc/${root}/cmdline`)
  const look = (): void => {
    for (const pid of descendantsOf(root)) {
      const args = read(`/proc/${pid}/cmdline`)
      const env = read(`/proc/${pid}/environ`)
      const key = `${pid} ${args}`
      // Between fork and exec a child still looks like its parent. One that is ending has lost its environment before its arguments.
      if (args === '' || args === own || (seen.get(key)?.env ?? '') !== '') continue
      const one = { args: args.replaceAll('\0', ' '), env: env.replaceAll('\0', '\n') }
      seen.set(key, one)
      if (env !== '') onSeen(one)
    }
  }
  const timer = setInterval(look, 10)
  return {
    stop() {
      clearInterval(timer)
      return [...seen.values()]
    },
  }
}

function descendantsOf(root: number): number[] {
  const parents = new Map(
    readdirSync('/proc')
      .filter((name) => /^\d+$/u.test(name))
      .map((name) => [Number(name), parentOf(name)] as const),
  )
  const under = (pid: number): boolean => {
    const parent = parents.get(pid)
    return parent !== undefined && (parent === root || under(parent))
  }
  return [...parents.keys()].filter(under)
}

/** The fourth field of `stat`; the second, the program's name, may hold spaces and parentheses. */
function parentOf(pid: string): number | undefined {
  const stat = read(`/proc/${pid}/stat`)
  const parent = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]
  return parent === undefined ? undefined : Number(parent)
}

/** Empty where it has ended meanwhile. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
