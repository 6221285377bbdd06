import { constants } from 'node:fs'
import { mkdir, rename } from 'node:fs/promises'
import path from 'node:path'
import { ForgeError } from '../../errors.ts'
import { forge, program } from '../../hint.ts'
import { inTemporaryFolder } from '../files/temporary.ts'
import { isThere } from '../files/there.ts'
import { run } from '../process.ts'
import { cacheFolder } from './folders.ts'
import { LEAN_GO, PURE_GO, runGo, type Progress } from './go.ts'
import { DOWNLOADED_HELM, downloadHelm, notAsKnown } from './helm-download.ts'
import { withLock } from './lock.ts'
import { VersionMemory, versionText, type Version } from './versions.ts'

/** What is built where no helm is found and none can be downloaded, with its checksum as a go.sum has it. */
export const BUILT_HELM = { version: '4.3.1', sum: 'h1:UndCoLe9UPmNoL7IvWzaUXveL7T5t/ijoorEmgJdI9g=' }
const OLDEST = { major: 3, minor: 14 }

export interface Helm {
  readonly path: string
  readonly version: Version
  readonly source: 'FORGE_HELM' | 'PATH' | 'cache' | 'download' | 'go'
}

/**
 * The helm of this machine, without fetching one: FORGE_HELM, then PATH, then forge's cache. Undefined when there is none.
 * Throws E_TOOL_VERSION or E_TOOL_MISSING when FORGE_HELM names one that cannot be used: it was meant.
 */
export async function lookUpHelm(env: NodeJS.ProcessEnv = process.env): Promise<Helm | undefined> {
  const memory = new VersionMemory(cacheFolder(env, 'tools', 'versions.json'))
  const named = env['FORGE_HELM']
  if (named !== undefined && named !== '') return fromVariable(path.resolve(named), memory)
  for (const folder of (env['PATH'] ?? '').split(path.delimiter).filter((entry) => path.isAbsolute(entry))) {
    const file = path.join(folder, 'helm')
    const version = (await isThere(file, constants.X_OK)) ? await memory.of(file, askHelm) : undefined
    // An older one is passed over: a newer may stand further back, or in the cache.
    if (version !== undefined && isRecent(version)) return { path: file, version, source: 'PATH' }
  }
  for (const cached of [BUILT_HELM, DOWNLOADED_HELM].map((one) => cachedHelm(env, one))) {
    const version = (await isThere(cached, constants.X_OK)) ? await memory.of(cached, askHelm) : undefined
    if (version !== undefined) return { path: cached, version, source: 'cache' }
  }
  return undefined
}

/**
 * As `lookUpHelm`, and fetches one where there is none: downloaded, else built with Go. Either is compared with what forge knows
 * of it; throws E_TOOL_CHECKSUM.
 */
export async function findHelm(how: Progress, env: NodeJS.ProcessEnv = process.env): Promise<Helm> {
  const found = await lookUpHelm(env)
  if (found !== undefined) return found
  const { progress, signal } = how
  const onWait = (): void => progress('another forge fetches it')
  return await withLock(cacheFolder(env, 'tools', 'helm.lock'), { signal, onWait }, async () => {
    const meanwhile = await lookUpHelm(env)
    return meanwhile ?? (await download(env, how)) ?? (await build(env, how))
  })
}

async function download(env: NodeJS.ProcessEnv, how: Progress): Promise<Helm | undefined> {
  const target = cachedHelm(env, DOWNLOADED_HELM)
  how.progress(`fetching helm ${DOWNLOADED_HELM.version}`)
  return (await downloadHelm(target, how)) ? await fetchedHelm(target, env, 'download') : undefined
}

async function build(env: NodeJS.ProcessEnv, how: Progress): Promise<Helm> {
  const target = cachedHelm(env, BUILT_HELM)
  await mkdir(path.dirname(target), { recursive: true })
  how.progress(`fetching helm ${BUILT_HELM.version}`)
  await installWithGo(target, how)
  return await fetchedHelm(target, env, 'go')
}

async function fetchedHelm(target: string, env: NodeJS.ProcessEnv, source: Helm['source']): Promise<Helm> {
  const version = await new VersionMemory(cacheFolder(env, 'tools', 'versions.json')).of(target, askHelm)
  if (version !== undefined) return { path: target, version, source }
  throw missing(`the helm at ${target} does not run`, target)
}

function cachedHelm(env: NodeJS.ProcessEnv, { version }: { readonly version: string }): string {
  return cacheFolder(env, 'tools', `helm-${version}`, 'helm')
}

async function fromVariable(file: string, memory: VersionMemory): Promise<Helm> {
  const version = (await isThere(file, constants.X_OK)) ? await memory.of(file, askHelm) : undefined
  if (version === undefined) throw missing(`${file}, named by FORGE_HELM, is not helm`, 'FORGE_HELM')
  if (isRecent(version)) return { path: file, version, source: 'FORGE_HELM' }
  throw new ForgeError('E_TOOL_VERSION', `helm ${versionText(version)}, named by FORGE_HELM, is older than 3.14`, {
    hint: program(file, 'version'),
    where: 'FORGE_HELM',
  })
}

function missing(message: string, where: string): ForgeError {
  return new ForgeError('E_TOOL_MISSING', message, { hint: forge('explain', 'E_TOOL_MISSING'), where })
}

async function askHelm(program: string): Promise<string | undefined> {
  const { status, stdout } = await run(program, ['version', '--template', '{{.Version}}'])
  return status === 0 ? stdout : undefined
}

/** What helm itself is made of is known here; for what it needs, Go's checksum database vouches. */
async function installWithGo(target: string, how: Progress): Promise<void> {
  const { version, sum } = BUILT_HELM
  const module = `helm.sh/helm/v4@v${version}`
  const cwd = path.dirname(target)
  const said = await run('go', ['mod', 'download', '-json', module], { cwd, env: PURE_GO, signal: how.signal })
  // What keeps Go from it, the build says.
  const found = said.status === 0 ? (JSON.parse(said.stdout) as { readonly Sum?: string }).Sum : sum
  if (found !== sum) throw notAsKnown(module, found ?? 'without a checksum')
  await inTemporaryFolder(
    'build',
    async (folder) => {
      const args = ['install', '-v', ...LEAN_GO, module.replace('@', '/cmd/helm@')]
      const what = `helm ${version}`
      const env = { ...PURE_GO, GOBIN: folder }
      // 1183 packages, or the 320 of them that the sandbox is not made of: Go tells before neither which nor how many.
      await runGo({ what, args, cwd, env, expected: undefined, code: 'E_TOOL_MISSING' }, how)
      await rename(path.join(folder, 'helm'), target)
    },
    cwd,
  )
}

function isRecent({ major, minor }: Version): boolean {
  return major > OLDEST.major || (major === OLDEST.major && minor >= OLDEST.minor)
}
