import { formsOf, type Form } from './forms.ts'
import { isOrdinary, isRevealing, SHORTEST } from './ordinary.ts'
import { partsOf } from './parts.ts'
import { Search } from './search.ts'

const MASK = '•••'
/** Lines of a longer secret are looked for as they stand, no longer in base64 each. */
const MOST_ENCODED_LINES = 500
/** One character over and over is no secret when it is longer. */
const LONGEST_RULE = 64

/**
 * The one place where text is redacted, by value: every secret that forge has read is masked as it stands, in base64 (also
 * in the midst of something longer that was encoded, and broken into lines), and as URLs, JSON, YAML, HTML and shells spell
 * it, with a terminal's escape sequences within. So is what is a secret of its own inside one that has a structure, and each
 * line of one that has several, because output arrives by lines. Ordinary words, names of the project and values under four
 * characters stay readable. All of it takes linear time.
 */
export class Redactor {
  /** Each with whether it is looked for in base64, too. */
  readonly #values = new Map<string, boolean>()
  readonly #names = new Set<string>()
  /** Of these, what was given to be put somewhere: no secret of the project that has gone astray. */
  readonly #given = new Set<string>()
  #search: Search | undefined
  #revealing: Search | undefined
  #learned: readonly (readonly [value: string, isEncoded: boolean])[] | undefined

  add(value: string): void {
    this.#learn(value, (text) => this.#given.delete(text))
  }

  /** Masks what a person has given as a chart value. Where it stands in the values of charts, it stands by right. */
  conceal(value: string): void {
    this.#learn(value, (text) => {
      if (!this.#values.has(text)) this.#given.add(text)
    })
  }

  #learn(value: string, note: (text: string) => void): void {
    for (const part of [value, ...partsOf(value)]) {
      if (part.length <= LONGEST_RULE || !isRule(part)) this.#take(part, true, note)
      const lines = part.split('\n')
      if (lines.length > 1)
        for (const line of lines) if (!isRule(line)) this.#take(line, lines.length <= MOST_ENCODED_LINES, note)
    }
    this.#forget()
  }

  /** Names that forge.yaml itself gives: who chose one as a password has no secret, and every line would be masked. */
  spare(names: readonly string[]): void {
    for (const name of names) this.#names.add(name)
    this.#forget()
  }

  isSpared(name: string): boolean {
    return this.#names.has(name)
  }

  text(text: string): string {
    return masked(text, this.#known().found(text, 0), { from: 0, to: text.length }).told
  }

  /** Where secret values stand in a text, in any form; none within another. */
  places(text: string): Iterable<readonly [start: number, end: number]> {
    return this.#known().found(text, 0)
  }

  /** What is masked, each with whether it is in base64, too: the same list until something new is learned. */
  learned(): readonly (readonly [value: string, isEncoded: boolean])[] {
    this.#learned ??= [...this.#values].filter(([value]) => !this.#names.has(value))
    return this.#learned
  }

  /** True when a secret value is in the text, in any form. */
  finds(text: string): boolean {
    return finds(this.#known(), text)
  }

  /** True when a text that many may read holds a secret value that is there by no chance. */
  reveals(text: string): boolean {
    this.#revealing ??= new Search(this.#forms((value) => isRevealing(value) && !this.#given.has(value)))
    return finds(this.#revealing, text)
  }

  /** The same for a JSON document: every string inside, keys excepted. */
  json<T>(value: T): T {
    return JSON.parse(
      JSON.stringify(value, (_key, inner: unknown) => (typeof inner === 'string' ? this.text(inner) : inner)),
    ) as T
  }

  /**
   * For text that arrives in pieces, cut anywhere: gives the same as `text` of the whole. What may be the beginning of a
   * secret is held back until the next piece, or the end, says more.
   */
  stream(): { push(chunk: string): string; end(): string } {
    let held = ''
    let before = ''
    let isMasked = false
    const flush = (text: string, places: readonly Place[], to: number): string => {
      const one = masked(text, places, { from: before.length, to, isMasked })
      isMasked = one.isMasked
      before = text.slice(0, one.end).slice(-1)
      held = text.slice(one.end)
      return one.told
    }
    return {
      push: (chunk) => {
        const text = before + held + chunk
        const search = this.#known()
        const places = [...search.found(text, before.length)]
        return flush(text, places, safeEnd(places, search.open(text, before.length)))
      },
      end: () => {
        const text = before + held
        return flush(text, [...this.#known().found(text, before.length)], text.length)
      },
    }
  }

  /** What was made of the values before there was one more. */
  #forget(): void {
    this.#search = undefined
    this.#revealing = undefined
    this.#learned = undefined
  }

  #take(part: string, isEncoded: boolean, note: (text: string) => void): void {
    const text = part.trim().toWellFormed()
    if (text.length < SHORTEST || isOrdinary(text)) return
    note(text)
    this.#values.set(text, isEncoded || this.#values.get(text) === true)
  }

  #known(): Search {
    this.#search ??= new Search(this.#forms(() => true))
    return this.#search
  }

  #forms(isMeant: (value: string) => boolean): Form[] {
    return this.learned().flatMap(([value, isEncoded]) => (isMeant(value) ? formsOf(value, isEncoded) : []))
  }
}

type Place = readonly [start: number, end: number]

function finds(search: Search, text: string): boolean {
  return search.found(text, 0)[Symbol.iterator]().next().done !== true
}

/** A secret that reaches into what is held back is held back as a whole. */
function safeEnd(places: readonly Place[], open: number): number {
  return places.toReversed().reduce((safe, [start, end]) => (start < safe && end > safe ? start : safe), open)
}

interface Section {
  readonly from: number
  readonly to: number
  /** Does a mask stand before it? */
  readonly isMasked?: boolean
}

/** What stands in a section, one mask for secrets that touch each other: pieces of a long one do. */
function masked(
  text: string,
  places: Iterable<Place>,
  { from, to, isMasked = false }: Section,
): { readonly told: string; readonly end: number; readonly isMasked: boolean } {
  let told = ''
  let at = from
  let touches = isMasked
  for (const [start, end] of places) {
    if (start >= to) break
    told += text.slice(at, start)
    if (start > at || !touches) told += MASK
    at = end
    touches = true
  }
  if (at >= to) return { told, end: at, isMasked: touches }
  return { told: told + text.slice(at, to), end: to, isMasked: false }
}

/** `--------`: a line that many texts have. */
function isRule(line: string): boolean {
  return /^(.)\1*$/u.test(line.trim())
}
