import { visible } from '../domain/redact/inert.ts'

/**
 * A document as JSON that says nothing to whoever shows it: texts are `shown` first, and what is left that a terminal or a
 * runner would obey (in names too) is escaped as JSON does it, so that a reader of JSON gets the same.
 */
export function documentText(document: unknown, shown: (text: string) => string, indent = 2): string {
  const text = JSON.stringify(
    document,
    (_name, inner: unknown) => (typeof inner === 'string' ? shown(inner) : inner),
    indent,
  )
  return escapedText(text, escaped)
}

/** JSON in which what a terminal or a runner would obey, within its quotes, is escaped. */
export function escapedText(json: string, escape: (one: string) => string): string {
  return visible(json, escape).replaceAll(/(?=\[)(?<=##[A-Za-z]*)./gu, escape)
}

/** The same document with each of its texts as it may be shown: before it is laid out in rows. */
export function shownDocument<T>(document: T, shown: (text: string) => string): T {
  return JSON.parse(documentText(document, shown)) as T
}

function escaped(text: string): string {
  return Array.from({ length: text.length }, (_, at) => {
    return `\\u${text.charCodeAt(at).toString(16).padStart(4, '0')}`
  }).join('')
}
