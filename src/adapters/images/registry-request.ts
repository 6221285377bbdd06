import { networkInterfaces } from 'node:os'
import { wholeName, type ImageReference } from '../../domain/images/reference.ts'
import { isLoopback } from './builder-args.ts'
import { authorization, type Login } from './registry-auth.ts'

const MANIFESTS = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ')

/** What a registry said of a manifest, and how it is asked for more. */
export interface Asked {
  readonly response: Response
  /** It has said what login it wants. */
  readonly isChallenged: boolean
  /** What the service that gives out its tokens said, where that was no token. */
  readonly tokenStatus: number | undefined
  /** With the login that was good for the manifest: `manifests/1`, `blobs/sha256:…`. */
  readonly get: (path: string) => Promise<Response>
}

export function manifestPath({ tag, digest }: ImageReference): string {
  return `manifests/${digest ?? tag ?? 'latest'}`
}

/** HEAD, and once more with what the registry then wants. */
export async function askManifest(
  scheme: string,
  reference: ImageReference,
  login: Login | undefined,
  signal: AbortSignal,
): Promise<Asked> {
  const name = wholeName(reference)
  const repository = name.slice(name.indexOf('/') + 1)
  const base = `${scheme}://${apiHost(reference)}/v2/${repository}`
  const send = async (method: string, path: string, headers: Record<string, string>): Promise<Response> =>
    await fetch(`${base}/${path}`, { method, headers: { accept: MANIFESTS, ...headers }, signal })
  const path = manifestPath(reference)
  const first = await send('HEAD', path, {})
  const challenge = first.headers.get('www-authenticate') ?? ''
  const isChallenged = first.status === 401 && /^\s*(?:basic|bearer)\b/iu.test(challenge)
  const { header, answered } = isChallenged ? await authorization(challenge, repository, login, signal) : {}
  const headers: Record<string, string> = header === undefined ? {} : { authorization: header }
  return {
    response: header === undefined ? first : await send('HEAD', path, headers),
    isChallenged,
    tokenStatus: answered,
    get: async (wanted) => await send('GET', wanted, headers),
  }
}

/** By such errors `fetch` says that nothing has answered, or not to the end; by its cause why. All else is thrown on. */
export function unanswered(error: unknown): string {
  const { message, cause } = (error ?? {}) as { readonly message?: unknown; readonly cause?: unknown }
  if (message !== 'fetch failed' && message !== 'terminated') throw error
  const { code, message: why } = (cause ?? {}) as { readonly code?: unknown; readonly message?: unknown }
  return [code, why].find((one) => typeof one === 'string') ?? message
}

/** What logins are kept under. */
export function hostOf({ host }: ImageReference): string {
  return host ?? 'docker.io'
}

function apiHost(reference: ImageReference): string {
  const name = wholeName(reference)
  return name.startsWith('docker.io/') ? 'registry-1.docker.io' : hostOf(reference)
}

/** What is asked leaves this machine on no wire: such a registry may do without TLS, and get a login all the same. */
export function isNear({ host = '' }: ImageReference): boolean {
  if (isLoopback(host)) return true
  const own = Object.values(networkInterfaces()).flatMap((all) => all ?? [])
  return own.some(({ address }) => address === host.replace(/:\d+$/u, '').replace(/^\[(.*)\]$/u, '$1'))
}
