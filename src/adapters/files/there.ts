import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { unlessItFails } from '../../expected.ts'

/** Whether it is there, and may be used so (`constants.X_OK`). */
export async function isThere(file: string, mode: number = constants.F_OK): Promise<boolean> {
  const found = access(file, mode).then(() => true)
  return await unlessItFails(found, () => false)
}
