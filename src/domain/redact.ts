/** Values shorter than this mask too much ordinary text to be of use (`a`, `1`, `on`). */
const SHORTEST = 4
/** Shorter values are masked where they stand as a word of their own: `data` in `data: x`, not in `database`. */
const LONG = 8
/** A piece of base64 shorter than this is met in ordinary text. */
const SHORTEST_ENCODED = 8
const MASK = '•••'

/** Shorter values stand in ordinary configuration by chance: `appuser` is a user's name there. */
const REVEALING = 12

/** No secret, whatever Secret they stand in: masked, every second line of output would have holes. */
const ORDINARY = new Set(
  (
    'true false null none nil enabled disabled enable disable default public private guest root admin administrator user ' +
    'users username owner client server service localhost postgres postgresql mysql mariadb mongo mongodb redis rabbitmq ' +
    'temporal kafka minio keycloak google microsoft github gitlab database data main test testing prod production stage ' +
    'staging develop development sandbox local info debug error warning password secret token require prefer allow verify-ca ' +
    'verify-full http https namespace cluster kubernetes docker'
  ).split(' '),
)

interface Form {
  readonly text: string
  /** Masked only where no letter or digit stands beside it. */
  readonly word: boolean
}

/**
 * The one place where text is redacted, by value: every secret that forge has read is masked as it stands, in base64
 * (also in the midst of something longer that was encoded), URL-escaped and JSON-escaped. Lines of multi-line secrets
 * (keys, certificates) are masked one by one, because output arrives by lines. Ordinary words, names of the project and
 * values under four characters stay readable.
 */
export class Redactor {
  readonly #values = new Set<string>()
  readonly #names = new Set<string>()
  #forms: Forms | undefined
  #revealing: Forms | undefined

  add(value: string): void {
    for (const part of [value, ...value.split('\n'), ...withinUrls(value), ...withinJson(value)]) {
      const text = part.trim().toWellFormed()
      if (text.length >= SHORTEST && !isOrdinary(text)) this.#values.add(text)
    }
    this.#forget()
  }

  /** Names that forge.yaml itself gives: who chose one as a password has no secret, and every line would be masked. */
  spare(names: readonly string[]): void {
    for (const name of names) this.#names.add(name)
    this.#forget()
  }

  text(text: string): string {
    return this.#known().replace(text)
  }

  /** True when a secret value is in the text, in any form. */
  finds(text: string): boolean {
    return this.text(text) !== text
  }

  /** True when a text that many may read holds a secret value that is there by no chance. */
  reveals(text: string): boolean {
    this.#revealing ??= new Forms(this.#secrets().filter(isRevealing))
    return this.#revealing.replace(text) !== text
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
    const flush = (upTo: number, forms: Forms): string => {
      const told = forms.replace(before + held, before.length, before.length + upTo)
      before = (before + held.slice(0, upTo)).slice(-1)
      held = held.slice(upTo)
      return told
    }
    return {
      push: (chunk) => {
        held += chunk
        const forms = this.#known()
        return flush(forms.safeLength(before + held, before.length), forms)
      },
      end: () => flush(held.length, this.#known()),
    }
  }

  #known(): Forms {
    this.#forms ??= new Forms(this.#secrets())
    return this.#forms
  }

  #secrets(): string[] {
    return [...this.#values].filter((value) => !this.#names.has(value))
  }

  #forget(): void {
    this.#forms = undefined
    this.#revealing = undefined
  }
}

/** Of a form's beginning: so much is looked up at each place of a text. No form is shorter. */
const BEGINNING = SHORTEST

/**
 * All forms of some values, ready to be looked for: by their beginnings, at every place of a text. One regular expression
 * of all of them takes 40 ms to compile, and more than the search for every short line.
 */
class Forms {
  /** Longest first, by the hash of their beginning. */
  readonly #beginnings: ReadonlyMap<number, readonly Form[]>
  /** By first character. */
  readonly #starts: ReadonlyMap<string, readonly Form[]>
  readonly #longest: number

  constructor(values: readonly string[]) {
    const texts = new Map(values.flatMap((value) => formsOf(value)).map((form) => [form.text, form]))
    const forms = [...texts.values()].sort((a, b) => b.text.length - a.text.length)
    this.#starts = Map.groupBy(forms, ({ text }) => text[0] ?? '')
    this.#beginnings = Map.groupBy(forms, ({ text }) => hashAt(text, 0))
    this.#longest = forms[0]?.text.length ?? 0
  }

  /** What stands between `from` and `to`, masked; the text around it is looked at, not given back. */
  replace(text: string, from = 0, to = text.length): string {
    let told = ''
    let at = from
    for (const [start, end] of this.#found(text, from)) {
      if (start >= to) break
      told += text.slice(at, start) + MASK
      at = end
    }
    return told + text.slice(at, Math.max(to, at))
  }

  /** How much of the text, from `from` on, no further piece can change the masking of. */
  safeLength(text: string, from: number): number {
    if (this.#longest === 0) return text.length - from
    let safe = text.length
    for (let at = Math.max(from, text.length - this.#longest); at < safe; at += 1)
      if (this.#mayGoOn(text, at)) safe = at
    // A secret that reaches into what is held back is held back as a whole.
    for (const [start, end] of [...this.#found(text, from)].reverse()) if (start < safe && end > safe) safe = start
    return Math.max(safe, from) - from
  }

  #mayGoOn(text: string, at: number): boolean {
    const rest = text.slice(at)
    const forms = this.#starts.get(rest[0] ?? '') ?? []
    return forms.some((form) => form.text.startsWith(rest) && (form.word || form.text.length > rest.length))
  }

  /** From `from` on: what is before it was told, and part of another secret perhaps, but a word may begin after it. */
  *#found(text: string, from: number): Iterable<readonly [start: number, end: number]> {
    if (this.#longest === 0) return
    for (let at = from; at <= text.length - BEGINNING; at += 1) {
      const found = this.#beginnings.get(hashAt(text, at))?.find((form) => standsAt(form, text, at))
      if (found === undefined) continue
      const end = at + found.text.length
      yield [at, end]
      at = end - 1
    }
  }
}

/** Equal for equal beginnings; others may share it. */
function hashAt(text: string, at: number): number {
  let hash = 0
  for (let next = at; next < at + BEGINNING; next += 1) hash = (Math.imul(hash, 31) + text.charCodeAt(next)) | 0
  return hash
}

function standsAt({ text: form, word }: Form, text: string, at: number): boolean {
  if (!text.startsWith(form, at)) return false
  return !word || !(isWordSign(text[at - 1]) || isWordSign(text[at + form.length]))
}

function isWordSign(sign: string | undefined): boolean {
  return sign !== undefined && /[A-Za-z0-9_]/u.test(sign)
}

function isOrdinary(text: string): boolean {
  return ORDINARY.has(text.toLowerCase()) || /^\d{1,5}$/u.test(text)
}

/** False for what looks like a name (`db.example.com`, `app-user@acme`): a Secret often holds a host beside its password. */
function isRevealing(text: string): boolean {
  if (text.length < REVEALING) return false
  const parts = text.split(/[-_./@:]/u)
  const isName = parts.every((part) => /^[a-z]*\d{0,4}$/u.test(part))
  return !isName
}

/** A connection string holds a password that may be shown without the rest of it. */
function withinUrls(value: string): string[] {
  return [...value.matchAll(/[a-z][a-z0-9+.-]*:\/\/[^\s:@/]*:([^\s@/]+)@/giu)].map(([, password = '']) =>
    decoded(password),
  )
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** So does the file of `docker login`, and other JSON. */
function withinJson(value: string): string[] {
  if (!/^\s*\{/u.test(value)) return []
  const found: string[] = []
  try {
    JSON.parse(value, (key, inner: unknown) => {
      if (typeof inner === 'string' && /auth|pass|token|secret|key/iu.test(key)) found.push(inner)
      return inner
    })
  } catch {
    return []
  }
  return [...found, ...found.flatMap(basicAuth)]
}

/** `auth` of a docker login: base64 of `user:password`. */
function basicAuth(text: string): string[] {
  try {
    return /^[^:]+:(.+)$/su.exec(atob(text))?.slice(1) ?? []
  } catch {
    return []
  }
}

function formsOf(text: string): Form[] {
  const word = text.length < LONG
  const json = JSON.stringify(text).slice(1, -1)
  const url = encodeURIComponent(text)
  const written = [
    text,
    json,
    // JSON in JSON, Go's JSON, YAML in single quotes
    JSON.stringify(json).slice(1, -1),
    json.replace(/[<>&]/gu, (sign) => `\\u00${sign.charCodeAt(0).toString(16)}`),
    text.replaceAll("'", "''"),
    url,
    url.replaceAll('%20', '+'),
    url.replace(/%[0-9A-F]{2}/gu, (escape) => escape.toLowerCase()),
  ]
  return [
    ...written.map((form) => ({ text: form, word })),
    ...encodedForms(text).map((form) => ({ text: form, word: false })),
  ]
}

/**
 * Base64 of the value alone and with the newline that `echo` adds, and what is left of it in the midst of a longer text:
 * there its bytes begin at one of three places within a group, and share the first and the last character with others.
 */
function encodedForms(text: string): string[] {
  const bytes = new TextEncoder().encode(text)
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')
  const within = [0, 1, 2].map((offset) =>
    btoa('\0'.repeat(offset) + binary).slice(
      Math.ceil((offset * 8) / 6),
      Math.floor(((offset + bytes.length) * 8) / 6),
    ),
  )
  const alone = [btoa(binary), btoa(`${binary}\n`), btoa(binary).replace(/=+$/u, '')]
  const forms = [...alone, ...within.filter((form) => form.length >= SHORTEST_ENCODED)]
  return [...forms, ...forms.map((form) => form.replaceAll('+', '-').replaceAll('/', '_'))]
}
