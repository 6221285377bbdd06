import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { SandboxBinary } from '../../domain/sandbox/model.ts'
import { notUsedText } from '../../domain/sandbox/screen.ts'
import { ForgeError } from '../../errors.ts'
import { forge, program } from '../../hint.ts'
import { inTemporaryFolder } from '../files/temporary.ts'
import { isThere } from '../files/there.ts'
import { cacheFolder } from '../tools/folders.ts'
import { countPackages, LEAN_GO, PURE_GO, runGo, type Progress } from '../tools/go.ts'
import { withLock } from '../tools/lock.ts'
import { lookUpPrebuilt, unpackPrebuilt } from './prebuilt.ts'

const NAME = 'forge-sandbox'
/** The version that the API server reports; that of k8s.io/kubernetes in go.mod. */
const FLAGS = [...LEAN_GO, '-ldflags=-s -w -X k8s.io/component-base/version.gitVersion=v1.37.1']
/** Builds of other versions of forge that are kept beside the current one: each takes 140 MB. */
const KEPT = 1

/** Looks for the control plane in the order of docs/design.md, and builds it into the cache when it is nowhere. */
export async function findSandboxBinary(env: NodeJS.ProcessEnv, how: Progress): Promise<SandboxBinary> {
  const named = env['FORGE_SANDBOX_BIN']
  if (named !== undefined && named !== '') return fromVariable(path.resolve(named))
  const sources = await sourceFolder()
  const folder = cacheFolder(env, 'sandbox')
  const key = await fingerprint(sources)
  const kept = path.join(folder, key, NAME)
  if (await isProgram(kept)) return { path: kept, source: 'cache' }
  const waiting = (): void => how.progress('another forge gets it')
  return await withLock(`${path.dirname(kept)}.lock`, { signal: how.signal, onWait: waiting }, async () => {
    if (await isProgram(kept)) return { path: kept, source: 'cache' }
    await mkdir(path.dirname(kept), { recursive: true })
    const found = await make(sources, kept, how)
    await prune(folder, key)
    return { path: kept, ...found }
  })
}

async function fromVariable(file: string): Promise<SandboxBinary> {
  if (await isProgram(file)) return { path: file, source: 'FORGE_SANDBOX_BIN' }
  throw new ForgeError('E_SANDBOX_BINARY', `${file}, named by FORGE_SANDBOX_BIN, is not a program`, {
    hint: program('ls', '-l', file),
    where: 'FORGE_SANDBOX_BIN',
  })
}

/** From the package of a release, where it is of the same sources: what differs would be another sandbox. Else from the sources. */
async function make(sources: string, target: string, how: Progress): Promise<Omit<SandboxBinary, 'path'>> {
  const prebuilt = await lookUpPrebuilt()
  if (prebuilt?.key === path.basename(path.dirname(target))) {
    await unpackPrebuilt(prebuilt, target)
    return { source: 'package', package: prebuilt.title }
  }
  if (prebuilt !== undefined) how.progress(notUsedText(prebuilt.title))
  await build(sources, target, how)
  return { source: 'build', ...(prebuilt === undefined ? {} : { notUsed: prebuilt.title }) }
}

/** `k8s/sandbox`, seen from this file: in `src/adapters/sandbox` or, bundled, in `dist`. */
export async function sourceFolder(): Promise<string> {
  for (let folder = path.dirname(fileURLToPath(import.meta.url)); ; folder = path.dirname(folder)) {
    const candidate = path.join(folder, 'k8s', 'sandbox')
    if (await isThere(path.join(candidate, 'go.mod'))) return candidate
    if (folder === path.dirname(folder)) break
  }
  throw new ForgeError(
    'E_SANDBOX_BUILD',
    'the sources of the sandbox (k8s/sandbox) are not in this installation of forge',
    {
      hint: forge('explain', 'E_SANDBOX_BUILD'),
      where: fileURLToPath(import.meta.url),
    },
  )
}

/** A hash of everything that the binary is built from. */
export async function fingerprint(folder: string): Promise<string> {
  const hash = createHash('sha256').update(FLAGS.join(' '))
  const files = (await readdir(folder, { recursive: true }))
    .filter((file) => /(?:\.go|\.yaml|^go\.mod|^go\.sum)$/u.test(file) && !file.endsWith('_test.go'))
    .sort()
  for (const file of files) hash.update(`\0${file}\0`).update(await readFile(path.join(folder, file)))
  return hash.digest('hex').slice(0, 16)
}

async function build(sources: string, target: string, how: Progress): Promise<void> {
  const folder = path.dirname(target)
  how.progress('building the control plane with Go: some minutes, once')
  const expected = await countPackages(sources, 'the sandbox', how)
  const what = 'the sandbox'
  await inTemporaryFolder(
    'build',
    async (unfinished) => {
      const args = ['build', '-v', ...FLAGS, '-o', path.join(unfinished, NAME), '.']
      await runGo({ what, args, cwd: sources, env: PURE_GO, expected, code: 'E_SANDBOX_BUILD' }, how)
      await rename(path.join(unfinished, NAME), target)
    },
    folder,
  )
}

/** Removes the oldest builds. A running sandbox keeps its own: an open program outlives its name. */
async function prune(folder: string, current: string): Promise<void> {
  const others = (await readdir(folder, { withFileTypes: true })).filter(
    (entry) => entry.isDirectory() && entry.name !== current,
  )
  const dated = await Promise.all(
    others.map(async ({ name }) => ({
      path: path.join(folder, name),
      at: (await stat(path.join(folder, name))).mtimeMs,
    })),
  )
  const oldest = dated.sort((a, b) => b.at - a.at).slice(KEPT)
  await Promise.all(oldest.map(async (entry) => rm(entry.path, { recursive: true, force: true })))
}

async function isProgram(file: string): Promise<boolean> {
  return (await isThere(file, constants.X_OK)) && (await stat(file)).isFile()
}
