import { isRevealing } from './ordinary.ts'
import {
  credentialsOf,
  decodedText,
  entryOf,
  flowEntries,
  leavesOf,
  loginsOf,
  settingsOf,
  unquoted,
} from './structures.ts'

/** What a key must be like for a short value of it to be a secret of its own. */
const SECRET_KEY = /auth|pass|pwd|token|secret|key|credential|private|signature/iu
/** The key of what has a place instead of a name. */
const SECRET = 'secret'
const SCHEME = /^(?:basic|bearer|token|negotiate)\s+(\S+)$/iu
/** Within parts of parts: a PEM key in JSON in an entry of a dotenv file. */
const DEEPEST = 4
/** Characters; beside that each level may hold the whole once. A text made of nothing but `key=key=` holds itself without end. */
const MOST_LOOKED_AT = 100_000

/**
 * What is a secret in its own right inside a secret that has a structure: entries of dotenv, JSON, YAML, XML, the password of
 * a connection string or a URL, a login in base64. Those with a telling name, and those that no name looks like.
 */
export function partsOf(value: string): Set<string> {
  const parts = new Parts(MOST_LOOKED_AT + DEEPEST * value.length)
  parts.collect(value, '', 0)
  parts.found.delete(value)
  return parts.found
}

class Parts {
  readonly found = new Set<string>()
  /** How much may still be looked at. */
  #left: number

  constructor(left: number) {
    this.#left = left
  }

  /** `holder`: the key that the value stands under. */
  collect(value: string, holder: string, depth: number): void {
    if (depth > DEEPEST || this.#left < 0) return
    if (this.#json(value, holder, depth)) return
    for (const password of loginsOf(value)) this.#add(password, SECRET, depth)
    for (const password of settingsOf(value, (key) => this.#left >= 0 && SECRET_KEY.test(key)))
      this.#add(password, SECRET, depth)
    for (const password of credentialsOf(value)) this.#add(password, SECRET, depth)
    for (const { key, text } of flowEntries(value)) this.#written(text, key === '' ? holder : key, depth)
    if (value.includes('\n') || depth === 0) this.#lines(value, depth)
    this.#encoded(value, depth)
  }

  #add(part: string, key: string, depth: number): void {
    this.#left -= part.length
    if (this.found.has(part)) return
    if (SECRET_KEY.test(key) || isRevealing(part)) this.found.add(part)
    this.collect(part, key, depth + 1)
  }

  #written(written: string, key: string, depth: number): void {
    for (const text of unquoted(written)) {
      this.#add(text, key, depth)
      const [, credential] = SCHEME.exec(text) ?? []
      if (credential !== undefined) this.#add(credential, SECRET, depth)
    }
  }

  #json(value: string, holder: string, depth: number): boolean {
    const leaves = leavesOf(value)
    for (const { key, text } of leaves ?? []) this.#add(text, key === '' ? holder : key, depth)
    return leaves !== undefined
  }

  /** An item of a list belongs to the entry that stands before the list. */
  #lines(value: string, depth: number): void {
    let holder = ''
    for (const line of value.split('\n')) {
      if (/^\s*[[{]/u.test(line) && line !== value && this.#json(line, '', depth)) continue
      const { key, written, isItem } = entryOf(line)
      if (key !== undefined) holder = written === '' ? key : isItem ? holder : ''
      if (written !== '') this.#written(written, key ?? holder, depth)
    }
  }

  #encoded(value: string, depth: number): void {
    const decoded = decodedText(SCHEME.exec(value.trim())?.[1] ?? value)
    if (decoded === undefined) return
    this.#add(decoded, '', depth)
    const [, password] = /^[^:\s]+:(\S+)$/u.exec(decoded) ?? []
    if (password !== undefined) this.#add(password, SECRET, depth)
  }
}
