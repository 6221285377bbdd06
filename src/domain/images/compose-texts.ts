import type { ForgeError } from '../../errors.ts'
import { isMap } from '../config/path.ts'
import { interpolate, type Lookup } from '../values/interpolate.ts'

type Path = readonly string[]

/** The texts of a build section, with its variables filled in. */
export class ComposeTexts {
  readonly #lookup: Lookup
  readonly #notes: string[] = []
  readonly fail: (path: Path, message: string) => ForgeError

  constructor(lookup: Lookup, fail: (path: Path, message: string) => ForgeError) {
    this.#lookup = lookup
    this.fail = fail
  }

  get notes(): readonly string[] {
    return this.#notes
  }

  note(text: string): void {
    this.#notes.push(text)
  }

  /** Undefined: it is not there. A variable that is not set counts as empty, and that is noted. */
  text(value: unknown, path: Path): string | undefined {
    const { text, unset } = this.#filled(value, path)
    for (const name of unset) this.note(`${name} is not set and counts as empty (compose ${path.join('.')})`)
    return text
  }

  /** The same where an empty part would mean another file or folder. */
  setText(value: unknown, path: Path): string | undefined {
    const { text, unset } = this.#filled(value, path)
    const [name] = unset
    if (name === undefined) return text
    throw this.fail(path, `names its ${path.join('.')} by ${name}, which is not set`)
  }

  items(value: unknown, path: Path): unknown[] {
    if (value === undefined || value === null) return []
    if (!Array.isArray(value)) throw this.fail(path, `has ${path.join('.')} that are not a list`)
    return value
  }

  list(value: unknown, path: Path): string[] {
    return this.items(value, path).flatMap((one) => this.text(one, path) ?? [])
  }

  /** A map, or a list of `NAME=value`. `fromLookup`: without a value it is the environment's, and without that left out. */
  pairs(value: unknown, path: Path, fromLookup = false): [string, string][] {
    const pairs: (readonly [string, unknown])[] = isMap(value)
      ? Object.entries(value)
      : this.items(value, path).map((one) => splitPair(String(one)))
    return pairs.flatMap(([name, given]) => {
      const has = given !== undefined && given !== null
      const text = has ? this.text(given, [...path, name]) : fromLookup ? this.#lookup(name) : ''
      return text === undefined ? [] : [[name, text] as [string, string]]
    })
  }

  #filled(value: unknown, path: Path): { readonly text: string | undefined; readonly unset: readonly string[] } {
    if (value === undefined || value === null) return { text: undefined, unset: [] }
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean')
      throw this.fail(path, `has a ${path.join('.')} that is not a text`)
    const { text, unset, required } = interpolate(String(value), this.#lookup)
    if (required !== undefined) throw this.fail(path, `needs a variable: ${required}`)
    return { text, unset }
  }
}

function splitPair(text: string): readonly [string, string | undefined] {
  const equals = text.indexOf('=')
  return equals < 0 ? [text, undefined] : [text.slice(0, equals), text.slice(equals + 1)]
}
