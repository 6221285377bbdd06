import type { Sources } from '../../ports.ts'

/** Each program runs once per run of forge: it may ask a person something, or give another answer the second time. */
export function remembered(sources: Sources): Sources {
  const known = new Map<string, Promise<string>>()
  const once = async (key: string, ask: () => Promise<string>): Promise<string> => {
    const found = known.get(key) ?? ask()
    known.set(key, found)
    return await found
  }
  return {
    ...sources,
    command: async (argv, cwd, signal) =>
      await once(JSON.stringify([cwd, ...argv]), async () => await sources.command(argv, cwd, signal)),
    decrypt: async (file, signal) => await once(file, async () => await sources.decrypt(file, signal)),
  }
}
