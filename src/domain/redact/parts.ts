import { isRevealing } from './ordinary.ts'
import { bytesOfBase64 } from '../base64.ts'

/** What a key must be like for a short value of it to be a secret of its own. */
const SECRET_KEY = /auth|pass|pwd|token|secret|key|credential|private|signature/iu
const SETTING_NAME = /[\w.-]{1,64} ?$/u
const SETTING_VALUE = / ?("[^"\n]{1,4096}"|'[^'\n]{1,4096}'|[^\s;&,"']{1,4096})/uy
/** `NAME=value` of a dotenv file, `name: value` of YAML and of headers. */
const ENTRY = /^(?:- )?(?:export\s+)?["']?([\w. -]{1,128}?)["']?\s*[:=]\s*(\S.*)$/u
/** A line that is longer is no entry that somebody wrote. */
const LONGEST_LINE = 65_536
const SCHEME = /^(?:basic|bearer|token|negotiate)\s+(\S+)$/iu
/** Within parts of parts: a PEM key in JSON in an entry of a dotenv file. */
const DEEPEST = 4

/**
 * What is a secret in its own right inside a secret that has a structure: entries of dotenv, JSON and YAML, the password of
 * a connection string or a URL, a login in base64. Those with a telling name, and those that no name looks like.
 */
export function partsOf(value: string): Set<string> {
  const found = new Set<string>()
  collect(value, 0, found)
  found.delete(value)
  return found
}

function collect(value: string, depth: number, found: Set<string>): void {
  if (depth > DEEPEST) return
  const add = (part: string, isTold: boolean): void => {
    if (found.has(part)) return
    if (isTold || isRevealing(part)) found.add(part)
    collect(part, depth + 1, found)
  }
  const leaves = jsonLeaves(value)
  if (leaves !== undefined) {
    for (const { key, text } of leaves) add(text, SECRET_KEY.test(key))
    return
  }
  for (const password of logins(value)) add(password, true)
  for (const password of settings(value)) add(password, true)
  if (value.includes('\n') || depth === 0) for (const line of value.split('\n')) entry(line, add)
  const decoded = decodedText(SCHEME.exec(value.trim())?.[1] ?? value)
  if (decoded !== undefined) {
    add(decoded, false)
    const [, password] = /^[^:\s]+:(\S+)$/u.exec(decoded) ?? []
    if (password !== undefined) add(password, true)
  }
}

function entry(line: string, add: (part: string, isTold: boolean) => void): void {
  if (line.length > LONGEST_LINE || !/[:=]/u.test(line)) return
  const [, key, written] = ENTRY.exec(line.trim()) ?? []
  if (key === undefined || written === undefined) return
  const text = unquoted(written.replace(/,$/u, ''))
  add(text, SECRET_KEY.test(key))
  const [, credential] = SCHEME.exec(text) ?? []
  if (credential !== undefined) add(credential, true)
}

/** What stands behind `password=` in a connection string, a URL's query, a shell's line. Found from the sign on. */
function* settings(value: string): Iterable<string> {
  for (let at = value.indexOf('='); at >= 0; at = value.indexOf('=', at + 1)) {
    const [name = ''] = SETTING_NAME.exec(value.slice(Math.max(at - 65, 0), at)) ?? []
    if (!SECRET_KEY.test(name)) continue
    SETTING_VALUE.lastIndex = at + 1
    const [, text] = SETTING_VALUE.exec(value) ?? []
    if (text !== undefined) yield unquoted(text)
  }
}

/** In quotes their inside, with the line ends and quotes that are escaped there. */
function unquoted(text: string): string {
  const [, double, single] = /^(?:"(.*)"|'(.*)')$/su.exec(text) ?? []
  if (double !== undefined) return double.replaceAll('\\n', '\n').replaceAll('\\"', '"')
  return single?.replaceAll("''", "'") ?? text
}

interface Leaf {
  readonly key: string
  readonly text: string
}

/** The texts of a JSON document. Undefined: it is none. */
function jsonLeaves(value: string): Leaf[] | undefined {
  if (!/^\s*[[{]/u.test(value)) return undefined
  const leaves: Leaf[] = []
  const note = (key: string, inner: unknown): unknown => {
    if (typeof inner === 'string') leaves.push({ key, text: inner })
    return inner
  }
  try {
    JSON.parse(value, note)
  } catch {
    return undefined
  }
  return leaves
}

/** `user:password@` and `token@` of URLs, as written and with their escapes undone. Found from `://` on: long text is no burden. */
function* logins(value: string): Iterable<string> {
  for (let at = value.indexOf('://'); at >= 0; at = value.indexOf('://', at + 3)) {
    const [authority = ''] = /^[^\s/?#"'<>]{0,4096}/u.exec(value.slice(at + 3, at + 4200)) ?? []
    const end = authority.lastIndexOf('@')
    if (end < 0) continue
    const login = authority.slice(0, end)
    const colon = login.indexOf(':')
    const password = colon < 0 ? (isRevealing(login) ? login : '') : login.slice(colon + 1)
    if (password === '') continue
    yield password
    yield decodedUri(password)
  }
}

function decodedUri(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Of a value that is base64 of a text. */
function decodedText(value: string): string | undefined {
  const text = value.trim()
  if (text.length < 8 || !/^[A-Za-z\d+/]+={0,2}$/u.test(text)) return undefined
  const decoded = utf8Of(text)
  return decoded === undefined || /[^\t\n\r\u0020-\uFFFF]/u.test(decoded) ? undefined : decoded
}

function utf8Of(base64: string): string | undefined {
  const bytes = bytesOfBase64(base64)
  if (bytes === undefined) return undefined
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}
