import type { Form } from './forms.ts'
import { isSpecial, mayGoOn, spellings } from './spellings.ts'
import { unit } from './unit.ts'

/** Readings of one place that are followed at once; more than that is a text made of nothing but backslashes. */
export const MOST_READINGS = 8

/** How a form stands at a place. */
export interface Stand {
  /** Undefined: it does not stand there. */
  readonly end?: number
  /** More text might make it stand there, or end elsewhere. */
  readonly isOpen: boolean
}

/** The form at a place, in the longest of its spellings. */
export function standOf(form: Form, text: string, start: number): Stand {
  const { text: wanted, word } = form
  if (word && isWordSign(text[start - 1])) return NOWHERE
  let index = 0
  let at = start
  // As it is written, which is the usual case.
  for (; index < wanted.length && at < text.length; index += 1, at += 1) {
    const code = text.charCodeAt(at)
    if (isSpecial(code)) break
    if (!isSame(code, wanted.charCodeAt(index), form)) return NOWHERE
  }
  if (index === wanted.length) return finished(form, text, [at], false)
  return at >= text.length ? OPEN : readOn(form, text, index, at)
}

/** The rest of a form, from a character on that may be spelled in several ways. */
function readOn(form: Form, text: string, from: number, begin: number): Stand {
  const { text: wanted } = form
  let isOpen = false
  // Where the text has come to, in each reading, when so much of the form is read; and with one character more.
  let now = [begin]
  let ahead: readonly number[] = []
  for (let index = from; index < wanted.length; index += 1) {
    const read = readOne(form, text, index, now)
    isOpen ||= read.isOpen
    now = [...new Set([...ahead, ...read.after])].slice(0, MOST_READINGS)
    ahead = read.beyond
    if (now.length === 0 && ahead.length === 0) return isOpen ? OPEN : NOWHERE
  }
  return finished(form, text, now, isOpen)
}

interface Read {
  /** Where the text has come to with this character, */
  readonly after: readonly number[]
  /** and with the one behind it too. */
  readonly beyond: readonly number[]
  readonly isOpen: boolean
}

function readOne(form: Form, text: string, index: number, from: readonly number[]): Read {
  const after: number[] = []
  const beyond: number[] = []
  const places = [...from]
  let isOpen = false
  for (let state = 0; state < places.length; state += 1) {
    const at = places[state] ?? 0
    if (at >= text.length || (isSpecial(text.charCodeAt(at)) && mayGoOn(text, at))) isOpen = true
    for (const { chars, length } of at < text.length ? spellings(text, at, form) : []) {
      if (chars === '') {
        if (index > 0 && places.length < MOST_READINGS) places.push(at + length)
      } else if (isRead(chars, form, index)) (chars.length === 1 ? after : beyond).push(at + length)
    }
  }
  return { after, beyond, isOpen }
}

function isRead(chars: string, form: Form, index: number): boolean {
  return chars.length === 1
    ? isSame(chars.charCodeAt(0), form.text.charCodeAt(index), form)
    : form.text.startsWith(chars, index)
}

const NOWHERE: Stand = { isOpen: false }
const OPEN: Stand = { isOpen: true }

function finished({ word, encoded }: Form, text: string, ends: readonly number[], isOpen: boolean): Stand {
  const end = Math.max(...ends.map((at) => (encoded ? paddedEnd(text, at) : at)))
  if (word && isWordSign(text[end])) return isOpen ? OPEN : NOWHERE
  return { end, isOpen: isOpen || ((word || encoded) && end >= text.length) }
}

const PADDING = /(?:=|%3d){0,2}/iy

function paddedEnd(text: string, at: number): number {
  PADDING.lastIndex = at
  return at + (PADDING.exec(text)?.[0].length ?? 0)
}

function isSame(code: number, wanted: number, { encoded }: Form): boolean {
  return code === wanted || (encoded && unit(code) === unit(wanted))
}

function isWordSign(sign: string | undefined): boolean {
  return sign !== undefined && /[A-Za-z0-9_]/u.test(sign)
}
