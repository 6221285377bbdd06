import { parseEvents } from 'js-yaml'
import { reindented } from './reindent.ts'
import { firstValue } from './yaml-values.ts'
import { Unreadable, whyUnreadable } from './unreadable.ts'

/** Deeper than any manifest; a stack has its limits too. */
const DEEPEST = 1000

/** A line of three dashes, which a comment may follow (apimachinery, YAMLReader); inside a block scalar it is indented. */
const SEPARATOR = /((?<![^\n])---[ \t]*(?:#[^\n]*)?\r?(?=\n|$))/u

/** The documents that helm takes a text for. */
export function splitDocuments(text: string): string[] {
  return text.split(SEPARATOR).filter((part, at) => at % 2 === 0 && part.trim() !== '')
}

/** The same, each with the line on which it begins, comments left aside. */
export function placedDocuments(text: string): { readonly document: string; readonly line: number }[] {
  let line = 1
  return text.split(SEPARATOR).flatMap((part, at) => {
    const begins = line + lineBreaks(/^(?:[ \t]*(?:#[^\n]*)?\r?\n)*/u.exec(part)?.[0] ?? '')
    line += lineBreaks(part)
    return at % 2 === 0 && part.trim() !== '' ? [{ document: part, line: begins }] : []
  })
}

/** The same, each on the lines that it has in the whole text. */
export function documentsInPlace(text: string): string[] {
  let line = 0
  return text.split(SEPARATOR).flatMap((part, at) => {
    const document = `${'\n'.repeat(line)}${part}`
    line += lineBreaks(part)
    return at % 2 === 0 && part.trim() !== '' ? [document] : []
  })
}

function lineBreaks(text: string): number {
  return text.split('\n').length - 1
}

/** The text with each document changed, and all between them as it is. */
export function mapDocuments(text: string, change: (document: string) => string): string {
  return text
    .split(SEPARATOR)
    .map((part, at) => (at % 2 === 0 && part.trim() !== '' ? change(part) : part))
    .join('')
}

/**
 * One document that helm printed, or in one line why it is none; `value` undefined: it is empty. What people wrote is read
 * with the library yaml, which knows places and comments; this takes a tenth of its time.
 */
export function loadHelmYaml(document: string): { readonly value?: unknown; readonly reason?: string } {
  // helm reads line by line, and ends the last one too (apimachinery, LineReader).
  const text = document.endsWith('\n') ? document : `${document}\n`
  try {
    return { value: read(text) }
  } catch (error) {
    whyUnreadable(error)
    // Rare, and slower: only what cannot be read as it stands is looked at again.
    return readReindented(text)
  }
}

function readReindented(text: string): { readonly value?: unknown; readonly reason?: string } {
  try {
    return { value: read(reindented(text)) }
  } catch (error) {
    return { reason: whyUnreadable(error) }
  }
}

function read(text: string): unknown {
  return firstValue(text, eventsOf(text))
}

/** The library may fail on a text in any way. */
function eventsOf(text: string): ReturnType<typeof parseEvents> {
  try {
    return parseEvents(text, { maxDepth: DEEPEST })
  } catch (error) {
    throw new Unreadable(error instanceof Error ? error.message : String(error), { cause: error })
  }
}
