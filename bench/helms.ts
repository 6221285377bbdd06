import { goProgram } from './go-program.ts'

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
  const found: Helm[] = []
  for (const { major, version, module } of PINNED)
    found.push({ path: await goProgram({ module, version, takes: 'two to three minutes' }), major, version })
  return found
}

if (process.argv.includes('--build'))
  for (const { version, path } of await helms()) console.log(`helm ${version}  ${path}`)
