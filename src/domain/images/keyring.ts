import { decodedUri } from '../decoded.ts'
import { bytesOfBase64 } from '../base64.ts'
import { isMap, type PlainMap } from '../config/path.ts'
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
  return /^(?:docker\.io|[^/.:]+)\//u.test(repository) ? (keyring.get(DOCKER_HUB) ?? []) : []
}

type Named = readonly [place: string, login: Omit<PullLogin, 'secret'>]

/** Undefined: it has the type, and what it holds is something else. */
function entriesOf(secret: KubeObject): readonly Named[] | undefined {
  const type = typeof secret['type'] === 'string' ? secret['type'] : ''
  const field = Object.hasOwn(FIELDS, type) ? FIELDS[type] : undefined
  const text = field === undefined ? '' : textOf(secret, field)
  if (text === '') return []
  const config = text === undefined ? undefined : parseJson(text)
  const auths = field === '.dockercfg' || !isMap(config) ? config : memberOf(config, 'auths')
  if (auths === undefined || auths === null) return isMap(config) || config === null ? [] : undefined
  if (!isMap(auths)) return undefined
  const entries = Object.entries(auths).map(([place, entry]) => [place, loginOf(entry ?? {})] as const)
  return entries.some(([, login]) => login === undefined) ? undefined : (entries as Named[])
}

/** As Go reads JSON: by any case of its letters, and null is as if it were not there. */
function memberOf(map: PlainMap, name: string): unknown {
  const key = Object.hasOwn(map, name) ? name : Object.keys(map).find((one) => one.toLowerCase() === name)
  return key === undefined ? undefined : (map[key] ?? undefined)
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
  const [auth = '', user = '', password = ''] = ['auth', 'username', 'password'].map((name) => memberOf(entry, name))
  if (typeof auth !== 'string' || typeof user !== 'string' || typeof password !== 'string') return undefined
  if (auth === '') return { user, password }
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
  const [, host = '', written = ''] = /^(?:https?:\/\/)?([^/?#\s]*)([^?#]*)/u.exec(place) ?? []
  // One with a malformed escape Go takes for no address.
  const path = decodedUri(written)
  if (path === undefined) return undefined
  const own = /^\/v[12]\//u.test(path) ? path.slice(3) : path
  const name = host.slice(host.lastIndexOf('@') + 1)
  // Go takes such hosts for no address, and a bracket at the beginning for one of IPv6.
  if (name.includes('\\') || (name.startsWith('[') && !/^\[[0-9a-f:.]+\](?::\d*)?$/iu.test(name))) return undefined
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

/** As Go's filepath.Match, as far as a host can hold it: `*`, `[a-z]`, `[^a]`. */
function matches(pattern: string, text: string): boolean {
  const source = pattern.replace(/\[\^?[^\]]+\]|[\s\S]/gu, (part) => {
    if (part === '*') return '[^/]*'
    return part.length > 2 && part.startsWith('[') ? part : asWritten(part)
  })
  try {
    return new RegExp(`^${source}$`, 'u').test(text)
  } catch {
    // A range such as [z-a], for which Go matches nothing.
    return false
  }
}

/** In a regular expression. */
function asWritten(text: string): string {
  return text.replace(/[$()*+./?[\\\]^{|}]/gu, String.raw`\$&`)
}
