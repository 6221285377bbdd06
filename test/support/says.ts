import type { startForge } from './forge.ts'

const WAIT_MS = 20_000

type Run = ReturnType<typeof startForge>

/** Resolves when the running forge has printed this, before or after the call; what it printed is in the error else. */
export async function says(run: Run, what: RegExp, stream: 'stdout' | 'stderr' = 'stdout'): Promise<void> {
  const seen = textOf(run[stream])
  await new Promise<void>((found, failed) => {
    const told = (): string => `it did not say ${String(what)}; it said:\n${seen.text}`
    const timer = setTimeout(() => failed(new Error(told())), WAIT_MS)
    const look = (): void => {
      if (!what.test(seen.text)) return
      clearTimeout(timer)
      seen.listeners.delete(look)
      found()
    }
    seen.listeners.add(look)
    look()
  })
}

interface Seen {
  text: string
  readonly listeners: Set<() => void>
}

const SEEN = new WeakMap<object, Seen>()

function textOf(stream: Run['stdout']): Seen {
  const known = SEEN.get(stream)
  if (known !== undefined) return known
  const seen: Seen = { text: '', listeners: new Set() }
  SEEN.set(stream, seen)
  stream.on('data', (chunk: Buffer) => {
    seen.text += chunk.toString()
    for (const listener of seen.listeners) listener()
  })
  return seen
}
