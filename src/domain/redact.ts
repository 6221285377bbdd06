/** Values shorter than this mask too much ordinary text to be of use (`a`, `1`, `on`). */
const SHORTEST = 4

/**
 * The one place where text is redacted, by value: every secret that forge has read is masked as it stands, in base64
 * (with any alignment that a whole value has), URL-escaped and JSON-escaped. Lines of multi-line secrets (keys,
 * certificates) are masked one by one, because output arrives by lines.
 */
export class Redactor {
  readonly #forms = new Set<string>()
  #pattern: RegExp | undefined

  add(value: string): void {
    for (const part of [value, ...value.split('\n')]) {
      const text = part.trim()
      if (text.length < SHORTEST) continue
      for (const form of formsOf(text)) this.#forms.add(form)
    }
    this.#pattern = undefined
  }

  text(text: string): string {
    if (this.#forms.size === 0) return text
    this.#pattern ??= new RegExp(
      [...this.#forms]
        .sort((a, b) => b.length - a.length)
        .map((form) => form.replace(/[\\^$.*+?()[\]{}|]/gu, '\\$&'))
        .join('|'),
      'gu',
    )
    return text.replace(this.#pattern, '•••')
  }

  /** The same for a JSON document: every string inside, keys excepted. */
  json<T>(value: T): T {
    return JSON.parse(
      JSON.stringify(value, (_key, inner: unknown) => (typeof inner === 'string' ? this.text(inner) : inner)),
    ) as T
  }
}

function formsOf(text: string): string[] {
  const bytes = new TextEncoder().encode(text)
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')
  const base64 = btoa(binary)
  const url = encodeURIComponent(text)
  const json = JSON.stringify(text).slice(1, -1)
  return [text, base64, btoa(`${binary}\n`), base64.replace(/=+$/u, ''), url, json]
}
