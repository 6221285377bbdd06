import { decodedUri, utf8Of } from '../decoded.ts'
import { formsOf } from '../redact/forms.ts'
import type { Redactor } from '../redact/redactor.ts'
import type { MadeUp } from './made-up.ts'

/** Base64 in base64 in base64. */
const DEEPEST = 4
/** What was put in may hold something that was learned elsewhere. */
const MOST_ROUNDS = 4
/** Shorter texts are not remembered; longer values are looked for in pieces. */
const LONG = 256
const TOKEN = /[A-Za-z\d+/_-]{12,}={0,2}/gu
const UNPRINTABLE = /[^\t\n\r\u0020-\u007E\u00A0-\u{10FFFF}]/u

/** Puts what was made up into any text in the place of what it stands for, in the same spelling wherever there is one. */
export class Replacer {
  readonly #redactor: Redactor
  readonly #madeUp: MadeUp
  #learned: ReturnType<Redactor['learned']> = []
  readonly #told = new Map<string, string>()
  #plain = new Map<string, string>()
  #encoded = new Map<string, string>()

  constructor(redactor: Redactor, madeUp: MadeUp) {
    this.#redactor = redactor
    this.#madeUp = madeUp
  }

  text(text: string): string {
    this.#prepare()
    if (text.length < LONG) return this.#inPieces(text)
    // Revisions of a release have most of their documents in common.
    const known = this.#told.get(text)
    const told = known ?? this.#inPieces(text)
    if (known === undefined) this.#told.set(text, told)
    return told
  }

  /** Most secrets stand in manifests as a Secret has them, and need not be searched for. */
  #inPieces(text: string): string {
    let told = ''
    let at = 0
    for (const { 0: token, index } of text.matchAll(TOKEN)) {
      const whole = this.#whole(token)
      if (whole === undefined) continue
      told += this.#piece(text.slice(at, index)) + whole
      at = index + token.length
    }
    return told + this.#piece(text.slice(at))
  }

  #whole(token: string): string | undefined {
    // What is called like an object of the project is spared, and so is no form of anything.
    const made = token.length > LONG || this.#plain.has(token) ? this.#madeUp.known(token) : undefined
    if (made !== undefined) return made
    const bytes = Buffer.from(token, 'base64')
    const inner = utf8Of(bytes)
    const one = inner === undefined ? undefined : this.#madeUp.known(inner)
    return one === undefined || written(bytes, token) !== token ? undefined : written(Buffer.from(one), token)
  }

  #piece(text: string): string {
    let told = this.#replaced(text, 0)
    // Rarely more than a look: only what is no longer there by right is masked.
    for (let round = 0; round < MOST_ROUNDS && this.#isLeft(told); round += 1) told = this.#masked(told)
    return told
  }

  /** True when something that was learned is in a text, but for what a made-up value has by right. */
  finds(text: string): boolean {
    this.#prepare()
    return this.#isLeft(text)
  }

  /** For each form of what is known the same form of what was made up: both have as many, of the same lengths. */
  #prepare(): void {
    const learned = this.#redactor.learned()
    if (learned === this.#learned) return
    this.#learned = learned
    this.#told.clear()
    this.#plain = new Map()
    this.#encoded = new Map()
    for (const [value, isEncoded] of learned) {
      const made = formsOf(this.#madeUp.part(value), isEncoded)
      for (const [at, { text, encoded }] of formsOf(value, isEncoded).entries()) {
        const table = encoded ? this.#encoded : this.#plain
        const one = made[at]?.text ?? ''
        if (one.length === text.length && !table.has(text)) table.set(text, one)
      }
    }
  }

  #replaced(text: string, depth: number): string {
    const decoded = depth > DEEPEST ? text : text.replaceAll(TOKEN, (token) => this.#decoded(token, depth) ?? token)
    return this.#eachPlace(decoded, (found) => this.#plain.get(found) ?? this.#spelled(found))
  }

  /** What is a text in base64 as a whole stays one; a secret in it may be shorter than what is found in the midst of base64. */
  #decoded(token: string, depth: number): string | undefined {
    const bytes = Buffer.from(token, 'base64')
    const inner = utf8Of(bytes)
    if (inner === undefined || UNPRINTABLE.test(inner) || written(bytes, token) !== token) return undefined
    const made = this.#replaced(inner, depth + 1)
    return made === inner ? undefined : written(Buffer.from(made), token)
  }

  #eachPlace(text: string, change: (found: string) => string): string {
    let told = ''
    let at = 0
    for (const [start, end] of this.#redactor.places(text)) {
      told += text.slice(at, start) + change(text.slice(start, end))
      at = end
    }
    return at === 0 ? text : told + text.slice(at)
  }

  #spelled(found: string): string {
    const encoded = this.#inBase64(found)
    if (encoded !== undefined) return encoded
    for (const { read, write } of SPELLINGS) {
      const plain = read(found)
      const made = plain === undefined ? undefined : this.#plain.get(plain)
      if (plain !== undefined && made !== undefined && write(plain) === found) return write(made)
    }
    return this.#madeUp.mask(found)
  }

  /** Line ends within it and its padding stay. */
  #inBase64(found: string): string | undefined {
    const body = found.replace(/(?:=|%3d){1,2}$/iu, '')
    const made = this.#encoded.get(body.replaceAll(/\s+/gu, '').replaceAll('-', '+').replaceAll('_', '/'))
    if (made === undefined) return undefined
    const signs = inAlphabetOf(body, made)[Symbol.iterator]()
    return body.replaceAll(/\S/gu, () => signs.next().value ?? '') + found.slice(body.length)
  }

  #isLeft(text: string): boolean {
    for (const [start, end] of this.#redactor.places(text)) if (!this.#isByRight(text.slice(start, end))) return true
    return false
  }

  #masked(text: string): string {
    return this.#eachPlace(text, (found) => (this.#isByRight(found) ? found : this.#madeUp.mask(found)))
  }

  #isByRight(found: string): boolean {
    return (this.#plain.get(found) ?? this.#spelled(found)) === found
  }
}

/** In base64 with the alphabet and the padding of another text. */
function written(bytes: Buffer, like: string): string {
  const encoded = inAlphabetOf(like, bytes.toString('base64'))
  return like.endsWith('=') || like.length % 4 === 0 ? encoded : encoded.replace(/=+$/u, '')
}

function inAlphabetOf(like: string, encoded: string): string {
  return /[-_]/u.test(like) ? encoded.replaceAll('+', '-').replaceAll('/', '_') : encoded
}

interface Spelling {
  /** Undefined: nobody writes so. */
  readonly read: (written: string) => string | undefined
  readonly write: (plain: string) => string
}

function json(written: string): string | undefined {
  try {
    return JSON.parse(`"${written}"`) as string
  } catch {
    return undefined
  }
}

const inJson = (plain: string): string => JSON.stringify(plain).slice(1, -1)
/** As Go writes it, helm and kubectl among others. */
const inGo = (plain: string): string =>
  inJson(plain).replaceAll(/[<>&\u2028\u2029]/gu, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`)
const small = (text: string): string => text.replaceAll(/%../gu, (one) => one.toLowerCase())
const twice = (written: string): string | undefined => {
  const once = json(written)
  return once === undefined ? undefined : json(once)
}

/** Those of which what was made up can be written as what it stands for was. */
const SPELLINGS: readonly Spelling[] = [
  { read: json, write: inJson },
  { read: json, write: inGo },
  { read: twice, write: (plain) => inJson(inJson(plain)) },
  { read: twice, write: (plain) => inGo(inGo(plain)) },
  { read: decodedUri, write: encodeURIComponent },
  { read: decodedUri, write: (plain) => small(encodeURIComponent(plain)) },
  {
    read: (written) => decodedUri(written.replaceAll('+', '%20')),
    write: (plain) => encodeURIComponent(plain).replaceAll('%20', '+'),
  },
  { read: (written) => written.replaceAll("''", "'"), write: (plain) => plain.replaceAll("'", "''") },
]
