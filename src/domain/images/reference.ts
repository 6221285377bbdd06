/** The parts of an image reference: `ghcr.io/acme/app:1.2@sha256:…`. */
export interface ImageReference {
  /** Absent: the container runtime's default registry (docker.io). */
  readonly host?: string
  readonly path: string
  readonly tag?: string
  readonly digest?: string
}

const COMPONENT = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*$/u
const HOST =
  /^(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*|\[[0-9a-fA-F:]+\])(?::\d+)?$/u
const TAG = /^\w[\w.-]{0,127}$/u
/** Those that registries and runtimes know, and how many digits they have (opencontainers/go-digest). */
const DIGITS: Readonly<Record<string, number>> = { sha256: 64, sha384: 96, sha512: 128 }
/** docker.io takes such a name for an image's id (distribution/reference, ParseNormalizedNamed). */
const ID = /^[0-9a-f]{64}$/u
const LONGEST = 255

/** What a text is not a reference for, in one clause; else its parts (grammar: the OCI distribution reference). */
export function parseReference(text: string): ImageReference | { readonly problem: string } {
  const [before, digest, ...more] = text.split('@')
  if (before === undefined || before === '' || more.length > 0)
    return { problem: text === '' ? 'it is empty' : 'it has no name before, or more than one, "@"' }
  const wrong = digest === undefined ? undefined : digestProblem(digest)
  if (wrong !== undefined) return { problem: wrong }
  const colon = before.indexOf(':', before.lastIndexOf('/') + 1)
  const name = colon < 0 ? before : before.slice(0, colon)
  const tag = colon < 0 ? undefined : before.slice(colon + 1)
  if (tag !== undefined && !TAG.test(tag)) return { problem: `"${tag}" is not a valid tag` }
  const parts = parseName(name)
  if ('problem' in parts) return parts
  return { ...parts, ...(tag === undefined ? {} : { tag }), ...(digest === undefined ? {} : { digest }) }
}

/** A repository is a reference without tag and digest. */
export function parseRepository(text: string): Pick<ImageReference, 'host' | 'path'> | { readonly problem: string } {
  const parsed = parseReference(text)
  if ('problem' in parsed) return parsed
  if (parsed.tag !== undefined) return { problem: `it has a tag ("${parsed.tag}"); forge tags by content` }
  return parsed.digest === undefined ? parsed : { problem: 'it has a digest' }
}

/**
 * The first part is a registry's host only if it could not be a user name: `acme/app` is docker.io's, `ACME/app` is not
 * (distribution/reference, splitDockerDomain).
 */
function parseName(name: string): Pick<ImageReference, 'host' | 'path'> | { readonly problem: string } {
  const slash = name.indexOf('/')
  const first = slash < 0 ? '' : name.slice(0, slash)
  const host = /[.:[A-Z]/u.test(first) || first === 'localhost' ? first : undefined
  const path = host === undefined ? name : name.slice(slash + 1)
  if (host !== undefined && !HOST.test(host)) return { problem: `"${host}" is not a valid registry host` }
  if (path.length > LONGEST) return { problem: `it is longer than ${LONGEST} characters` }
  const bad = path.split('/').find((part) => !COMPONENT.test(part))
  if (bad !== undefined) return { problem: badComponent(bad) }
  if (ID.test(name)) return { problem: 'it is the id of an image, which no registry knows' }
  return { ...(host === undefined ? {} : { host }), path }
}

function badComponent(part: string): string {
  if (part === '') return 'a part between slashes is empty'
  return /[A-Z]/u.test(part)
    ? `"${part}" has capital letters`
    : `"${part}" may hold only a-z, 0-9 and single . _ - between them`
}

function digestProblem(text: string): string | undefined {
  const [, algorithm = '', hex = ''] = /^([^:]*):(.*)$/su.exec(text) ?? []
  const digits = Object.hasOwn(DIGITS, algorithm) ? DIGITS[algorithm] : undefined
  if (digits === undefined) return `"${text}" is not a valid digest (sha256: and 64 hex digits)`
  if (hex.length !== digits)
    return `"${text}" is not a valid digest: ${algorithm} has ${digits} hex digits, not ${hex.length}`
  return /^[0-9a-f]*$/u.test(hex) ? undefined : `"${text}" is not a valid digest: its digits are 0-9 and a-f`
}

/** What may run tomorrow without a deploy: nothing that says which image it is. */
export function floats({ tag, digest }: ImageReference): boolean {
  return digest === undefined && (tag === undefined || tag === 'latest')
}

/** True when `ref` is the image that a registry has under a tag: by its digest, for a tag alone may have been moved. */
export function isPinnedTag(ref: string, tagged: string): boolean {
  return ref.startsWith(`${tagged}@`)
}

/** The reference at a path of chart values, if there is one. */
export function referenceAt(
  values: Readonly<Record<string, unknown>> | undefined,
  path: readonly (string | number)[],
): string | undefined {
  let value: unknown = values
  for (const key of path)
    value = typeof value === 'object' && value !== null ? (value as Record<string | number, unknown>)[key] : undefined
  return typeof value === 'string' && !('problem' in parseReference(value)) ? value : undefined
}

const HUB = 'docker.io'

/** The repository as runtimes and kubelet call it: `redis` is `docker.io/library/redis` (distribution/reference, ParseNormalizedNamed). */
export function wholeName({ host = HUB, path }: Pick<ImageReference, 'host' | 'path'>): string {
  const isHub = host === HUB || host === `index.${HUB}`
  return `${isHub ? HUB : host}/${isHub && !path.includes('/') ? 'library/' : ''}${path}`
}

/** What nodes list an image under: its digest where it is known by one, else its tag. */
export function nodeName(reference: ImageReference): string {
  const { tag = 'latest', digest } = reference
  return `${wholeName(reference)}${digest === undefined ? `:${tag}` : `@${digest}`}`
}

/** Where a container runtime finds it, in full and without a tag: `docker.io/library/node@sha256:…`. */
export function byDigest(reference: ImageReference, digest: string): string {
  return `${wholeName(reference)}@${digest}`
}

/** As docker shows it (distribution/reference, FamiliarString), without `:latest`: by this BuildKit knows an image that it is to replace. */
export function familiar({ host, path, tag }: ImageReference): string {
  const isHub = host === undefined || host === 'docker.io' || host === 'index.docker.io'
  const name = isHub ? path.replace(/^library\//u, '') : `${host}/${path}`
  return tag === undefined || tag === 'latest' ? name : `${name}:${tag}`
}
