import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { PURE_GO } from '../src/adapters/tools/go.ts'

export interface Helm {
  readonly path: string
  readonly major: 3 | 4
  readonly version: string
}

const PINNED = [
  { major: 3, version: 'v3.22.0', module: 'helm.sh/helm/v3/cmd/helm' },
  { major: 4, version: 'v4.3.1', module: 'helm.sh/helm/v4/cmd/helm' },
] as const

/**
 * Both major versions, built once into forge's cache (two to three minutes each). With the flags of forge's own look-up, so
 * that what that has compiled is not compiled again; and no C compiler is needed.
 */
export async function helms(): Promise<readonly Helm[]> {
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'forge', 'bench')
  const found: Helm[] = []
  for (const { major, version, module } of PINNED) {
    const folder = join(cache, `helm-${version}`)
    const path = join(folder, 'helm')
    if (!existsSync(path)) {
      console.log(`building helm ${version} (two to three minutes, once)`)
      await mkdir(folder, { recursive: true })
      // A folder of its own: whoever builds at the same time does no harm, and a helm that is there is whole.
      const build = await mkdtemp(join(folder, 'build-'))
      await execa('go', ['install', '-trimpath', `${module}@${version}`], { env: { ...PURE_GO, GOBIN: build } })
      await rename(join(build, 'helm'), path)
      await rm(build, { recursive: true })
    }
    found.push({ path, major, version })
  }
  return found
}

if (process.argv.includes('--build'))
  for (const { version, path } of await helms()) console.log(`helm ${version}  ${path}`)
