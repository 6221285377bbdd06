import { createHash } from 'node:crypto'
import { isMap } from '../../domain/config/path.ts'
import type { PullLogin } from '../../domain/images/keyring.ts'
import { parseReference, type ImageReference } from '../../domain/images/reference.ts'
import { parseJson } from '../../domain/json.ts'
import type { Clock, Pullable, Registries } from '../../ports.ts'
import { timeLimit } from '../../time-limit.ts'
import { askManifest, hostOf, isNear, manifestPath, unanswered, type Asked } from './registry-request.ts'

/** A plan waits for no registry any longer. */
const ANSWER_MS = 5_000

/** By such errors TLS says that the other side speaks none. */
const NO_TLS = /^(?:EPROTO|ERR_SSL_(?:WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST))$/u

type Question = Parameters<Registries['pull']>[1]

interface Way {
  readonly scheme: 'https' | 'http'
  /** Whoever listens on the way would have the login. */
  readonly isOpen: boolean
}

/** Asks as a node would that pulls. A registry that was silent once is asked for nothing more in this run. */
export function pulling(clock: Clock): Registries['pull'] {
  const silent = new Map<string, string>()
  return async (ref, question, signal) => {
    const parsed = parseReference(ref)
    if ('problem' in parsed) return { is: 'unknown', why: parsed.problem }
    const known = silent.get(hostOf(parsed))
    if (known !== undefined) return { is: 'unknown', why: known }
    const limit = timeLimit(ANSWER_MS, { clock, signal })
    const quiet = (why: string): Pullable => {
      silent.set(hostOf(parsed), why)
      return { is: 'unknown', why }
    }
    try {
      const answer = await pull(parsed, question, limit.signal)
      return typeof answer === 'string' ? quiet(`it does not answer (${answer})`) : answer
    } catch (error) {
      signal.throwIfAborted()
      if (!limit.isUp()) throw error
      return quiet(`it gives no answer within ${ANSWER_MS / 1000} s`)
    } finally {
      limit.end()
    }
  }
}

/** A text: why nothing answers. */
async function pull(reference: ImageReference, question: Question, signal: AbortSignal): Promise<Pullable | string> {
  const isOpen = !isNear(reference)
  const answer = await pullBy({ scheme: 'https', isOpen: false }, reference, question, signal).catch(unanswered)
  if (typeof answer !== 'string' || (isOpen && !NO_TLS.test(answer))) return answer
  return await pullBy({ scheme: 'http', isOpen }, reference, question, signal).catch(unanswered)
}

/** Kubelet tries all logins that fit, and is content with the first that gives the image. */
async function pullBy(way: Way, reference: ImageReference, question: Question, signal: AbortSignal): Promise<Pullable> {
  const logins = question.logins.length === 0 || way.isOpen ? [undefined] : question.logins
  const answers: Pullable[] = []
  for (const login of logins) {
    const answer = await pullAs(way, reference, { login, platforms: question.platforms }, signal)
    if (answer.is === 'there') return answer
    answers.push(answer)
  }
  const told = ['absent', 'unknown', 'denied'].flatMap((is) => answers.find((one) => one.is === is) ?? [])
  const [best = { is: 'denied' } as const] = told
  return best.is === 'denied' && way.isOpen && question.logins.length > 0
    ? { is: 'unknown', why: 'it wants a login, and speaks no HTTPS: forge sends none over an open wire' }
    : best
}

async function pullAs(
  { scheme }: Way,
  reference: ImageReference,
  { login, platforms }: { readonly login: PullLogin | undefined; readonly platforms: boolean },
  signal: AbortSignal,
): Promise<Pullable> {
  const own = login === undefined || login.user === '' ? undefined : { kind: 'password' as const, ...login }
  const asked = await askManifest(scheme, reference, own, signal)
  const { response, isChallenged, tokenStatus = 0 } = asked
  if (response.ok) return await there(reference, asked, platforms)
  if (tokenStatus >= 500 || tokenStatus === 429)
    return { is: 'unknown', why: `what gives out its tokens answers with status ${tokenStatus}` }
  const { status } = response
  if (isChallenged && (status === 401 || status === 403)) return { is: 'denied' }
  // Anything may say 404 or 403: a proxy, a login page, another program on that port.
  const codes = status === 404 || status === 403 ? await errorCodes(reference, asked) : []
  if (codes.length === 0) return { is: 'unknown', why: `it answers with status ${status}` }
  return { is: status === 404 ? 'absent' : 'denied' }
}

/** As registries say what is wrong (OCI distribution spec, error codes). */
async function errorCodes(reference: ImageReference, { get }: Asked): Promise<readonly unknown[]> {
  const told = parseJson(await (await get(manifestPath(reference))).text())
  const errors = isMap(told) ? told['errors'] : undefined
  return Array.isArray(errors) ? errors.flatMap((one) => (isMap(one) ? (one['code'] ?? []) : [])) : []
}

async function there(reference: ImageReference, asked: Asked, wantsPlatforms: boolean): Promise<Pullable> {
  const digest = asked.response.headers.get('docker-content-digest') ?? reference.digest
  if (digest !== undefined && !wantsPlatforms) return { is: 'there', digest }
  const body = new Uint8Array(await (await asked.get(manifestPath(reference))).arrayBuffer())
  const manifest = parseJson(new TextDecoder().decode(body))
  // The image is there, wherever its configuration may be.
  const platforms = wantsPlatforms ? await platformsOf(manifest, asked).catch(unanswered) : undefined
  return {
    is: 'there',
    digest: digest ?? `sha256:${createHash('sha256').update(body).digest('hex')}`,
    ...(typeof platforms === 'object' && platforms.length > 0 ? { platforms } : {}),
  }
}

/** An index says them itself, of a manifest the configuration does. What is no image (a chart) has none. */
async function platformsOf(manifest: unknown, { get }: Asked): Promise<readonly string[] | undefined> {
  if (!isMap(manifest)) return undefined
  const { manifests, config } = manifest
  if (Array.isArray(manifests))
    return manifests.flatMap((one) => (isMap(one) ? platformOf(one['platform']) : [])).toSorted()
  const digest = isMap(config) ? config['digest'] : undefined
  if (typeof digest !== 'string' || !/^[\w+.-]+:[0-9a-f]+$/u.test(digest)) return undefined
  const response = await get(`blobs/${digest}`)
  return response.ok ? platformOf(parseJson(await response.text())) : undefined
}

/** `unknown/unknown` is no platform: such entries of an index are attestations. */
function platformOf(told: unknown): string[] {
  const { os, architecture } = isMap(told) ? told : {}
  const isSaid = typeof os === 'string' && typeof architecture === 'string' && os !== '' && architecture !== ''
  return isSaid && os !== 'unknown' ? [`${os}/${architecture}`] : []
}
