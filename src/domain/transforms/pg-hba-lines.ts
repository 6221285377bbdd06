/** One word of a record; several make a list where commas join them. */
export interface HbaToken {
  /** Without its quotes. */
  readonly text: string
  readonly quoted: boolean
  /** Where it begins and ends in the record as it is written, quotes included. */
  readonly start: number
  readonly end: number
}

export type HbaField = readonly [HbaToken, ...HbaToken[]]

export interface HbaLine {
  /** As it is written, over several lines where a backslash continues it. */
  readonly record: string
  /** The first of them, counted from 1. */
  readonly line: number
  /** None: it is empty, or a comment. */
  readonly fields: readonly HbaField[]
  /** Where a quote begins that does not close. */
  readonly openQuote?: number
}

/**
 * The lines of pg_hba.conf, as PostgreSQL 15 to 17 take them apart (src/backend/libpq/hba.c): a backslash at the end
 * continues a line, comments too, in the middle of a word too; blanks are space, tab and carriage return; a comma joins
 * two words only right behind the first; two quotes within quotes are one.
 */
export function hbaLines(text: string): HbaLine[] {
  const lines = text.split('\n')
  const found: HbaLine[] = []
  for (let index = 0; index < lines.length; index += 1) {
    const first = index
    const written = [lines[index] ?? '']
    while (CONTINUED.test(lines[index] ?? '') && index + 1 < lines.length) {
      index += 1
      written.push(lines[index] ?? '')
    }
    const { fields, openQuote } = fieldsOf(joined(written))
    const record = written.join('\n')
    found.push({ record, line: first + 1, fields, ...(openQuote === undefined ? {} : { openQuote }) })
  }
  return found
}

const CONTINUED = /\\\r*$/u

interface Character {
  readonly text: string
  readonly at: number
}

/** The characters of the one line that PostgreSQL sees, with their places in what is written. */
function joined(written: readonly string[]): Character[] {
  let begin = 0
  return written.flatMap((line) => {
    const kept = line.replace(CONTINUED, '').replace(/\r+$/u, '')
    let at = begin
    const characters = Array.from(kept, (text) => {
      at += text.length
      return { text, at: at - text.length }
    })
    begin += line.length + 1
    return characters
  })
}

function fieldsOf(line: readonly Character[]): Pick<HbaLine, 'fields' | 'openQuote'> {
  const fields: HbaField[] = []
  let at = 0
  for (;;) {
    const tokens: HbaToken[] = []
    let goesOn = true
    while (goesOn) {
      const found = tokenAt(line, at)
      if (found.openQuote !== undefined) return { fields, openQuote: found.openQuote }
      at = found.next
      goesOn = found.isList
      if (found.token !== undefined) tokens.push(found.token)
      else goesOn = false
    }
    const [first, ...others] = tokens
    if (first === undefined) return { fields }
    fields.push([first, ...others])
  }
}

interface Found {
  readonly token?: HbaToken
  readonly next: number
  /** A comma stood right behind it. */
  readonly isList: boolean
  readonly openQuote?: number
}

/** A word up to where it ends, and the place of a quote that is still open there. */
function wordAt(
  line: readonly Character[],
  begin: number,
): { readonly text: string; readonly at: number; readonly quote: number | undefined } {
  let text = ''
  let quote: number | undefined
  let wasQuote = false
  let at = begin
  for (; at < line.length; at += 1) {
    const { text: character, at: place } = line[at] as Character
    if (quote === undefined && /^[ \t\r,#]$/u.test(character)) break
    if (character !== '"' || wasQuote) text += character
    wasQuote = quote !== undefined && character === '"' ? !wasQuote : false
    if (character === '"') quote = quote === undefined ? place : undefined
  }
  return { text, at, quote }
}

function tokenAt(line: readonly Character[], from: number): Found {
  let begin = from
  while (/^[ \t\r,]$/u.test(line[begin]?.text ?? '')) begin += 1
  const { text, at, quote } = wordAt(line, begin)
  if (quote !== undefined) return { next: line.length, isList: false, openQuote: quote }
  const stop = line[at]?.text
  const next = stop === '#' ? line.length : stop === ',' ? at + 1 : at
  const [first, last] = [line[begin], line[at - 1]]
  // An empty word in quotes is one, too.
  if (at === begin || first === undefined || last === undefined) return { next, isList: false }
  const token = { text, quoted: first.text === '"', start: first.at, end: last.at + last.text.length }
  return { token, next, isList: stop === ',' }
}
