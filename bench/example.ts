import { cp, rm } from 'node:fs/promises'
import { join } from 'node:path'

const EXAMPLE = new URL('../examples/api-forge', import.meta.url).pathname

/** The example without the secrets that its demo has made: certificates name the namespace that they are for. */
export async function copyExample(folder: string): Promise<void> {
  await cp(EXAMPLE, folder, { recursive: true })
  await rm(join(folder, 'infra', 'secrets'), { recursive: true, force: true })
}
