import { createHash } from 'node:crypto'
import { chmod, mkdir, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { run } from '../process.ts'
import type { Progress } from './go.ts'

/** Without an answer within this time the host counts as out of reach, and Go is tried. */
const ANSWER_MS = 5000

/**
 * Fetches a release of helm from get.helm.sh and checks it against the SHA-256 that is published beside it (over TLS, by
 * the same host: it proves that the download is whole and is what helm's project published there). False when the host
 * is out of reach, has no such release, or the checksum differs.
 */
export async function downloadHelm(version: string, target: string, { signal, progress }: Progress): Promise<boolean> {
  const platform = `${process.platform}-${process.arch === 'x64' ? 'amd64' : process.arch}`
  const url = `https://get.helm.sh/helm-v${version}-${platform}.tar.gz`
  const published = await fetchBytes(`${url}.sha256sum`, signal)
  const archive = published === undefined ? undefined : await fetchBytes(url, signal)
  if (published === undefined || archive === undefined) return false
  const [expected] = Buffer.from(published).toString('utf8').trim().split(/\s+/u)
  if (createHash('sha256').update(archive).digest('hex') !== expected) {
    progress(`the checksum of ${url} does not fit; it is not used`)
    return false
  }
  return await unpack(archive, platform, target, signal)
}

async function unpack(archive: Uint8Array, platform: string, target: string, signal: AbortSignal): Promise<boolean> {
  const folder = path.join(path.dirname(target), `download-${process.pid}`)
  try {
    await mkdir(folder, { recursive: true })
    const { status } = await run('tar', ['-xzf', '-', '-C', folder, `${platform}/helm`], { input: archive, signal })
    if (status !== 0) return false
    await chmod(path.join(folder, platform, 'helm'), 0o755)
    await rename(path.join(folder, platform, 'helm'), target)
    return true
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** The body, or undefined when there is none to be had. */
async function fetchBytes(url: string, signal: AbortSignal): Promise<Uint8Array | undefined> {
  const silence = new AbortController()
  const timer = setTimeout(() => silence.abort(), ANSWER_MS)
  try {
    const response = await fetch(url, { signal: AbortSignal.any([signal, silence.signal]) })
    clearTimeout(timer)
    return response.ok ? await response.bytes() : undefined
  } catch {
    signal.throwIfAborted()
    return undefined
  } finally {
    clearTimeout(timer)
  }
}
