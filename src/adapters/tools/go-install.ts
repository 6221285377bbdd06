import { rename } from 'node:fs/promises'
import path from 'node:path'
import { inTemporaryFolder } from '../files/temporary.ts'
import { run } from '../process.ts'
import { LEAN_GO, PURE_GO, runGo, type Progress } from './go.ts'
import { notAsKnown } from './helm-download.ts'

/** A program that forge can build, because it knows what has to come. */
export interface KnownProgram {
  readonly program: string
  readonly version: string
  readonly module: string
  /** Of the module, as a go.sum has it. */
  readonly sum: string
  /** Of the program, within the module. */
  readonly folder?: string
}

/** What the program itself is made of is known here; for what it needs, Go's checksum database vouches. */
export async function installWithGo(known: KnownProgram, target: string, how: Progress): Promise<void> {
  const { program, version, sum, folder } = known
  const module = `${known.module}@v${version}`
  const cwd = path.dirname(target)
  const said = await run('go', ['mod', 'download', '-json', module], { cwd, env: PURE_GO, signal: how.signal })
  // What keeps Go from it, the build says.
  const found = said.status === 0 ? (JSON.parse(said.stdout) as { readonly Sum?: string }).Sum : sum
  if (found !== sum) throw notAsKnown(module, found ?? 'without a checksum')
  await inTemporaryFolder(
    'build',
    async (bin) => {
      const wanted = folder === undefined ? module : module.replace('@', `/${folder}@`)
      const args = ['install', '-v', ...LEAN_GO, wanted]
      const env = { ...PURE_GO, GOBIN: bin }
      // Of helm 1183 packages, or the 320 of them that the sandbox is not made of: Go tells before neither which nor how many.
      const what = `${program} ${version}`
      await runGo({ what, args, cwd, env, expected: undefined, code: 'E_TOOL_MISSING' }, how)
      await rename(path.join(bin, program), target)
    },
    cwd,
  )
}
