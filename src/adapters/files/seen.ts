import { readFileSync } from 'node:fs'
import type { FileNames, Seen } from '../../domain/completion/model.ts'
import { cacheFolder } from '../tools/folders.ts'

/** What this machine keeps of a project for the shells that complete names; it can be lost at any time. */
export interface Remembered {
  /** Absolute. */
  readonly root: string
  /** By environment. */
  readonly seen?: Readonly<Record<string, Seen>>
  /** Those of forge.yaml as it was at that time. */
  readonly names?: FileNames & { readonly stamp: string }
}

/** What cannot be read was never seen. No program is loaded for it: a shell waits. */
export function remembered(root: string, env: NodeJS.ProcessEnv): Remembered {
  try {
    const found = JSON.parse(readFileSync(rememberedIn(root, env), 'utf8')) as Remembered | null
    return found?.root === root ? found : { root }
  } catch (error) {
    // Not there, or cut off: it is made anew.
    if (error instanceof SyntaxError || (error instanceof Error && 'syscall' in error)) return { root }
    throw error
  }
}

/** Two roots may share one: it says whose it is. */
export function rememberedIn(root: string, env: NodeJS.ProcessEnv): string {
  return cacheFolder(env, 'seen', `${root.replaceAll(/[^\w.-]+/gu, '_').slice(-120)}.json`)
}
