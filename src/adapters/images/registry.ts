import { createHash } from 'node:crypto'
import { parseReference, type ImageReference } from '../../domain/images/reference.ts'
import type { Clock, Registered, Registries } from '../../ports.ts'
import { timeLimit } from '../../time-limit.ts'
import { authorization, type Login } from './registry-auth.ts'
import { loginFor } from './registry-login.ts'
import { isOnThisMachine } from './builder-args.ts'

/** A registry that says nothing for so long is not waited for: the image is built. */
const ANSWER_MS = 15_000

const MANIFESTS = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ')

export interface RegistryOptions {
  readonly clock: Clock
  readonly env: NodeJS.ProcessEnv
  readonly home: string
}

/** Asks registries over their HTTP API (https://github.com/opencontainers/distribution-spec), with the logins of docker and podman. */
export function registries(options: RegistryOptions): Registries {
  return { look: async (ref, signal) => await look(ref, options, signal) }
}

async function look(ref: string, options: RegistryOptions, signal: AbortSignal): Promise<Registered> {
  const parsed = parseReference(ref)
  if ('problem' in parsed) return { is: 'unknown', why: parsed.problem }
  const limit = timeLimit(ANSWER_MS, { clock: options.clock, signal })
  try {
    const login = await loginFor(hostOf(parsed), parsed.path, options, limit.signal)
    // One of this machine may do without TLS.
    const schemes = isOnThisMachine(ref) ? ['https', 'http'] : ['https']
    let why: unknown
    for (const scheme of schemes) {
      const answer = await ask(scheme, parsed, login, limit.signal).catch((error: unknown) => {
        why = unanswered(error)
      })
      if (answer !== undefined) return answer
    }
    return { is: 'unknown', why: `it does not answer (${String(why)})` }
  } catch (error) {
    signal.throwIfAborted()
    if (!limit.isUp()) throw error
    return { is: 'unknown', why: `no answer within ${ANSWER_MS / 1000} s` }
  } finally {
    limit.end()
  }
}

/** By such an error `fetch` says that nothing has answered, by its cause why. All else is thrown on. */
function unanswered(error: unknown): string {
  const { message, cause } = (error ?? {}) as { readonly message?: unknown; readonly cause?: unknown }
  if (message !== 'fetch failed') throw error
  const { code, message: why } = (cause ?? {}) as { readonly code?: unknown; readonly message?: unknown }
  return [code, why].find((one) => typeof one === 'string') ?? message
}

async function ask(
  scheme: string,
  reference: ImageReference,
  login: Login | undefined,
  signal: AbortSignal,
): Promise<Registered> {
  const { path, tag, digest } = reference
  const name = reference.host === undefined && !path.includes('/') ? `library/${path}` : path
  const url = `${scheme}://${apiHost(reference)}/v2/${name}/manifests/${digest ?? tag ?? 'latest'}`
  const send = async (method: string, headers: Record<string, string>): Promise<Response> =>
    await fetch(url, { method, headers: { accept: MANIFESTS, ...headers }, signal })
  let headers: Record<string, string> = {}
  let response = await send('HEAD', headers)
  if (response.status === 401) {
    const header = await authorization(response.headers.get('www-authenticate') ?? '', name, login, signal)
    if (header !== undefined) response = await send('HEAD', (headers = { authorization: header }))
  }
  if (response.status === 404) return { is: 'absent' }
  if (!response.ok) return { is: 'unknown', why: refusal(response.status, login) }
  const told = response.headers.get('docker-content-digest') ?? digest
  return { is: 'there', digest: told ?? (await digestOfBody(await send('GET', headers))) }
}

function refusal(status: number, login: Login | undefined): string {
  if (status !== 401 && status !== 403) return `it answers with status ${status}`
  return login === undefined ? 'it wants a login, and there is none' : 'the login here is not allowed to look'
}

async function digestOfBody(response: Response): Promise<string> {
  const body = new Uint8Array(await response.arrayBuffer())
  return `sha256:${createHash('sha256').update(body).digest('hex')}`
}

/** What logins are kept under. */
function hostOf({ host }: ImageReference): string {
  return host ?? 'docker.io'
}

function apiHost({ host }: ImageReference): string {
  return host === undefined || host === 'docker.io' ? 'registry-1.docker.io' : host
}
