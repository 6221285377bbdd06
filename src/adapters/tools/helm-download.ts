import { createHash } from 'node:crypto'
import { chmod, mkdir, rename } from 'node:fs/promises'
import path from 'node:path'
import { ForgeError } from '../../errors.ts'
import { forge } from '../../hint.ts'
import { timeLimit } from '../../time-limit.ts'
import { systemClock } from '../clock.ts'
import { inTemporaryFolder } from '../files/temporary.ts'
import { run } from '../process.ts'
import type { Progress } from './go.ts'
import type { KnownHelm } from './known-helms.ts'

/** Without an answer within this time the host counts as out of reach, and Go is tried. */
const ANSWER_MS = 5000
/** Four times what an archive of helm has. */
const MOST_BYTES = 100 * 1024 * 1024

export type Fetch = (url: string, signal: AbortSignal) => Promise<Uint8Array | undefined>

/**
 * Puts a release of helm into `target`. False when the host is out of reach, or there is none for this platform. Throws
 * E_TOOL_CHECKSUM when what came is something else; then nothing of it is left.
 */
export async function downloadHelm(
  { version, archives = {} }: KnownHelm,
  target: string,
  { signal }: Pick<Progress, 'signal'>,
  fetched: Fetch = fetchBytes,
): Promise<boolean> {
  const platform = `${process.platform}-${process.arch === 'x64' ? 'amd64' : process.arch}`
  const expected = archives[platform]
  const url = `https://get.helm.sh/helm-v${version}-${platform}.tar.gz`
  const archive = expected === undefined ? undefined : await fetched(url, signal)
  if (archive === undefined) return false
  const found = createHash('sha256').update(archive).digest('hex')
  if (found !== expected) throw notAsKnown(url, `SHA-256 ${found}`)
  return await unpack(archive, platform, target, signal)
}

/** What came from elsewhere is not what forge was made with; nothing of it is used. */
export function notAsKnown(what: string, found: string): ForgeError {
  return new ForgeError('E_TOOL_CHECKSUM', `${what} is not what forge knows it to be (${found}); it is not used`, {
    hint: forge('explain', 'E_TOOL_CHECKSUM'),
    where: what,
  })
}

async function unpack(archive: Uint8Array, platform: string, target: string, signal: AbortSignal): Promise<boolean> {
  const unpacked = async (folder: string): Promise<boolean> => {
    const { status } = await run('tar', ['-xzf', '-', '-C', folder, `${platform}/helm`], { input: archive, signal })
    if (status !== 0) return false
    await chmod(path.join(folder, platform, 'helm'), 0o755)
    await rename(path.join(folder, platform, 'helm'), target)
    return true
  }
  await mkdir(path.dirname(target), { recursive: true })
  return await inTemporaryFolder('download', unpacked, path.dirname(target))
}

/** The body, or undefined when there is none to be had. */
async function fetchBytes(url: string, signal: AbortSignal): Promise<Uint8Array | undefined> {
  const silence = timeLimit(ANSWER_MS, { clock: systemClock, signal })
  try {
    const response = await fetch(url, { signal: silence.signal })
    silence.end()
    return response.ok && response.body !== null ? await bytesOf(response.body) : undefined
  } catch {
    signal.throwIfAborted()
    return undefined
  } finally {
    silence.end()
  }
}

/** One that never ends fills no memory: what is too long has another checksum in any case. */
async function bytesOf(body: NonNullable<Response['body']>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) {
    chunks.push(chunk)
    bytes += chunk.length
    if (bytes > MOST_BYTES) break
  }
  return Buffer.concat(chunks)
}
