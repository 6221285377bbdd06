/** A path of Vault that a template reads. */
export interface TemplateRead {
  readonly path: string
  /** Keys without which it makes no file: `.Data.data.password`. A template that takes all there are needs none. */
  readonly keys: readonly string[]
  /** It asks an engine to make something (`secret "pki/issue/web" "common_name=…"`), and there is nothing to look up. */
  readonly isMade: boolean
}

/** What `.` is inside: what came from a path, something else (null), or as outside (undefined). */
type Dot = string | null | undefined

/** A text of Go, quoted in either of its ways. */
const TEXT = String.raw`"(?:[^"\\]|\\.)*"|\x60[^\x60]*\x60`
const ACTION = new RegExp(String.raw`\{\{-?((?:${TEXT}|[^"\x60])*?)-?\}\}`, 'gu')
const CALL = new RegExp(String.raw`\bsecret\s+(${TEXT})((?:\s+(?:${TEXT}))*)`, 'gu')
const NAMED = new RegExp(String.raw`(\$\w*)\s*:?=\s*secret\s+(${TEXT})`, 'u')
/** `.Data.data.KEY`, `$s.Data.KEY`, `(secret "…").Data.KEY` */
const FIELD = /(?<of>\$\w*|\))?\.Data(?:\.data)?\.(?<key>[A-Za-z_]\w*)/gu
/** `index .Data.data "KEY"`, `index $s.Data "data" "KEY"` */
const INDEX = new RegExp(
  String.raw`\bindex\s+\(?(?<of>\$\w*|\(secret\s+(?:${TEXT})\))?\.Data(?:\.data)?\)?(?:\s+"data")?\s+(?<key>${TEXT})`,
  'gu',
)

const OPENS: ReadonlySet<string> = new Set(['with', 'range', 'if', 'else', 'define', 'block'])

/**
 * What a template of Vault's agent (of consul-template, in Go's language) reads: `{{ with secret "PATH" }}…{{ end }}`, a variable,
 * or a call in brackets. A path that is put together while it is rendered cannot be known.
 */
export function readsOf(template: string): TemplateRead[] {
  const reader = new Reader()
  for (const [, action = ''] of template.matchAll(ACTION)) {
    const text = action.trim()
    if (!text.startsWith('/*')) reader.take(text)
  }
  return reader.reads()
}

class Reader {
  readonly #found = new Map<string, { keys: Set<string>; asked: Set<string>; isMade: boolean }>()
  readonly #variables = new Map<string, string>()
  readonly #dots: Dot[] = []

  /** One `{{ … }}`, without its brackets. */
  take(text: string): void {
    const [word = ''] = /^\w+/u.exec(text) ?? []
    const calls = [...text.matchAll(CALL)].map(([, path = '', more = '']) => ({ path: textOf(path), more }))
    for (const { path, more } of calls) {
      const known = this.#of(path)
      if (more.trim() !== '') known.isMade = true
    }
    const called = calls[0]?.path
    const [, name, path] = NAMED.exec(text) ?? []
    if (name !== undefined && path !== undefined) this.#variables.set(name, textOf(path))
    if (word === 'end' || word === 'else') this.#dots.pop()
    // What is asked for first may be absent.
    const isQuestion = /^(?:else\s+)?(?:if|with)\b/u.test(text)
    for (const { of, key } of keysIn(text)) {
      const from = this.#pathOf(of, called)
      if (from !== undefined) this.#of(from)[isQuestion ? 'asked' : 'keys'].add(key)
    }
    if (OPENS.has(word)) this.#dots.push(this.#dotOf(text, word, called))
  }

  reads(): TemplateRead[] {
    return [...this.#found].map(([path, { keys, asked, isMade }]) => ({
      path,
      keys: [...keys].filter((key) => !asked.has(key)),
      isMade,
    }))
  }

  #of(path: string) {
    const known = this.#found.get(path) ?? { keys: new Set<string>(), asked: new Set<string>(), isMade: false }
    this.#found.set(path, known)
    return known
  }

  #dotOf(text: string, word: string, called: string | undefined): Dot {
    if (word === 'range') return null
    const isWith = word === 'with' || /^else\s+with\b/u.test(text)
    if (!isWith) return undefined
    if (called !== undefined && keysIn(text).length === 0) return called
    const [, variable = ''] = /with\s+(\$\w+)$/u.exec(text) ?? []
    return this.#variables.get(variable) ?? null
  }

  #pathOf(of: string | undefined, called: string | undefined): string | undefined {
    if (of === undefined) return this.#dots.findLast((dot) => dot !== undefined) ?? undefined
    return of.startsWith('$') ? this.#variables.get(of) : called
  }
}

function keysIn(text: string): { readonly of: string | undefined; readonly key: string }[] {
  const indexed = [...text.matchAll(INDEX)].map(({ groups }) => ({
    of: groups?.['of'],
    key: textOf(groups?.['key'] ?? ''),
  }))
  const fields = [...text.replaceAll(INDEX, '').matchAll(FIELD)].map(({ groups }) => ({
    of: groups?.['of'],
    key: groups?.['key'] ?? '',
  }))
  return [...indexed, ...fields].filter(({ key }) => key !== 'data' && key !== 'metadata')
}

function textOf(quoted: string): string {
  return quoted.startsWith('"') ? quoted.slice(1, -1).replaceAll(/\\(["\\])/gu, '$1') : quoted.slice(1, -1)
}
