import { SHORTEST } from './ordinary.ts'

/** Shorter values are masked where they stand as a word of their own: `data` in `data: x`, not in `database`. */
const LONG = 8
/** A piece of base64 shorter than this is met in ordinary text. */
const SHORTEST_ENCODED = 8
/** Of a longer value each part of this length is looked for: what has to be held back of a stream stays short. */
const CHUNK = 256
/** Beyond it base64 is looked for as one text, no longer line by line as programs break it. */
const LONGEST_BROKEN = 65_536
/** Where programs break lines of base64: PEM, MIME. */
const BREAKS = [64, 76]

/** One text that is masked wherever it stands, in any spelling. */
export interface Form {
  readonly text: string
  /** Masked only where no letter or digit stands beside it. */
  readonly word: boolean
  /** Base64: line ends may stand within it, and its two alphabets are one. */
  readonly encoded: boolean
}

/** All forms of a value: as it stands, and in base64, also in the midst of something longer that was encoded. */
export function formsOf(value: string, isEncoded: boolean): Form[] {
  const plain = chunks(value, CHUNK).map((text) => ({ text, word: value.length < LONG, encoded: false }))
  if (!isEncoded) return plain
  const encoded = encodedForms(value).map((text) => ({ text, word: false, encoded: true }))
  return [...plain, ...encoded]
}

/**
 * Base64 of the value alone and with the newline that `echo` adds, and what is left of it in the midst of a longer text:
 * there its bytes begin at one of three places within a group, and share the first and the last character with others.
 */
function encodedForms(text: string): string[] {
  const bytes = Buffer.from(text)
  const alone = [bytes, Buffer.concat([bytes, NEWLINE])].map((one) => one.toString('base64').replace(/=+$/u, ''))
  const within = [0, 1, 2].map((offset) =>
    Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6)),
  )
  const broken = text.length > LONGEST_BROKEN ? [] : BREAKS.flatMap((width) => chunks(alone[0] ?? '', width))
  const whole = [...alone, ...within.filter((form) => form.length >= SHORTEST_ENCODED)].flatMap((form) =>
    chunks(form, CHUNK),
  )
  return [...whole, ...broken.filter((form) => form.length >= SHORTEST_ENCODED)]
}

const NEWLINE = Buffer.from('\n')

/** Pieces of one length; what is left at the end goes with the last one if it is too short to stand alone. */
function chunks(text: string, length: number): string[] {
  if (text.length <= length) return [text]
  const found: string[] = []
  for (let at = 0; at < text.length;) {
    const end = text.length - at - length < SHORTEST ? text.length : withoutHalf(text, at + length)
    found.push(text.slice(at, end))
    at = end
  }
  return found
}

/** A place that does not cut a character in two. */
function withoutHalf(text: string, at: number): number {
  return /[\uD800-\uDBFF]/u.test(text[at - 1] ?? '') ? at - 1 : at
}
