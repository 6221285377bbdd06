import type { Form } from './forms.ts'

/** What stands at a place of a text, read as one or more characters of a secret. */
export interface Spelled {
  /** Empty: it stands for nothing (a colour, the line end within base64). */
  readonly chars: string
  /** How much of the text it takes. */
  readonly length: number
}

/** Characters at which something else may stand than the character itself. */
const SPECIAL = new Uint8Array(128)
for (const sign of "%\\+'&\u001B\n\r") SPECIAL[sign.charCodeAt(0)] = 1

export function isSpecial(code: number): boolean {
  return code < 128 && SPECIAL[code] === 1
}

const PERCENT = /(?:%[\da-f]{2}){1,4}/iy
const BACKSLASHES = /\\{1,8}/y
const UNICODE = /u([\da-f]{4})|u\{([\da-f]{1,6})\}|x([\da-f]{2})|([0-7]{3})/iy
const ENTITY = /&(?:#(\d{1,7})|#x([\da-f]{1,6})|(amp|lt|gt|quot|apos));/iy
const ANSI = /\u001B(?:\[[\d;:?]*[ -/]*[@-~]|\][^\u0007\u001B]{0,256}(?:\u0007|\u001B\\)|[()][A-Z\d]|[=>])/y
const BREAK = /(?:\r?\n|\r)[ \t]*/y
const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }
const LETTERS: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f', v: '\v', e: '\u001B' }

/** The beginning of a spelling that the text breaks off in the midst of. */
const OPEN =
  /^(?:%[\da-f]?|(?:%[\da-f]{2}){1,3}(?:%[\da-f]?)?|\\{1,8}(?:u[\da-f]{0,3}|u\{[\da-f]{0,6}|x[\da-f]?|[0-7]{1,2})?|&(?:#x?)?[\da-z]{0,7}|'|\u001B(?:\[[\d;:?]*[ -/]*|\][^\u0007\u001B]{0,256}\u001B?|[()])?|[\r\n]+[ \t]*)$/iu
const LONGEST_OPEN = 264

export function mayGoOn(text: string, at: number): boolean {
  return text.length - at <= LONGEST_OPEN && OPEN.test(text.slice(at))
}

/**
 * How a character of a secret may be written there: as it is, in URLs (`%28`, `+`), in JSON, YAML and shells (`\u00e4`,
 * `\"`, `\\n`, `''`), in HTML (`&amp;`), and with escape sequences of a terminal before it. Several readings may be right.
 */
export function spellings(text: string, at: number, { encoded }: Pick<Form, 'encoded'>): Spelled[] {
  const sign = text[at] ?? ''
  const found: Spelled[] = [{ chars: sign, length: 1 }]
  switch (sign) {
    case '%':
      found.push(...percent(text, at))
      break
    case '\\':
      found.push(...backslashes(text, at))
      break
    case '+':
      found.push({ chars: ' ', length: 1 })
      break
    case "'":
      if (text[at + 1] === "'") found.push({ chars: "'", length: 2 })
      break
    case '&':
      found.push(...entity(text, at))
      break
    case '\u001B':
      found.push(...nothing(ANSI, text, at))
      break
    case '\r':
    case '\n':
      if (encoded) found.push(...nothing(BREAK, text, at))
      if (sign === '\r') found.push({ chars: '', length: 1 })
      break
    default:
  }
  return found
}

function sticky(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at
  return pattern.exec(text)
}

function nothing(pattern: RegExp, text: string, at: number): Spelled[] {
  const found = sticky(pattern, text, at)
  return found === null ? [] : [{ chars: '', length: found[0].length }]
}

/** The bytes of one character. */
function percent(text: string, at: number): Spelled[] {
  const [all] = sticky(PERCENT, text, at) ?? []
  if (all === undefined) return []
  const lead = Number.parseInt(all.slice(1, 3), 16)
  const bytes = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4
  const one = all.slice(0, bytes * 3)
  try {
    return [{ chars: decodeURIComponent(one), length: one.length }]
  } catch {
    return []
  }
}

/** One, two or four of them for one (JSON, and JSON in JSON), and what they make of the character behind them. */
function backslashes(text: string, at: number): Spelled[] {
  const [all = ''] = sticky(BACKSLASHES, text, at) ?? []
  const behind = at + all.length
  const own = [2, 4, 8].filter((count) => count <= all.length).map((count) => ({ chars: '\\', length: count }))
  const next = text[behind]
  if (next === undefined) return own
  const escaped: Spelled[] = [{ chars: next, length: all.length + 1 }]
  const letter = LETTERS[next]
  if (letter !== undefined) escaped.push({ chars: letter, length: all.length + 1 })
  const [whole, unit, point, byte, octal] = sticky(UNICODE, text, behind) ?? []
  if (whole !== undefined) {
    const code = octal === undefined ? Number.parseInt(unit ?? point ?? byte ?? '', 16) : Number.parseInt(octal, 8)
    escaped.push(...codePoint(code, all.length + whole.length))
  }
  // A line that a shell or YAML goes on with.
  if (next === '\n') escaped.push({ chars: '', length: all.length + 1 })
  return [...own, ...escaped]
}

function entity(text: string, at: number): Spelled[] {
  const [whole, decimal, hex, name] = sticky(ENTITY, text, at) ?? []
  if (whole === undefined) return []
  if (name !== undefined) return [{ chars: NAMED[name.toLowerCase()] ?? '', length: whole.length }]
  return codePoint(decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal), whole.length)
}

/** One unit of UTF-16 too: JSON writes two escapes for a character beyond the first plane. */
function codePoint(code: number, length: number): Spelled[] {
  return code > 0x10ffff ? [] : [{ chars: String.fromCodePoint(code), length }]
}
