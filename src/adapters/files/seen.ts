import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Seen } from '../../domain/completion/model.ts'
import { seenSince, type SeenNow } from '../../domain/completion/seen.ts'
import { expected, unlessItFails } from '../../expected.ts'
import { cacheFolder } from '../tools/folders.ts'
import { replaceFile } from './temporary.ts'

/** By environment. */
type AllSeen = Readonly<Record<string, Seen>>

/** `root`: of the project, absolute. What cannot be read was never seen. */
export function readSeen(root: string, env: NodeJS.ProcessEnv): AllSeen {
  try {
    const found = JSON.parse(readFileSync(fileOf(root, env), 'utf8')) as unknown
    return typeof found === 'object' && found !== null ? (found as AllSeen) : {}
  } catch (error) {
    // Cut off: it is made anew.
    if (!(error instanceof SyntaxError)) expected(error)
    return {}
  }
}

/** Nothing hangs on whether it can be kept. */
export async function keepSeen(root: string, environment: string, now: SeenNow, env: NodeJS.ProcessEnv): Promise<void> {
  const all = readSeen(root, env)
  const file = fileOf(root, env)
  const text = JSON.stringify({ ...all, [environment]: seenSince(all[environment] ?? {}, now) })
  const kept = mkdir(dirname(file), { recursive: true, mode: 0o700 }).then(async () => {
    await replaceFile(file, text, 0o600)
  })
  await unlessItFails(kept, () => undefined)
}

function fileOf(root: string, env: NodeJS.ProcessEnv): string {
  return cacheFolder(env, 'seen', `${createHash('sha256').update(root).digest('hex').slice(0, 16)}.json`)
}
