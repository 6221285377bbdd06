import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The folder of forge.yaml, found as loading finds it. */
export function projectFolder(start: string, upwards: boolean): string | undefined {
  for (let dir = start; ; dir = dirname(dir)) {
    if (existsSync(join(dir, 'forge.yaml'))) return dir
    if (!upwards || dirname(dir) === dir) return undefined
  }
}
