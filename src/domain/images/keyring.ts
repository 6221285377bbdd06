import { bytesOfBase64 } from '../base64.ts'
import { isMap } from '../config/path.ts'
import { parseJson } from '../json.ts'
import type { KubeObject } from '../kube.ts'

/** What a node logs in with at a registry for a pod. Both empty: as nobody in particular. */
export interface PullLogin {
  /** The Secret that it is of. */
  readonly secret: string
  readonly user: string
  readonly password: string
}

/** Logins by what they are for: a host, with the beginning of a path or without; `*` in a part of the host. */
export type Keyring = ReadonlyMap<string, readonly PullLogin[]>

const DOCKER_HUB = 'index.docker.io'

/** The keys of Secrets that kubelet reads, by their type (pkg/credentialprovider/secrets). */
const FIELDS: Readonly<Record<string, string>> = {
  'kubernetes.io/dockerconfigjson': '.dockerconfigjson',
  'kubernetes.io/dockercfg': '.dockercfg',
}

/**
 * As kubelet gathers them from the pull secrets of a pod (pkg/credentialprovider/keyring.go, Add). Secrets of other types give it
 * none; of what is no docker configuration `unreadable` says which: with one of those kubelet pulls nothing for the pod.
 */
export function keyringOf(secrets: readonly KubeObject[]): {
  readonly keyring: Keyring
  readonly unreadable: readonly string[]
} {
  const keyring = new Map<string, PullLogin[]>()
  const unreadable: string[] = []
  for (const secret of secrets) {
    const { name } = secret.metadata
    const entries = entriesOf(secret)
    if (entries === undefined) unreadable.push(name)
    for (const [place, login] of entries ?? []) {
      const key = keyOf(place)
      if (key !== undefined) keyring.set(key, [...(keyring.get(key) ?? []), { secret: name, ...login }])
    }
  }
  return { keyring, unreadable }
}

/**
 * The logins that kubelet tries for a repository by its whole name (`docker.io/library/redis`), in its order: all that fit, those for the
 * most of its name first (Lookup, URLsMatch). Where there are some it tries nothing without a login.
 */
export function loginsFor(keyring: Keyring, repository: string): readonly PullLogin[] {
  const keys = [...keyring.keys()].toSorted((one, other) => (one < other ? 1 : -1))
  const fitting = keys.filter((key) => fits(key, repository)).flatMap((key) => keyring.get(key) ?? [])
  if (fitting.length > 0) return fitting
  return repository.startsWith('docker.io/') ? (keyring.get(DOCKER_HUB) ?? []) : []
}

type Named = readonly [place: string, login: Omit<PullLogin, 'secret'>]

/** Undefined: it has the type, and what it holds is something else. */
function entriesOf(secret: KubeObject): readonly Named[] | undefined {
  const type = typeof secret['type'] === 'string' ? secret['type'] : ''
  const field = Object.hasOwn(FIELDS, type) ? FIELDS[type] : undefined
  const text = field === undefined ? '' : textOf(secret, field)
  if (text === '') return []
  const config = text === undefined ? undefined : parseJson(text)
  if (!isMap(config)) return undefined
  const auths = field === '.dockercfg' ? config : (config['auths'] ?? {})
  if (!isMap(auths)) return undefined
  const entries = Object.entries(auths).map(([place, entry]) => [place, loginOf(entry)] as const)
  return entries.some(([, login]) => login === undefined) ? undefined : (entries as Named[])
}

function textOf({ data, stringData }: KubeObject, field: string): string | undefined {
  const plain = isMap(stringData) ? stringData[field] : undefined
  if (typeof plain === 'string') return plain
  const encoded = isMap(data) ? data[field] : undefined
  return typeof encoded === 'string' ? decoded(encoded) : ''
}

/** `auth` goes before `username` and `password`; a token of an identity provider kubelet does not know (config.go). */
function loginOf(entry: unknown): Omit<PullLogin, 'secret'> | undefined {
  if (!isMap(entry)) return undefined
  const { auth, username = '', password = '' } = entry
  if (typeof auth !== 'string' || auth === '')
    return typeof username === 'string' && typeof password === 'string' ? { user: username, password } : undefined
  const text = decoded(auth)
  const colon = text?.indexOf(':') ?? -1
  return text === undefined || colon < 0 ? undefined : { user: text.slice(0, colon), password: text.slice(colon + 1) }
}

function decoded(base64: string): string | undefined {
  const bytes = bytesOfBase64(base64)
  return bytes === undefined ? undefined : new TextDecoder().decode(bytes)
}

/** `https://ghcr.io/v2/` → `ghcr.io`. Undefined: it is no address. */
function keyOf(place: string): string | undefined {
  const [, host = '', path = ''] = /^(?:https?:\/\/)?([^/?#\s]*)([^?#]*)/u.exec(place) ?? []
  const own = /^\/v[12]\//u.test(path) ? path.slice(3) : path
  const name = host.slice(host.lastIndexOf('@') + 1)
  return name === '' ? undefined : `${name}${own === '/' ? '' : own}`
}

function fits(key: string, repository: string): boolean {
  const [wanted, given] = [placeOf(key), placeOf(repository)]
  return (
    wanted.port === given.port &&
    wanted.parts.length === given.parts.length &&
    // By its letters, so that `acme` is for `acme-tools` too.
    given.path.startsWith(wanted.path) &&
    wanted.parts.every((part, at) => matches(part, given.parts[at] ?? ''))
  )
}

function placeOf(text: string): { readonly parts: readonly string[]; readonly port: string; readonly path: string } {
  const slash = text.indexOf('/')
  const [host, path] = slash < 0 ? [text, ''] : [text.slice(0, slash), text.slice(slash)]
  const [, address, name = address ?? host, port = ''] = /^(?:\[(.*)\]|([^:]*)):(\d*)$/u.exec(host) ?? []
  return { parts: name.split('.'), port, path }
}

/** As Go's filepath.Match: `*`, `?`, `[a-z]`, `[^a]`, a backslash before a letter that means itself. */
function matches(pattern: string, text: string): boolean {
  const source = pattern.replace(/\[\^?(?:\\.|[^\]\\])+\]|\\(.)|[\s\S]/gu, (part, escaped?: string) => {
    if (escaped !== undefined) return asWritten(escaped)
    if (part === '*') return '[^/]*'
    if (part === '?') return '[^/]'
    return part.length > 2 && part.startsWith('[') ? part : asWritten(part)
  })
  try {
    return new RegExp(`^${source}$`, 'u').test(text)
  } catch {
    return false
  }
}

/** In a regular expression. */
function asWritten(text: string): string {
  return text.replace(/[$()*+./?[\\\]^{|}]/gu, String.raw`\$&`)
}
