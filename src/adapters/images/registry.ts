import { createHash } from 'node:crypto'
import { parseReference, type ImageReference } from '../../domain/images/reference.ts'
import type { Clock, Registered, Registries } from '../../ports.ts'
import { timeLimit } from '../../time-limit.ts'
import type { Login } from './registry-auth.ts'
import { loginFor } from './registry-login.ts'
import { pulling } from './registry-pull.ts'
import { askManifest, hostOf, isNear, manifestPath, unanswered } from './registry-request.ts'

/** A registry that says nothing for so long is not waited for: the image is built. */
const ANSWER_MS = 15_000

export interface RegistryOptions {
  readonly clock: Clock
  readonly env: NodeJS.ProcessEnv
  readonly home: string
}

/** Asks registries over their HTTP API (https://github.com/opencontainers/distribution-spec), with the logins of docker and podman. */
export function registries(options: RegistryOptions): Registries {
  return { look: async (ref, signal) => await look(ref, options, signal), pull: pulling(options.clock) }
}

async function look(ref: string, options: RegistryOptions, signal: AbortSignal): Promise<Registered> {
  const parsed = parseReference(ref)
  if ('problem' in parsed) return { is: 'unknown', why: parsed.problem }
  const limit = timeLimit(ANSWER_MS, { clock: options.clock, signal })
  try {
    const login = await loginFor(hostOf(parsed), parsed.path, options, limit.signal)
    const schemes = isNear(parsed) ? ['https', 'http'] : ['https']
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

async function ask(
  scheme: string,
  reference: ImageReference,
  login: Login | undefined,
  signal: AbortSignal,
): Promise<Registered> {
  const { response, get } = await askManifest(scheme, reference, login, signal)
  if (response.status === 404) return { is: 'absent' }
  if (!response.ok) return { is: 'unknown', why: refusal(response.status, login) }
  const told = response.headers.get('docker-content-digest') ?? reference.digest
  return { is: 'there', digest: told ?? (await digestOfBody(await get(manifestPath(reference)))) }
}

function refusal(status: number, login: Login | undefined): string {
  if (status !== 401 && status !== 403) return `it answers with status ${status}`
  return login === undefined ? 'it wants a login, and there is none' : 'the login here is not allowed to look'
}

async function digestOfBody(response: Response): Promise<string> {
  const body = new Uint8Array(await response.arrayBuffer())
  return `sha256:${createHash('sha256').update(body).digest('hex')}`
}
