import type { Form } from './forms.ts'
import { SHORTEST } from './ordinary.ts'
import { isSpecial, mayGoOn, spellings } from './spellings.ts'
import { MOST_READINGS, standOf } from './stand.ts'
import { unit } from './unit.ts'

/** Four characters, and what stands for nothing between them. */
const MOST_ROUNDS = 12
/** Places of one piece of a stream that are looked at closely. */
const MOST_EFFORT = 64
const BITS = 16
/** So many characters of a text stand for one of a secret at most, where it is spelled as programs do. */
const LONGEST_SPELLING = 12

/** Every reading that any form may have. */
const ANY = { encoded: true }
const LINE_FEED = 10
const BACKSLASH = 92
const BACKSLASHES = '\\'.repeat(9)

/**
 * All forms of some values, ready to be looked for. Each place of a text costs a look into one bit set, by the four
 * characters that stand there; only where one of them could be spelled otherwise, or the bits are set, is more looked at.
 */
export class Search {
  /** Longest first, by the key of their first four characters. */
  readonly #forms: ReadonlyMap<number, readonly Form[]>
  /** By the first character. */
  readonly #starts: ReadonlyMap<number, readonly Form[]>
  readonly #bits = new Uint8Array(1 << BITS)
  /** The keys of one to three characters that a form begins with. */
  readonly #prefixes = new Set<number>()
  /** How much text a form may take: of a stream no more is ever held back. */
  readonly #reach: number

  constructor(forms: readonly Form[]) {
    const texts = new Map(forms.map((form) => [`${form.encoded ? 1 : 0}${form.text}`, form]))
    const all = [...texts.values()].sort((a, b) => b.text.length - a.text.length)
    this.#forms = Map.groupBy(all, ({ text }) => keyAt(text, 0))
    this.#starts = Map.groupBy(all, ({ text }) => unit(text.charCodeAt(0)))
    for (const key of this.#forms.keys()) this.#bits[bitOf(key)] = 1
    for (const { text } of all)
      for (let count = 1; count < SHORTEST; count += 1)
        this.#prefixes.add(prefixOf(keyOn(0, text.slice(0, count)), count))
    this.#reach = (all[0]?.text.length ?? 0) * LONGEST_SPELLING
  }

  /** Every place of a form from `from` on, none within another: what is before it was told, but a word may begin after it. */
  *found(text: string, from: number): Iterable<readonly [start: number, end: number]> {
    if (this.#reach === 0) return
    for (let at = this.#next(text, from); at >= 0; at = this.#next(text, at)) {
      const end = this.#longest(text, at)
      if (end !== undefined) yield [at, end]
      at = end ?? at + 1
    }
  }

  /** The first place from `from` on at which a form may begin that more text would make whole; the text's end if there is none. */
  open(text: string, from: number): number {
    if (this.#reach === 0) return text.length
    let effort = MOST_EFFORT
    for (let at = Math.max(from, text.length - this.#reach); at < text.length; at += 1) {
      // To hold back too much is never wrong: a text like a long secret of odd signs must not take long.
      if (effort <= 0 || this.#isOpen(text, at)) return at
      if (isSpecial(text.charCodeAt(at)) && this.#mayStand(text, at)) effort -= 1
    }
    return text.length
  }

  /** The next place that has to be looked at closely; -1: there is none. */
  #next(text: string, from: number): number {
    let key = 0
    let special = -1
    for (let last = from; last < text.length; last += 1) {
      const sign = SIGNS[text.charCodeAt(last)] ?? 0
      if (sign > 0xff) special = last
      key = (key << 8) ^ (sign & 0xff)
      const at = last - SHORTEST + 1
      if (at >= from && (special >= at ? this.#mayStand(text, at) : this.#bits[bitOf(key)] === 1)) return at
    }
    return -1
  }

  /** Whether one may begin at a place where something is special, by what takes little time to see. */
  #mayStand(text: string, at: number): boolean {
    if (!this.#mayBegin(text, at)) return false
    let key = 0
    let count = 0
    let next = at
    for (; count < SHORTEST && next < text.length; next += 1) {
      const code = text.charCodeAt(next)
      // Line ends within base64, and the indentation behind them.
      if (code === LINE_FEED) while (isBlank(text.charCodeAt(next + 1))) next += 1
      else if (isSpecial(code) && !isLoneQuote(text, next)) return true
      else {
        key = (key << 8) ^ unit(code)
        count += 1
      }
    }
    return this.#bits[bitOf(key | 0)] === 1 || this.#bits[bitOf(keyAt(text, at))] === 1
  }

  #mayBegin(text: string, at: number): boolean {
    const code = text.charCodeAt(at)
    if (code === LINE_FEED) return false
    if (!isSpecial(code)) return this.#starts.has(unit(code))
    // In the midst of many backslashes each stands for one.
    if (text.startsWith(BACKSLASHES, at)) return this.#starts.has(BACKSLASH)
    return spellings(text, at, ANY).some(({ chars }) => chars !== '' && this.#starts.has(unit(chars.charCodeAt(0))))
  }

  /** Longest first, as it is written: of two that contain each other the whole is masked. */
  #longest(text: string, at: number): number | undefined {
    let longest: number | undefined
    for (const form of this.#candidates(text, at)) {
      const { end } = standOf(form, text, at)
      if (end !== undefined && end > (longest ?? 0)) longest = end
    }
    return longest
  }

  #isOpen(text: string, at: number): boolean {
    if (text.length - at >= SHORTEST && !hasSpecial(text, at)) {
      return this.#areOpen(this.#forms.get(keyAt(text, at)) ?? [], text, at)
    }
    if (isSpecial(text.charCodeAt(at)) && !isBreak(text[at]) && mayGoOn(text, at)) return true
    if (!this.#mayBegin(text, at)) return false
    const keys = new Set<number>()
    const isCut = readings(text, at, keys, this.#prefixes)
    return this.#areOpen(isCut ? this.#beginning(text, at) : this.#byKeys(keys), text, at)
  }

  #areOpen(forms: readonly Form[], text: string, at: number): boolean {
    return forms.some((form) => standOf(form, text, at).isOpen)
  }

  /** Those whose first character may stand there. */
  #beginning(text: string, at: number): readonly Form[] {
    const firsts = new Set(spellings(text, at, ANY).map(({ chars }) => unit(chars.charCodeAt(0))))
    return [...firsts].flatMap((first) => this.#starts.get(first) ?? [])
  }

  #candidates(text: string, at: number): readonly Form[] {
    if (!hasSpecial(text, at)) return this.#forms.get(keyAt(text, at)) ?? []
    const keys = new Set<number>()
    readings(text, at, keys, this.#prefixes)
    return this.#byKeys(keys)
  }

  #byKeys(keys: ReadonlySet<number>): readonly Form[] {
    return [...keys].flatMap((key) => this.#forms.get(key) ?? [])
  }
}

/** The unit of each character, and a higher bit where it is special. */
const SIGNS = Uint16Array.from({ length: 0x10000 }, (_, code) => unit(code) | (isSpecial(code) ? 0x100 : 0))

/** Of four characters. */
function keyAt(text: string, at: number): number {
  let key = 0
  for (let next = at; next < at + SHORTEST; next += 1) key = (key << 8) ^ unit(text.charCodeAt(next))
  return key | 0
}

function bitOf(key: number): number {
  return Math.imul(key, 0x9e3779b1) >>> (32 - BITS)
}

function hasSpecial(text: string, at: number): boolean {
  const end = Math.min(at + SHORTEST, text.length)
  for (let next = at; next < end; next += 1) if (isSpecial(text.charCodeAt(next))) return true
  return false
}

/** The keys of the first four characters in each reading; true: a reading goes beyond the text. */
function readings(text: string, begin: number, keys: Set<number>, prefixes: ReadonlySet<number>): boolean {
  let isCut = false
  let states: readonly Reading[] = [{ at: begin, key: 0, count: 0 }]
  for (let round = 0; states.length > 0 && round < MOST_ROUNDS; round += 1) {
    const next = new Map<string, Reading>()
    for (const { at, key, count } of states) {
      if (at >= text.length || (isSpecial(text.charCodeAt(at)) && mayGoOn(text, at))) isCut = true
      for (const { chars, length } of at < text.length ? spellings(text, at, ANY) : []) {
        // Nothing stands before the first character of a form.
        if (chars === '' && count === 0) continue
        const read = chars.slice(0, SHORTEST - count)
        const one = { at: at + length, key: keyOn(key, read), count: count + read.length }
        if (one.count === SHORTEST) keys.add(one.key)
        else if (next.size < MOST_READINGS && prefixes.has(prefixOf(one.key, one.count)))
          next.set(`${one.at} ${one.key} ${one.count}`, one)
      }
    }
    states = [...next.values()]
  }
  return isCut
}

interface Reading {
  readonly at: number
  readonly key: number
  readonly count: number
}

/** Of so many characters. */
function prefixOf(key: number, count: number): number {
  return key * SHORTEST + count
}

function keyOn(key: number, chars: string): number {
  let on = key
  for (let index = 0; index < chars.length; index += 1) on = ((on << 8) ^ unit(chars.charCodeAt(index))) | 0
  return on
}

function isBlank(code: number): boolean {
  return code === 32 || code === 9
}

function isLoneQuote(text: string, at: number): boolean {
  return text[at] === "'" && text[at + 1] !== "'"
}

function isBreak(sign: string | undefined): boolean {
  return sign === '\n' || sign === '\r'
}
