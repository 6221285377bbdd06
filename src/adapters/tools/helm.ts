import { constants } from 'node:fs'
import { access, mkdir, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { ForgeError } from '../../errors.ts'
import { forge, program } from '../../hint.ts'
import { run } from '../process.ts'
import { cacheFolder } from './folders.ts'
import { PURE_GO, runGo, type Progress } from './go.ts'
import { downloadHelm } from './helm-download.ts'
import { withLock } from './lock.ts'
import { VersionMemory, versionText, type Version } from './versions.ts'

/** What is fetched where no helm is found. */
export const PINNED_HELM = '4.3.1'
/** What `go install` compiles for it from an empty cache, for the forecast. */
const PINNED_PACKAGES = 1183
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
    const version = (await isProgram(file)) ? await memory.of(file, askHelm) : undefined
    // An older one is passed over: a newer may stand further back, or in the cache.
    if (version !== undefined && isRecent(version)) return { path: file, version, source: 'PATH' }
  }
  const cached = cachedHelm(env)
  const version = (await isProgram(cached)) ? await memory.of(cached, askHelm) : undefined
  return version === undefined ? undefined : { path: cached, version, source: 'cache' }
}

/** As `lookUpHelm`, and fetches the pinned release where there is none: a download that is verified, else with Go. */
export async function findHelm(how: Progress, env: NodeJS.ProcessEnv = process.env): Promise<Helm> {
  const found = await lookUpHelm(env)
  if (found !== undefined) return found
  const target = cachedHelm(env)
  const onWait = (): void => how.progress('another forge fetches it')
  return await withLock(`${path.dirname(target)}.lock`, { signal: how.signal, onWait }, async () => {
    const meanwhile = await lookUpHelm(env)
    if (meanwhile !== undefined) return meanwhile
    await mkdir(path.dirname(target), { recursive: true })
    how.progress(`fetching helm ${PINNED_HELM}`)
    const downloaded = await downloadHelm(PINNED_HELM, target, how)
    if (!downloaded) await installWithGo(target, how)
    const version = await new VersionMemory(cacheFolder(env, 'tools', 'versions.json')).of(target, askHelm)
    if (version !== undefined) return { path: target, version, source: downloaded ? 'download' : 'go' }
    throw missing(`the helm at ${target} does not run`, target)
  })
}

function cachedHelm(env: NodeJS.ProcessEnv): string {
  return cacheFolder(env, 'tools', `helm-${PINNED_HELM}`, 'helm')
}

async function fromVariable(file: string, memory: VersionMemory): Promise<Helm> {
  const version = (await isProgram(file)) ? await memory.of(file, askHelm) : undefined
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

/** The Go module proxy and its checksum database vouch for what is built. */
async function installWithGo(target: string, how: Progress): Promise<void> {
  const folder = path.join(path.dirname(target), `go-${process.pid}`)
  try {
    await runGo(
      {
        what: `helm ${PINNED_HELM}`,
        args: ['install', '-v', '-trimpath', `helm.sh/helm/v4/cmd/helm@v${PINNED_HELM}`],
        cwd: path.dirname(target),
        env: { ...PURE_GO, GOBIN: folder },
        expected: PINNED_PACKAGES,
        code: 'E_TOOL_MISSING',
      },
      how,
    )
    await rename(path.join(folder, 'helm'), target)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function isRecent({ major, minor }: Version): boolean {
  return major > OLDEST.major || (major === OLDEST.major && minor >= OLDEST.minor)
}

async function isProgram(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  )
}
