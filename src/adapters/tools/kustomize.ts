import { constants } from 'node:fs'
import path from 'node:path'
import { ForgeError } from '../../errors.ts'
import { again, program, sequence } from '../../hint.ts'
import { isAddress, KUSTOMIZATION_FILES, partsOf, type KustomizationPart } from '../../domain/migrate/kustomization.ts'
import { showPlace } from '../../domain/migrate/source.ts'
import type { Files } from '../../ports.ts'
import { isThere } from '../files/there.ts'
import { run } from '../process.ts'
import { getting } from './getting.ts'

/** git, which kustomize starts for some addresses, fetches nothing (https://git-scm.com/docs/git#Documentation/git.txt-GITALLOWPROTOCOL). */
const FETCHES_NOTHING = { GIT_ALLOW_PROTOCOL: 'file', GIT_TERMINAL_PROMPT: '0' } as const

/** The kustomization of a folder, by the first of the names that kustomize knows. */
export async function kustomizationIn(folder: string, files: Files): Promise<string | undefined> {
  for (const name of KUSTOMIZATION_FILES) {
    const file = path.join(folder, name)
    if (await isThere(files.resolve(file))) return file
  }
  return undefined
}

/**
 * What renders a kustomization, without its folder: FORGE_KUSTOMIZE (either program), then `kustomize` and `kubectl` of PATH.
 * Throws E_TOOL_MISSING.
 */
export async function lookUpKustomize(env: NodeJS.ProcessEnv = process.env): Promise<readonly [string, string]> {
  const named = env['FORGE_KUSTOMIZE']
  if (named !== undefined && named !== '') {
    const file = path.resolve(named)
    if (await isThere(file, constants.X_OK)) return [file, verbOf(file)]
    throw missing(`${file}, named by FORGE_KUSTOMIZE, is no program`, 'FORGE_KUSTOMIZE', env)
  }
  const folders = (env['PATH'] ?? '').split(path.delimiter).filter((entry) => path.isAbsolute(entry))
  for (const file of ['kustomize', 'kubectl'].flatMap((name) => folders.map((folder) => path.join(folder, name))))
    if (await isThere(file, constants.X_OK)) return [file, verbOf(file)]
  throw missing('the old stack is a kustomization, and here is neither kustomize nor kubectl', 'PATH', env)
}

function verbOf(file: string): string {
  return path.basename(file).startsWith('kubectl') ? 'kustomize' : 'build'
}

function missing(message: string, where: string, env: NodeJS.ProcessEnv): ForgeError {
  return new ForgeError('E_TOOL_MISSING', message, { hint: getting('kustomize', 'E_TOOL_MISSING', env), where })
}

/** The manifests of a kustomization, as `kubectl apply -k` would send them. */
export async function kustomizeBuild(
  folder: string,
  files: Files,
  signal: AbortSignal,
  env: NodeJS.ProcessEnv = process.env,
): Promise<string> {
  const [file, verb] = await lookUpKustomize(env)
  const [remote] = await remoteParts(folder, files)
  if (remote !== undefined) throw fromElsewhere(remote, folder, [file, verb])
  const { status, stdout, stderr } = await run(file, [verb, files.resolve(folder)], { env: FETCHES_NOTHING, signal })
  if (status === 0) return stdout
  const said = stderr.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('# Warning:'))
  const reason = said[0]?.replace(/^error: /iu, '') ?? `it ended with status ${status ?? 'unknown'}`
  throw new ForgeError('E_LEGACY_RENDER', `kustomize cannot render ${folder}: ${reason}`, {
    hint: program(file, verb, folder),
    where: (await kustomizationIn(folder, files)) ?? folder,
    ...(said.length > 1 ? { log: said.slice(-20) } : {}),
  })
}

function fromElsewhere({ name, at }: KustomizationPart, folder: string, render: readonly string[]): ForgeError {
  const rendered = `${folder.replace(/\/+$/u, '')}-rendered`
  const into = path.join(rendered, 'all.yaml')
  return new ForgeError(
    'E_LEGACY_REMOTE',
    `${showPlace(at)} takes ${name} from elsewhere, which forge does not fetch`,
    {
      hint: sequence(
        program('mkdir', rendered),
        program(...render, folder, '--output', into),
        again('--from', rendered),
      ),
      where: showPlace(at),
    },
  )
}

/** Of the kustomization and of all that it is built on here. */
async function remoteParts(
  folder: string,
  files: Files,
  seen: Set<string> = new Set<string>(),
): Promise<KustomizationPart[]> {
  const file = await kustomizationIn(folder, files)
  if (file === undefined || seen.has(path.resolve(file))) return []
  seen.add(path.resolve(file))
  const found: KustomizationPart[] = []
  for (const part of partsOf((await files.read(file)) ?? '', file)) {
    const here = path.join(folder, part.name)
    if (await isThere(files.resolve(here))) found.push(...(await remoteParts(here, files, seen)))
    else if (isAddress(part.name)) found.push(part)
  }
  return found
}
