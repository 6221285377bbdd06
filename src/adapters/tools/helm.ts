import { constants } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { ForgeError } from '../../errors.ts'
import { forge, program } from '../../hint.ts'
import { isThere } from '../files/there.ts'
import { run } from '../process.ts'
import { cacheFolder } from './folders.ts'
import type { Progress } from './go.ts'
import { installWithGo } from './go-install.ts'
import { downloadHelm } from './helm-download.ts'
import { fits, KNOWN_HELMS, knownHelms, parseWish, type HelmWish, type KnownHelm } from './known-helms.ts'
import { withLock } from './lock.ts'
import { parseVersion, VersionMemory, versionText, type Version } from './versions.ts'

const OLDEST = { major: 3, minor: 14 }

export interface Helm {
  readonly path: string
  readonly version: Version
  readonly source: 'FORGE_HELM' | 'PATH' | 'cache' | 'download' | 'go'
}

/**
 * The helm of this machine, without fetching one: FORGE_HELM, then PATH, then forge's cache; FORGE_HELM_VERSION says which versions
 * count. Undefined when there is none. Throws E_TOOL_VERSION or E_TOOL_MISSING when FORGE_HELM names one that cannot be used: it was
 * meant; and E_TOOL_VERSION when a version is wanted that nobody has, and that forge does not know.
 */
export async function lookUpHelm(env: NodeJS.ProcessEnv = process.env): Promise<Helm | undefined> {
  const memory = new VersionMemory(cacheFolder(env, 'tools', 'versions.json'))
  const wish = wishIn(env)
  const named = env['FORGE_HELM']
  if (named !== undefined && named !== '') return fromVariable(path.resolve(named), wish, memory)
  for (const folder of (env['PATH'] ?? '').split(path.delimiter).filter((entry) => path.isAbsolute(entry))) {
    const file = path.join(folder, 'helm')
    const version = (await isThere(file, constants.X_OK)) ? await memory.of(file, askHelm) : undefined
    // Another one is passed over: what is wanted may stand further back, or in the cache.
    if (version !== undefined && isRecent(version) && fits(version, wish))
      return { path: file, version, source: 'PATH' }
  }
  const known = knownHelms(wish)
  if (known.length === 0) throw unknown(wish ?? [])
  for (const one of known) {
    const cached = cachedHelm(env, one)
    const runs = (await isThere(cached, constants.X_OK)) && (await memory.of(cached, askHelm)) !== undefined
    if (runs) return { path: cached, version: versionOf(one), source: 'cache' }
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
  const known = knownHelms(wishIn(env)).find(({ archives }) => archives !== undefined)
  if (known === undefined) return undefined
  how.progress(`fetching helm ${known.version}`)
  const target = cachedHelm(env, known)
  return (await downloadHelm(known, target, how)) ? await fetchedHelm(known, env, 'download') : undefined
}

async function build(env: NodeJS.ProcessEnv, how: Progress): Promise<Helm> {
  const wish = wishIn(env)
  const [known] = knownHelms(wish)
  if (known === undefined) throw unknown(wish ?? [])
  const target = cachedHelm(env, known)
  await mkdir(path.dirname(target), { recursive: true })
  how.progress(`fetching helm ${known.version}`)
  await installWithGo({ ...known, program: 'helm', folder: 'cmd/helm' }, target, how)
  return await fetchedHelm(known, env, 'go')
}

async function fetchedHelm(known: KnownHelm, env: NodeJS.ProcessEnv, source: Helm['source']): Promise<Helm> {
  const target = cachedHelm(env, known)
  const said = await new VersionMemory(cacheFolder(env, 'tools', 'versions.json')).of(target, askHelm)
  if (said !== undefined) return { path: target, version: versionOf(known), source }
  throw missing(`the helm at ${target} does not run`, target)
}

/** One that Go has built does not say its patch version; what was fetched is known. */
function versionOf({ version }: KnownHelm): Version {
  const parsed = parseVersion(version)
  if (parsed === undefined) throw new Error(`${version} is no version`)
  return parsed
}

function cachedHelm(env: NodeJS.ProcessEnv, { version }: { readonly version: string }): string {
  return cacheFolder(env, 'tools', `helm-${version}`, 'helm')
}

function wishIn(env: NodeJS.ProcessEnv): HelmWish | undefined {
  const text = env['FORGE_HELM_VERSION']
  if (text === undefined || text.trim() === '') return undefined
  const wish = parseWish(text)
  if (wish !== undefined) return wish
  throw wrongVersion(`FORGE_HELM_VERSION is "${text}", which is no version of helm (4, 4.3 or 4.3.0)`)
}

async function fromVariable(file: string, wish: HelmWish | undefined, memory: VersionMemory): Promise<Helm> {
  const version = (await isThere(file, constants.X_OK)) ? await memory.of(file, askHelm) : undefined
  if (version === undefined) throw missing(`${file}, named by FORGE_HELM, is not helm`, 'FORGE_HELM')
  const named = `helm ${versionText(version)}, named by FORGE_HELM,`
  const hint = program(file, 'version')
  if (!isRecent(version)) throw wrongVersion(`${named} is older than 3.14`, hint, 'FORGE_HELM')
  if (!fits(version, wish))
    throw wrongVersion(`${named} is not the ${(wish ?? []).join('.')} of FORGE_HELM_VERSION`, hint)
  return { path: file, version, source: 'FORGE_HELM' }
}

function unknown(wish: HelmWish): ForgeError {
  const known = KNOWN_HELMS.map(({ version }) => version).join(', ')
  return wrongVersion(`helm ${wish.join('.')} is not on PATH, and forge can fetch only those that it knows (${known})`)
}

function wrongVersion(
  message: string,
  hint = forge('explain', 'E_TOOL_VERSION'),
  where = 'FORGE_HELM_VERSION',
): ForgeError {
  return new ForgeError('E_TOOL_VERSION', message, { hint, where })
}

function missing(message: string, where: string): ForgeError {
  return new ForgeError('E_TOOL_MISSING', message, { hint: forge('explain', 'E_TOOL_MISSING'), where })
}

async function askHelm(program: string): Promise<string | undefined> {
  const { status, stdout } = await run(program, ['version', '--template', '{{.Version}}'])
  return status === 0 ? stdout : undefined
}

function isRecent({ major, minor }: Version): boolean {
  return major > OLDEST.major || (major === OLDEST.major && minor >= OLDEST.minor)
}
