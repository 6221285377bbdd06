import { decodedUri } from '../decoded.ts'
import { bytesOfBase64 } from '../base64.ts'
import { parseJson } from '../json.ts'
import { isRevealing } from './ordinary.ts'

/** A value that stands under a key, as it is written. */
export interface Leaf {
  readonly key: string
  readonly text: string
}

/** A line that is longer is no entry that somebody wrote. */
const LONGEST_LINE = 65_536
const SETTING_NAME = /[\w.-]{1,64} ?$/u
const SETTING_VALUE = / ?("[^"\n]{1,4096}"|'[^'\n]{1,4096}'|\{[^{}\n]{1,4096}\}|[^\s;&,"']{1,4096})/uy
/** `NAME=value` of a dotenv file, `name: value` of YAML and of headers. */
const ENTRY = /^(?:export\s+)?["']?([\w. -]{1,128}?)["']?\s*[:=](?:\s*(\S.*))?$/u

export interface Entry {
  /** Undefined: an item of a list. */
  readonly key: string | undefined
  /** Empty: what belongs to it stands in the lines below, or the line is none. */
  readonly written: string
  readonly isItem: boolean
}

export function entryOf(line: string): Entry {
  const text = line.length > LONGEST_LINE ? '' : line.trim()
  const [item = ''] = /^(?:- +)+/u.exec(text) ?? []
  const rest = text.slice(item.length)
  const isItem = item !== ''
  const [, key, written = ''] = ENTRY.exec(rest) ?? []
  if (key !== undefined) return { key, written: written.replace(/,$/u, ''), isItem }
  return { key, written: isItem ? rest : '', isItem }
}

/** `{ user: app, password: x }` and `[a, b]` of YAML and TOML, which JSON is not. */
export function* flowEntries(value: string): Iterable<Leaf> {
  if (value.length > LONGEST_LINE || !/^\s*[[{]/u.test(value)) return
  const pieces = value.matchAll(
    /(?:["']?([\w.-]{1,128})["']?\s*[:=]\s*)?("[^"\n]*"|'[^'\n]*'|[^\s,{}[\]"'][^,{}[\]\n]*)/gu,
  )
  for (const [, key = '', text = ''] of pieces) yield { key, text: text.trim() }
}

/** What stands behind `password=` in a connection string, a URL's query, a shell's line. Found from the sign on. */
export function* settingsOf(value: string, isSecret: (key: string) => boolean): Iterable<string> {
  for (let at = value.indexOf('='); at >= 0; at = value.indexOf('=', at + 1)) {
    const [key = ''] = SETTING_NAME.exec(value.slice(Math.max(at - 65, 0), at)) ?? []
    if (!isSecret(key)) continue
    SETTING_VALUE.lastIndex = at + 1
    const [, text] = SETTING_VALUE.exec(value) ?? []
    if (text === undefined) continue
    for (const one of [...unquoted(text), ...text.matchAll(/^\{(.*)\}$/gu).map(([, inner = '']) => inner)]) {
      yield one
      yield decodedUri(one) ?? one
    }
  }
}

/** Where a password has a place instead of a name: `.pgpass`, `.netrc`, elements and attributes of XML. */
export function* credentialsOf(value: string): Iterable<string> {
  yield* passwordLines(value)
  if (!value.includes('<') || value.length > LONGEST_LINE) return
  for (const [, name = '', text = ''] of value.matchAll(/<([\w.:-]{1,128})(?:\s[^<>]{0,1024})?>([^<>]{1,4096})<\//gu))
    if (TELLING.test(name)) yield decodedXml(text.trim())
  for (const [, name = '', text = ''] of value.matchAll(
    /\b(?:key|name)="([^"]{1,128})"\s{1,16}value="([^"]{1,4096})"/gu,
  ))
    if (TELLING.test(name)) yield decodedXml(text)
}

function* passwordLines(value: string): Iterable<string> {
  const hasLogins = /\b(?:machine|default|login)\b/u.test(value)
  for (const line of value.split('\n')) {
    if (line.length > LONGEST_LINE) continue
    const [, last] = PGPASS.exec(line.trim()) ?? []
    if (last !== undefined) yield last.replaceAll(/\\(.)/gu, '$1')
    if (!hasLogins) continue
    for (const [, word = ''] of line.matchAll(/\b(?:password|passwd)[ \t]+(\S+)/gu)) yield word
  }
}

/** https://www.postgresql.org/docs/current/libpq-pgpass.html */
const PGPASS = /^(?:[^:\\\s]|\\.)+:(?:\d+|\*):(?:[^:\\]|\\.)+:(?:[^:\\]|\\.)+:(.+)$/u
const TELLING = /pass|pwd|token|secret|apikey|credential|private/iu

/** In quotes their inside, in each way in which programs undo what is escaped there. */
export function unquoted(text: string): string[] {
  // Behind what is quoted a comment may stand.
  const [, double, single] = /^(?:"((?:[^"\\]|\\.)*)"|'((?:[^']|'')*)')(?:\s*(?:#.*)?)$/su.exec(text) ?? []
  if (double !== undefined) return [...new Set([double.replaceAll('\\n', '\n').replaceAll('\\"', '"'), asJson(double)])]
  if (single !== undefined) return [...new Set([single.replaceAll("''", "'"), single])]
  const [bare = text] = text.split(/\s+#/u)
  return [...new Set([text, bare])]
}

function asJson(inner: string): string {
  try {
    return JSON.parse(`"${inner}"`) as string
  } catch {
    return inner
  }
}

/** The texts and numbers of a JSON document; those of a list under the list's key. Undefined: it is none. */
export function leavesOf(value: string): Leaf[] | undefined {
  if (!/^\s*[[{]/u.test(value)) return undefined
  const document = parseJson(value)
  if (document === undefined) return undefined
  const leaves: Leaf[] = []
  const open: (readonly [key: string, inner: unknown])[] = [['', document]]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [key, inner] = next
    if (typeof inner === 'string' || typeof inner === 'number') leaves.push({ key, text: String(inner) })
    if (typeof inner !== 'object' || inner === null) continue
    for (const [name, one] of Object.entries(inner)) open.push([Array.isArray(inner) ? key : name, one])
  }
  return leaves
}

/** `user:password@` and `token@` of URLs, as written and with their escapes undone. Found from `://` on: long text is no burden. */
export function* loginsOf(value: string): Iterable<string> {
  for (let at = value.indexOf('://'); at >= 0; at = value.indexOf('://', at + 3)) {
    const [authority = ''] = /^[^\s/?#"'<>]{0,4096}/u.exec(value.slice(at + 3, at + 4200)) ?? []
    const end = authority.lastIndexOf('@')
    if (end < 0) continue
    const login = authority.slice(0, end)
    const colon = login.indexOf(':')
    const password = colon < 0 ? (isRevealing(login) ? login : '') : login.slice(colon + 1)
    if (password === '') continue
    yield password
    yield decodedUri(password) ?? password
  }
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

function decodedXml(text: string): string {
  return text.replaceAll(/&(amp|lt|gt|quot|apos);/gu, (_, name: string) => ENTITIES[name] ?? '')
}

/** Of a value that is base64 of a text. */
export function decodedText(value: string): string | undefined {
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
