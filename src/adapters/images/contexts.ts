import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { lstat, readdir, readlink, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { isCommit, type GitAddress } from '../../domain/images/address.ts'
import type { ContextFile } from '../../domain/images/content.ts'
import type { Ignore, Looked } from '../../domain/images/ignore.ts'
import { unlessItFails } from '../../expected.ts'
import type { BuildContexts } from '../../ports.ts'
import { fileFailure } from '../files/files.ts'
import { run } from '../process.ts'

/** Files that are read at once. */
const AT_ONCE = 8

export const buildContexts: BuildContexts = {
  files: filesOf,
  commit: commitAt,
  origin: originOf,
  isFolder: async (path) => (await unlessItFails(stat(path), () => undefined))?.isDirectory() === true,
}

interface Walk {
  readonly root: string
  readonly ignore: Ignore
  readonly signal: AbortSignal
  readonly found: (ContextFile | (() => Promise<ContextFile>))[]
}

async function filesOf(root: string, ignore: Ignore, signal: AbortSignal): Promise<readonly ContextFile[]> {
  const walk: Walk = { root, ignore, signal, found: [] }
  await walkFolder('', undefined, walk)
  const queue = walk.found.entries()
  const files: ContextFile[] = []
  const work = async (): Promise<void> => {
    for (const [at, one] of queue) {
      signal.throwIfAborted()
      files[at] = typeof one === 'function' ? await one() : one
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return files
}

/** An empty folder is nothing, as for git. */
async function walkFolder(folder: string, above: Looked | undefined, walk: Walk): Promise<void> {
  walk.signal.throwIfAborted()
  const names = await readable(readdir(join(walk.root, folder)), join(walk.root, folder))
  for (const name of names) {
    const path = folder === '' ? name : `${folder}/${name}`
    const looked = walk.ignore(path, above)
    if (looked.isClosed) continue
    const full = join(walk.root, path)
    const commit = path === '.git' && !looked.isIgnored ? await checkedOut(walk.root, walk.signal) : undefined
    if (commit !== undefined) walk.found.push({ kind: 'commit', path, id: commit })
    else await walkEntry(path, full, looked, walk)
  }
}

async function walkEntry(path: string, full: string, looked: Looked, walk: Walk): Promise<void> {
  const info = await readable(lstat(full), full)
  if (info.isDirectory()) await walkFolder(path, looked, walk)
  else if (looked.isIgnored) return
  else if (info.isSymbolicLink()) walk.found.push({ kind: 'link', path, target: await readable(readlink(full), full) })
  else if (info.isFile()) {
    // Of the bits only the owner's: git keeps no other, and the rest is the umask's.
    const isExecutable = (info.mode & 0o100) !== 0
    walk.found.push(async () => ({ kind: 'file', path, digest: await digestOf(full), isExecutable }))
  }
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  await readable(pipeline(createReadStream(path), hash), path)
  return hash.digest('hex')
}

async function readable<T>(reading: Promise<T>, path: string): Promise<T> {
  return await reading.catch((error: unknown) => {
    throw fileFailure(path, error)
  })
}

/** The commit that a folder is at; undefined without git, outside a repository, or before a first commit. */
async function checkedOut(folder: string, signal: AbortSignal): Promise<string | undefined> {
  const { status, stdout } = await run('git', ['-C', folder, 'rev-parse', '--verify', 'HEAD'], { signal })
  const id = stdout.trim()
  return status === 0 && isCommit(id) ? id : undefined
}

async function originOf(
  folder: string,
  signal: AbortSignal,
): Promise<{ readonly commit?: string; readonly address?: string }> {
  const ask = async (...args: string[]): Promise<string> => {
    const { status, stdout } = await run('git', ['-C', folder, ...args], { signal })
    return status === 0 ? stdout.trim() : ''
  }
  const commit = await ask('describe', '--always', '--dirty', '--abbrev=40', '--exclude=*')
  const address = withoutLogin(await ask('remote', 'get-url', 'origin'))
  return { ...(commit === '' ? {} : { commit }), ...(address === undefined ? {} : { address }) }
}

/** A folder of this machine is nobody else's address. */
export function withoutLogin(address: string): string | undefined {
  if (/^[\w.-]+@[\w.-]+:/u.test(address)) return address
  if (!/^(?:https?|ssh|git):/u.test(address) || !URL.canParse(address)) return undefined
  const url = new URL(address)
  url.username = ''
  url.password = ''
  return url.href
}

/** The commit that a branch or tag of a repository elsewhere is at. */
async function commitAt(
  { url, ref }: GitAddress,
  signal: AbortSignal,
): Promise<{ readonly commit: string } | { readonly problem: string }> {
  if (ref !== undefined && isCommit(ref)) return { commit: ref }
  // Nobody is there to be asked for a password.
  const env = { GIT_TERMINAL_PROMPT: '0' }
  const wanted = ref ?? 'HEAD'
  const { status, stdout, stderr, startError } = await run('git', ['ls-remote', '--', url], { signal, env })
  if (status !== 0) return { problem: stderr.trim().split('\n').at(-1) ?? startError ?? 'git cannot ask it' }
  const commits = new Map(
    stdout.split('\n').map((line) => {
      const [commit = '', name = ''] = line.split('\t')
      return [name, commit] as const
    }),
  )
  // An annotated tag is an object of its own; behind ^{} is the commit.
  const names = [wanted, `refs/tags/${wanted}^{}`, `refs/tags/${wanted}`, `refs/heads/${wanted}`]
  const commit = names.map((name) => commits.get(name)).find((one) => one !== undefined)
  return commit === undefined ? { problem: `it has no branch and no tag ${wanted}` } : { commit }
}
