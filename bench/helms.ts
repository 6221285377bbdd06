import { existsSync } from 'node:fs'
import { mkdir, rename } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'

export interface Helm {
  readonly path: string
  readonly major: 3 | 4
  readonly version: string
}

const PINNED = [
  { major: 3, version: 'v3.22.0', module: 'helm.sh/helm/v3/cmd/helm' },
  { major: 4, version: 'v4.3.1', module: 'helm.sh/helm/v4/cmd/helm' },
] as const

/** Both major versions, built once into forge's cache (two to three minutes each). */
export async function helms(): Promise<readonly Helm[]> {
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'forge', 'bench')
  const found: Helm[] = []
  for (const { major, version, module } of PINNED) {
    const folder = join(cache, `helm-${version}`)
    const path = join(folder, 'helm')
    if (!existsSync(path)) {
      console.log(`building helm ${version} (two to three minutes, once)`)
      await mkdir(join(folder, 'build'), { recursive: true })
      await execa('go', ['install', `${module}@${version}`], { env: { GOBIN: join(folder, 'build') } })
      await rename(join(folder, 'build', 'helm'), path)
    }
    found.push({ path, major, version })
  }
  return found
}
