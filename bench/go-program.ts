import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { LEAN_GO, PURE_GO } from '../src/adapters/tools/go.ts'

export interface GoProgram {
  /** `filippo.io/age/cmd/age`: its last part is the program's name. */
  readonly module: string
  readonly version: string
  /** Said while it is built. */
  readonly takes: string
}

/**
 * The path of a program at a pinned version, built once into forge's cache. With the flags of forge's own look-up, so that
 * what that has compiled is not compiled again; and no C compiler is needed.
 */
export async function goProgram({ module, version, takes }: GoProgram): Promise<string> {
  const name = module.split('/').at(-1) ?? module
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'forge', 'bench')
  const folder = join(cache, `${name}-${version}`)
  const path = join(folder, name)
  if (existsSync(path)) return path
  console.log(`building ${name} ${version} (${takes}, once)`)
  await mkdir(folder, { recursive: true })
  // A folder of its own: whoever builds at the same time does no harm, and a program that is there is whole.
  const build = await mkdtemp(join(folder, 'build-'))
  await execa('go', ['install', ...LEAN_GO, `${module}@${version}`], { env: { ...PURE_GO, GOBIN: build } })
  await rename(join(build, name), path)
  await rm(build, { recursive: true })
  return path
}
