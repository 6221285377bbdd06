import { constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { ForgeError } from '../../errors.ts'
import { BUILDERS, type BuilderName } from '../../domain/images/build.ts'
import { again, forge, program, type Hint } from '../../hint.ts'
import { isThere } from '../files/there.ts'
import { run, type RunResult } from '../process.ts'

export interface Tool {
  readonly name: BuilderName
  /** As it is called: `docker`. */
  readonly program: string
  /** Absolute. */
  readonly file: string
}

/** A client without its daemon is of no use: each of these has to succeed. */
const PROBES: Readonly<Record<BuilderName, { readonly program: string; readonly asks: readonly string[][] }>> = {
  buildx: {
    program: 'docker',
    asks: [
      ['buildx', 'version'],
      ['buildx', 'inspect', '--bootstrap'],
    ],
  },
  buildah: { program: 'buildah', asks: [['--version']] },
  podman: { program: 'podman', asks: [['ps', '--quiet']] },
  docker: { program: 'docker', asks: [['ps', '--quiet']] },
}

/** The first that works, or the one that is asked for. Throws E_IMAGE_BUILDER_MISSING. */
export async function findTool(path: string, wanted: BuilderName | undefined, signal: AbortSignal): Promise<Tool> {
  const why: string[] = []
  for (const name of wanted === undefined ? BUILDERS : [wanted]) {
    const found = await tryTool(name, path, signal)
    if (typeof found !== 'string') return found
    why.push(found)
  }
  const what = wanted === undefined ? 'no builder of images works here' : `--builder ${wanted} does not work here`
  throw new ForgeError('E_IMAGE_BUILDER_MISSING', `${what}: ${why.join(', ')}`, { hint: await helping(wanted, path) })
}

/** Why it does not work, in one clause, else the tool. */
async function tryTool(name: BuilderName, path: string, signal: AbortSignal): Promise<Tool | string> {
  const { program: called, asks } = PROBES[name]
  const file = await executable(called, path)
  const shown = name === 'buildx' ? 'docker buildx' : name
  if (file === undefined) return `${called} is not installed${name === 'buildx' ? ' (for buildx)' : ''}`
  for (const ask of asks) {
    const result = await run(file, ask, { signal })
    // buildx ends well where its builder does not work, and only says so.
    const failed = /^Error:.*$/mu.exec(result.stdout)?.[0]
    if (result.status === 0 && failed === undefined) continue
    const lines = failed === undefined ? result.stderr.split('\n').filter((line) => line.trim() !== '') : [failed]
    return `${shown} does not work (${reasonOf(lines, result)})`
  }
  return { name, program: called, file }
}

async function helping(wanted: BuilderName | undefined, path: string): Promise<Hint> {
  if (wanted !== undefined) return again('--builder', BUILDERS.find((name) => name !== wanted) ?? wanted)
  for (const name of ['docker', 'podman'] as const)
    if ((await executable(name, path)) !== undefined) return program(name, 'info')
  return forge('deploy', '--skip-build')
}

/** What a builder says of its failure; else how it ended. */
export function reasonOf(last: readonly string[], { status, startError }: RunResult): string {
  const said =
    last.findLast((line) => /^\s*(?:error\b|failed to|denied|unauthorized)/iu.test(line)) ??
    last.findLast((line) => /^time=\S+ level=(?:error|fatal)/u.test(line)) ??
    last.at(-1)
  return said?.trim().replace(/^error:\s*/iu, '') ?? startError ?? `it ended with status ${status ?? 'unknown'}`
}

async function executable(name: string, path: string): Promise<string | undefined> {
  for (const folder of path.split(delimiter)) {
    if (folder === '') continue
    const file = join(folder, name)
    if (await isThere(file, constants.X_OK)) return file
  }
  return undefined
}
