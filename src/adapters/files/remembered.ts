import type { Sources } from '../../ports.ts'
import type { VaultSecret } from '../../vault-port.ts'

/** Each program and each path of Vault is asked once per run of forge: it may ask a person something, or give another answer the second time. */
export function remembered(sources: Sources): Sources {
  const once = remember<string>()
  const ofVault = remember<VaultSecret>()
  return {
    ...sources,
    command: async (argv, cwd, signal) =>
      await once(JSON.stringify([cwd, ...argv]), async () => await sources.command(argv, cwd, signal)),
    decrypt: async (file, signal) => await once(file, async () => await sources.decrypt(file, signal)),
    vault: async (path, access, signal) =>
      await ofVault(JSON.stringify([path, access]), async () => await sources.vault(path, access, signal)),
  }
}

function remember<T>(): (key: string, ask: () => Promise<T>) => Promise<T> {
  const known = new Map<string, Promise<T>>()
  return async (key, ask) => {
    const found = known.get(key) ?? ask()
    known.set(key, found)
    return await found
  }
}
