import { constants } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { ForgeError } from '../../errors.ts'
import { again, program, sequence } from '../../hint.ts'
import { parseJson } from '../../domain/json.ts'
import { isAddress, KUSTOMIZATION_FILES, partsOf, type KustomizationPart } from '../../domain/migrate/kustomization.ts'
import { showPlace } from '../../domain/migrate/source.ts'
import type { Files } from '../../ports.ts'
import { isThere } from '../files/there.ts'
import { run } from '../process.ts'
import { cacheFolder } from './folders.ts'
import { getting } from './getting.ts'
import type { Progress } from './go.ts'
import { installWithGo, type KnownProgram } from './go-install.ts'
import { withLock } from './lock.ts'

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

const KUSTOMIZE: KnownProgram = {
  program: 'kustomize',
  version: '5.8.1',
  module: 'sigs.k8s.io/kustomize/kustomize/v5',
  sum: 'h1:Pgsg5psubpVEy7Nf6S89PARg5VmmWUC1l9dC6Dl4PG0=',
}

/** A program and what it is told, without the folder. */
type Kustomize = readonly [file: string, verb: string]

/**
 * What renders a kustomization: FORGE_KUSTOMIZE (either program), then `kustomize` and `kubectl` of PATH, then forge's cache.
 * Undefined when there is none. Throws E_TOOL_MISSING when FORGE_KUSTOMIZE names no program.
 */
export async function lookUpKustomize(env: NodeJS.ProcessEnv = process.env): Promise<Kustomize | undefined> {
  const named = env['FORGE_KUSTOMIZE']
  if (named !== undefined && named !== '') {
    const file = path.resolve(named)
    if (await isThere(file, constants.X_OK)) return [file, verbOf(file)]
    throw missing(`${file}, named by FORGE_KUSTOMIZE, is no program`, 'FORGE_KUSTOMIZE', env)
  }
  const folders = (env['PATH'] ?? '').split(path.delimiter).filter((entry) => path.isAbsolute(entry))
  const onPath = ['kustomize', 'kubectl'].flatMap((name) => folders.map((folder) => path.join(folder, name)))
  for (const file of [...onPath, cached(env)]) if (await isThere(file, constants.X_OK)) return [file, verbOf(file)]
  return undefined
}

/** As `lookUpKustomize`, and builds one with Go where there is none. Throws E_TOOL_CHECKSUM, E_TOOL_MISSING. */
export async function findKustomize(how: Progress, env: NodeJS.ProcessEnv = process.env): Promise<Kustomize> {
  const found = await lookUpKustomize(env)
  if (found !== undefined) return found
  const onWait = (): void => how.progress('another forge fetches kustomize')
  return await withLock(cacheFolder(env, 'tools', 'kustomize.lock'), { signal: how.signal, onWait }, async () => {
    const meanwhile = await lookUpKustomize(env)
    return meanwhile ?? (await build(env, how))
  })
}

async function build(env: NodeJS.ProcessEnv, how: Progress): Promise<Kustomize> {
  const target = cached(env)
  await mkdir(path.dirname(target), { recursive: true })
  how.progress(`fetching kustomize ${KUSTOMIZE.version}`)
  try {
    await installWithGo(KUSTOMIZE, target, how)
  } catch (error) {
    // What it takes to build it is not what was asked for.
    throw error instanceof ForgeError && error.code === 'E_TOOL_GO' ? none(env) : error
  }
  return [target, verbOf(target)]
}

function cached(env: NodeJS.ProcessEnv): string {
  return path.join(cacheFolder(env, 'tools', `kustomize-${KUSTOMIZE.version}`), 'kustomize')
}

function verbOf(file: string): string {
  return path.basename(file).startsWith('kubectl') ? 'kustomize' : 'build'
}

function none(env: NodeJS.ProcessEnv): ForgeError {
  return missing('a kustomization has to be rendered, and here is neither kustomize nor kubectl', 'PATH', env)
}

function missing(message: string, where: string, env: NodeJS.ProcessEnv): ForgeError {
  return new ForgeError('E_TOOL_MISSING', message, { hint: getting('kustomize', 'E_TOOL_MISSING', env), where })
}

/** The manifests of a kustomization, as `kubectl apply -k` would send them. For the old stack of a migration nothing is fetched. */
export async function kustomizeBuild(
  folder: string,
  files: Files,
  signal: AbortSignal,
  env: NodeJS.ProcessEnv = process.env,
): Promise<string> {
  const program = await lookUpKustomize(env)
  if (program === undefined) throw none(env)
  const [remote] = await remoteParts(folder, files)
  if (remote !== undefined) throw fromElsewhere(remote, folder, program)
  return await render(program, folder, { code: 'E_LEGACY_RENDER', files, signal })
}

/** The same of a release, with a kustomize that is fetched where there is none. Throws E_KUSTOMIZE, E_KUSTOMIZE_REMOTE. */
export async function kustomizeRelease(
  folder: string,
  files: Files,
  how: Progress,
  env: NodeJS.ProcessEnv = process.env,
): Promise<string> {
  const [remote] = await remoteParts(folder, files)
  const program = await findKustomize(how, env)
  if (remote !== undefined) throw notInRepository(remote, folder, program)
  return await render(program, folder, { code: 'E_KUSTOMIZE', files, signal: how.signal })
}

interface Rendering {
  readonly code: 'E_LEGACY_RENDER' | 'E_KUSTOMIZE'
  readonly files: Files
  readonly signal: AbortSignal
}

async function render([file, verb]: Kustomize, folder: string, { code, files, signal }: Rendering): Promise<string> {
  const { status, stdout, stderr } = await run(file, [verb, files.resolve(folder)], { env: FETCHES_NOTHING, signal })
  if (status === 0) return stdout
  const said = stderr.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('# Warning:'))
  const reason = said[0] === undefined ? undefined : reasonIn(said[0])
  const ended = `it ended with status ${status ?? 'unknown'}`
  throw new ForgeError(code, `kustomize cannot render ${folder}: ${reason ?? ended}`, {
    hint: program(file, verb, folder),
    where: (await kustomizationIn(folder, files)) ?? folder,
    ...(said.length > 1 ? { log: said.slice(-20) } : {}),
  })
}

/** A kubectl may log its last error (`E1128 05:36:53.697138 2595 run.go:72] "command failed" err="…"`). */
function reasonIn(line: string): string {
  const [, quoted = ''] = /^[EF]\d{4} .*\] "command failed" err=(".*")$/u.exec(line) ?? []
  const own = parseJson(quoted)
  return typeof own === 'string' ? own : line.replace(/^error: /iu, '')
}

function notInRepository({ name, at }: KustomizationPart, folder: string, render: Kustomize): ForgeError {
  const message = `${showPlace(at)} takes ${name} from elsewhere, which forge does not fetch`
  return new ForgeError('E_KUSTOMIZE_REMOTE', message, { hint: program(...render, folder), where: showPlace(at) })
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
