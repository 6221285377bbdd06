import { decodedUri } from '../decoded.ts'
import { parseJson } from '../json.ts'
import { isOrdinary } from '../redact/ordinary.ts'
import { decodedText } from '../redact/structures.ts'
import { scrambled, type Scrambling } from './scramble.ts'

/** What was made up on the way, part by part: whoever finds a part elsewhere makes the same of it. */
export type Note = (original: string, made: string) => void

export interface Making extends Scrambling {
  readonly note: Note
  /** Ordinary words too: without them nothing would change. */
  readonly all: boolean
  /** Keys too: one of them is told elsewhere in the value. */
  readonly keys?: boolean
}

const SIGNS = /[^\p{L}\d]/gu
/** Within values of values: JSON in a line of a dotenv file in base64. */
const DEEPEST = 6
const BOUNDARY = /^-----(?:BEGIN|END) [A-Z\d ]+-----$/u
const URL_PARTS = /^([a-z][a-z\d+.-]*:\/\/)(?:([^\s/?#]*)@)?([^\s/?#]*)(\S*)$/iu
/** A JSON text's strings, and its numbers. */
const JSON_TOKEN = /("(?:[^"\\]|\\.)*")(\s*:)?|-?\d[\d.eE+-]*/gu
/** What stands before the value of a line: what it is indented by, marks of a list, the key. */
const LINE = /^(\s*(?:- +)*(?:export\s+)?)(?:(["']?)([\w. -]{1,128}?)\2(\s*(?::(?=\s|$)|=(?![=]))\s*))?(.*)$/su
/** What people call settings: words, none of them made by chance. */
const KEY =
  /^(?:[a-z]{1,20}|[A-Z]{1,20}|[A-Z]?[a-z]{1,20}(?:[A-Z][a-z]{1,20}){1,6})\d{0,2}(?:[_. -](?:[a-z]{1,20}|[A-Z]{1,20})\d{0,2}){0,8}$/u
/** Of a text's lines so many are settings, or it is none. */
const SETTINGS = 0.5

/** A made-up text for a value: of one that has a structure only what stands in it. */
export function shaped(text: string, making: Making, depth = 0): string {
  const [, before = '', core = '', after = ''] = /^(\s*)(.*?)(\s*)$/su.exec(text) ?? []
  if (core === '' || (!making.all && isPlain(core)) || isNumber(core)) return text
  const made = depth > DEEPEST ? scrambled(core, making) : structured(core, making, depth)
  noteLines(core, made, making)
  making.note(core, made)
  return before + made + after
}

function noteLines(core: string, made: string, { note }: Making): void {
  if (!core.includes('\n')) return
  const now = made.split('\n')
  for (const [at, line] of core.split('\n').entries()) if (line.trim() !== '') note(line.trim(), (now[at] ?? '').trim())
}

/** What the redactor leaves as it is, and words that switch something on or off. */
function isPlain(text: string): boolean {
  return isOrdinary(text) || /^(?:yes|no|on|off)$/iu.test(text)
}

function isNumber(text: string): boolean {
  return /^\d{1,5}$/u.test(text) || /^(?:true|false|null)$/u.test(text)
}

function structured(core: string, making: Making, depth: number): string {
  if (/^[[{]/u.test(core) && parseJson(core) !== undefined) return jsonShaped(core, making, depth)
  if (core.includes('\n')) return linesShaped(core, making, depth)
  const url = URL_PARTS.exec(core)
  if (url !== null) return urlShaped(url, making, depth)
  const decoded = /^[-\d]+$/u.test(core) ? undefined : decodedText(core)
  // A random value may be base64 of signs by chance, and signs would stay.
  if (decoded !== undefined && !isOfSigns(decoded)) {
    const made = loginShaped(decoded, making, depth)
    if (made !== decoded) return likePadded(Buffer.from(made).toString('base64'), core)
  }
  return scrambled(core, making)
}

/** Where most of it are signs, they are the secret. */
export function isOfSigns(text: string): boolean {
  return (text.match(SIGNS)?.length ?? 0) > text.length / 2
}

/** `user:password`, each as it is made up where it stands alone. */
function loginShaped(text: string, making: Making, depth: number): string {
  const [, user, password] = /^([^:\s]+):(\S+)$/u.exec(text) ?? []
  if (user === undefined || password === undefined || text.includes('://')) return shaped(text, making, depth + 1)
  return `${shaped(user, making, depth + 1)}:${shaped(password, making, depth + 1)}`
}

function likePadded(encoded: string, like: string): string {
  return like.endsWith('=') ? encoded : encoded.replace(/=+$/u, '')
}

/** Keys stay, and so does how it is written. */
function jsonShaped(text: string, making: Making, depth: number): string {
  return text.replaceAll(JSON_TOKEN, (token: string, quoted: string | undefined, colon: string | undefined) => {
    if (quoted === undefined) return numberShaped(token, making)
    if (colon !== undefined && making.keys !== true) return token
    const behind = colon ?? ''
    return `"${spelled(quoted.slice(1, -1), (inner) => shaped(inner, making, depth + 1))}"${behind}`
  })
}

function numberShaped(token: string, making: Making): string {
  if (isOrdinary(token.replace('-', ''))) {
    making.note(token, token)
    return token
  }
  const [mantissa = '', ...exponent] = token.split(/(?=[eE])/u)
  const made = scrambled(mantissa.replace('-', ''), making)
  const all = [mantissa.startsWith('-') ? '-' : '', made, ...exponent].join('')
  making.note(token, all)
  return all
}

/** What stands between double quotes, changed in what it says and written as it was: each escape is one character. */
function spelled(written: string, change: (text: string) => string): string {
  const spans = written.match(/\\u[\da-f]{4}|\\x[\da-f]{2}|\\.|[^\\]/gisu) ?? []
  const made = change(spans.map(readSpan).join(''))
  if (made.length !== spans.map(readSpan).join('').length) return written
  let at = 0
  return spans
    .map((span) => {
      const one = readSpan(span)
      const now = made.slice(at, at + one.length)
      at += one.length
      if (now === one) return span
      if (!/^\\[ux]/u.test(span)) return JSON.stringify(now).slice(1, -1)
      return `${span.slice(0, 2)}${now
        .charCodeAt(0)
        .toString(16)
        .padStart(span.length - 2, '0')}`
    })
    .join('')
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f' }

function readSpan(span: string): string {
  if (!span.startsWith('\\')) return span
  if (/^\\[ux]./u.test(span)) return String.fromCharCode(Number.parseInt(span.slice(2), 16))
  return ESCAPES[span[1] ?? ''] ?? span[1] ?? ''
}

/** Settings keep their keys; a key or a certificate its boundaries; of any other text nothing but its lines is left. */
function linesShaped(text: string, making: Making, depth: number): string {
  const keepsKeys = isOfSettings(text)
  return text
    .split('\n')
    .map((line) => lineShaped(line, keepsKeys, making, depth))
    .join('\n')
}

function isOfSettings(text: string): boolean {
  const said = text.split('\n').filter((line) => line.trim() !== '' && !line.trim().startsWith('#'))
  const settings = said.filter((line) => isSetting(line))
  return settings.length >= said.length * SETTINGS || settings.some((line) => /[:=]\s*[|>][+-]?$/u.test(line))
}

/** A document of which nothing but numbers and switches would be left to change: it may stay what it is. */
export function isDocument(text: string): boolean {
  return /^\s*[[{]/u.test(text) ? parseJson(text) !== undefined : text.trim().includes('\n') && isOfSettings(text)
}

function isSetting(line: string): boolean {
  const [, before = '', , key, , rest = ''] = LINE.exec(line) ?? []
  if (key !== undefined) return KEY.test(key)
  return /- +$/u.test(before) && rest !== ''
}

function lineShaped(line: string, keepsKeys: boolean, making: Making, depth: number): string {
  if (BOUNDARY.test(line.trim())) return line
  const [, before = '', quote = '', key, sign = '', rest = ''] = LINE.exec(line) ?? []
  if (!keepsKeys || (key !== undefined && !KEY.test(key))) return shapedOn(line, making, depth)
  const said = key !== undefined && making.keys === true ? shapedOn(key, making, depth) : (key ?? '')
  const head = `${before}${quote}${said}${quote}${sign}`
  return head + settingShaped(rest, making, depth)
}

/** Behind a quoted value a comment may stand. */
function settingShaped(rest: string, making: Making, depth: number): string {
  const [, double, single, behind = ''] = /^(?:"((?:[^"\\]|\\.)*)"|'((?:[^']|'')*)')(.*)$/su.exec(rest) ?? []
  if (double !== undefined)
    return `"${spelled(double, (inner) => shaped(inner, making, depth + 1))}"${shapedOn(behind, making, depth)}`
  if (single !== undefined) {
    const made = shaped(single.replaceAll("''", "'"), making, depth + 1).replaceAll("'", "''")
    return `'${made}'${shapedOn(behind, making, depth)}`
  }
  return shapedOn(rest, making, depth)
}

function shapedOn(text: string, making: Making, depth: number): string {
  return shaped(text, making, depth + 1)
}

function urlShaped(
  [, scheme = '', login, hosts = '', rest = '']: RegExpExecArray,
  making: Making,
  depth: number,
): string {
  const [user = '', ...password] = login?.split(':') ?? []
  const word = (text: string): string => escapedShaped(text, making, depth)
  const said =
    login === undefined ? '' : `${[user, ...(password.length > 0 ? [password.join(':')] : [])].map(word).join(':')}@`
  const host = hosts.split(/([.,:[\]])/u).map((part, at) => (at % 2 === 1 ? part : word(part)))
  const path = rest.split(/([/?&=#.,;:])/u)
  const tail = path.map((part, at) => (at % 2 === 1 || (path[at + 1] === '=' && KEY.test(part)) ? part : word(part)))
  return scheme + said + host.join('') + tail.join('')
}

/** A word of a URL, escapes in it undone and made again. */
function escapedShaped(text: string, making: Making, depth: number): string {
  const plain = /%[\da-f]{2}/iu.test(text) ? decodedUri(text) : undefined
  if (plain === undefined) return shaped(text, making, depth + 1)
  const made = encodeURIComponent(shaped(plain, making, depth + 1))
  const isSmall = /%[\da-f]*[a-f]/u.test(text)
  return isSmall ? made.replaceAll(/%../gu, (one) => one.toLowerCase()) : made
}
