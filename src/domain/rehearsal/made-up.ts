import { utf8Of } from '../decoded.ts'
import { isOrdinary } from '../redact/ordinary.ts'
import { Redactor } from '../redact/redactor.ts'
import { scrambled, scrambledBytes, type Keyed } from './scramble.ts'
import { isDocument, isOfSigns, shaped, type Note } from './shape.ts'

/** Without any of them it is a rule, or what stands between words. */
const SAID = /[\p{L}\d]/u
/** Each changes more than the one before; of short lines one may become another by chance, which another round does not. */
const WAYS = [
  ...[0, 1, 2].map((round) => ({ all: false, round })),
  ...[0, 1].map((round) => ({ all: true, round })),
  { all: true, round: 0, keys: true },
]
const SHORTEST_MADE = 5
/** Tries of one value: what came out is taken, or by chance the value itself. */
const MOST_ROUNDS = 20

/**
 * What was made up in this run. Two values are never made the same, but for very short ones, and none is made itself: what the
 * redactor would leave readable as a whole (`postgres`, `5432`, nothing at all) excepted.
 */
export class MadeUp {
  readonly #keyed: Keyed
  readonly #texts = new Map<string, string>()
  /** Lines and parts of those, with what stands in their place. */
  readonly #parts = new Map<string, string>()
  /** By their bytes as Latin-1. */
  readonly #originals = new Map<string, Uint8Array>()
  readonly #madeParts = new Set<string>()
  readonly #binaries = new Map<string, Uint8Array>()

  constructor(keyed: Keyed) {
    this.#keyed = keyed
  }

  text(text: string): string {
    const known = this.#texts.get(text)
    if (known !== undefined) return known
    if (this.isMade(text)) return text
    const made = isReadable(text) ? text : this.#made(text)
    this.#texts.set(text, made)
    this.#keep(Buffer.from(made), Buffer.from(text))
    return made
  }

  /**
   * Whether it was made up here, as a whole or as a part: what a sandbox has goes through the same hands again, and stays what it
   * is. Shorter ones may be somebody's own by chance.
   */
  isMade(text: string): boolean {
    if (text.length < SHORTEST_MADE || this.#texts.has(text)) return false
    return this.#madeParts.has(text) || this.#originals.has(Buffer.from(text).toString('latin1'))
  }

  /** The same, but of what is known as a part of something longer what was made of it there. */
  part(text: string): string {
    return this.#texts.get(text) ?? this.#parts.get(text) ?? (SAID.test(text) ? this.text(text) : text)
  }

  /** What was made of a whole value; undefined: it is not known as one. */
  known(text: string): string | undefined {
    return this.#texts.get(text)
  }

  bytes(value: Uint8Array): Uint8Array {
    const text = utf8Of(value)
    if (text !== undefined) return Buffer.from(this.text(text))
    const key = Buffer.from(value).toString('latin1')
    if (this.#originals.has(key)) return value
    const made = this.#binaries.get(key) ?? this.#madeBytes(value)
    this.#binaries.set(key, made)
    // Nowhere else does it stand in a text.
    this.#texts.set(Buffer.from(value).toString('base64'), Buffer.from(made).toString('base64'))
    this.#keep(made, value)
    return made
  }

  original(made: Uint8Array): Uint8Array {
    return this.#originals.get(Buffer.from(made).toString('latin1')) ?? made
  }

  /** Letters in the place of what cannot be said in the same way: no syntax reads them as anything else. */
  mask(text: string): string {
    const bytes = this.#keyed(Buffer.from(text), text.length)
    return text.replaceAll(/\S/gu, (one, at: number) => letters(bytes.subarray(at, at + one.length)))
  }

  #keep(made: Uint8Array, original: Uint8Array): void {
    const key = Buffer.from(made).toString('latin1')
    if (!this.#originals.has(key)) this.#originals.set(key, original)
  }

  #keepPart(original: string, made: string): void {
    if (this.#parts.has(original)) return
    this.#parts.set(original, made)
    this.#madeParts.add(made)
  }

  #made(text: string): string {
    const core = text.trim()
    const isSigns = isOfSigns(core) && !isDocument(core)
    for (const way of WAYS) {
      const parts = new Map<string, string>()
      const note: Note = (original, made) => void parts.set(original, made)
      const made = shaped(text, { keyed: this.#keyed, note, ...way })
      if (made === text && way.all && isDocument(text)) return text
      if (isSigns || !this.#isGood(text, made) || leaves(text, made, parts)) continue
      for (const [original, one] of parts) this.#keepPart(original, one)
      return made
    }
    for (let round = 0; round < MOST_ROUNDS; round += 1) {
      const made = text.replace(core, () => scrambled(core, { keyed: this.#keyed, round }, isSigns))
      if (this.#isGood(text, made)) return made
    }
    return this.#inLetters(text)
  }

  /** Nothing of it has a like (emoji), or all that are like it are taken. */
  #inLetters(text: string): string {
    const bytes = this.#keyed(Buffer.from(text), Buffer.byteLength(text))
    let at = 0
    return text.replaceAll(/\S/gu, (one) => {
      const length = Buffer.byteLength(one)
      at += length
      return letters(bytes.subarray(at - length, at))
    })
  }

  #madeBytes(value: Uint8Array): Uint8Array {
    for (let round = 0; round < MOST_ROUNDS; round += 1) {
      const made = scrambledBytes(value, { keyed: this.#keyed, round })
      // Never a text by chance: whoever asks what it is must get the same answer.
      if (utf8Of(made) === undefined && !Buffer.from(made).equals(Buffer.from(value))) return made
    }
    return Uint8Array.from(value, (byte) => byte ^ 0x55)
  }

  #isGood(text: string, made: string): boolean {
    const isAlike = made.length === text.length && Buffer.byteLength(made) === Buffer.byteLength(text)
    return (
      isAlike && made !== text && !this.#texts.has(made) && !this.#originals.has(Buffer.from(made).toString('latin1'))
    )
  }
}

/** What the redactor masks nowhere, and what switches something. */
function isReadable(text: string): boolean {
  const core = text.trim()
  return core === '' || isOrdinary(core) || /^(?:yes|no|on|off)$/iu.test(core)
}

/** Is something of a value left in what was made of it? Its keys and boundaries, and ordinary words in their lines, are there by right. */
function leaves(text: string, made: string, parts: ReadonlyMap<string, string>): boolean {
  const own = new Redactor()
  own.add(text)
  const learned = new Set(own.learned().map(([value]) => value))
  for (const [start, end] of own.places(made)) {
    const found = made.slice(start, end).trim()
    // A piece of the whole, which is looked for in pieces, may be nothing but structure.
    const isPiece = !learned.has(found) && text.slice(start, end).trim() === found
    if (SAID.test(found) && !isPiece && parts.get(found) !== found) return true
  }
  return false
}

function letters(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(97 + (byte % 26))).join('')
}
