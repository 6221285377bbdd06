import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { unlessItFails } from '../../expected.ts'
import { remembered, rememberedIn, type Remembered } from './seen.ts'
import { replaceFile } from './temporary.ts'

/** Nothing hangs on whether it can be kept. */
export async function keepSeen(
  root: string,
  change: (before: Remembered) => Partial<Remembered>,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const before = remembered(root, env)
  const file = rememberedIn(root, env)
  const kept = mkdir(dirname(file), { recursive: true, mode: 0o700 }).then(async () => {
    await replaceFile(file, JSON.stringify({ ...before, ...change(before) }), 0o600)
  })
  await unlessItFails(kept, () => undefined)
}
