/** `\r\n` and `\r` end a line too: what follows must not overwrite what stands before. */
const UNSEEN = /\r\n?|[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\uFFF9-\uFFFB]/gu
const ORDINARY = /^[\t\n -~]*$/u
const JOINER = '\u200D'
const PICTURE = /\p{Extended_Pictographic}/u
/** Behind a picture: how it is drawn, and the colour of a skin. */
const DRAWN = /[\uFE0E\uFE0F\u{1F3FB}-\u{1F3FF}]+$/u
/** Of Chinese characters: which of several forms is meant. */
const FORMS = /[\uFE00-\uFE02\u{E0100}-\u{E01EF}]/u
/** Enough to see what stands before a joiner: two characters of two units each. */
const BEFORE = 4

/**
 * Text of others as it may be shown: what a terminal would obey (escape sequences, a carriage return), and what cannot be
 * seen or changes the order of what can, stands there as `\x1b` and `\u202e`. Tabs, line ends, letters of all scripts and
 * emoji stay.
 */
export function visible(text: string, spell = spelled): string {
  if (ORDINARY.test(text)) return text
  return text.replaceAll(UNSEEN, (one, at: number) => {
    if (one === '\t' || one === '\n') return one
    if (one.startsWith('\r')) return '\n'
    return isDrawn(one, text.slice(Math.max(0, at - BEFORE), at), text.slice(at + one.length, at + one.length + 2))
      ? one
      : spell(one)
  })
}

/** What belongs to the character before it, and shows. */
function isDrawn(one: string, before: string, after: string): boolean {
  if (one === JOINER) return PICTURE.test(lastOf(before.replace(DRAWN, ''))) && PICTURE.test(firstOf(after))
  if (one === '\uFE0E' || one === '\uFE0F')
    return PICTURE.test(lastOf(before)) || (/[\d#*]$/u.test(before) && after.startsWith('\u20E3'))
  return FORMS.test(one) && /\p{Script=Han}/u.test(lastOf(before))
}

function firstOf(text: string): string {
  return String.fromCodePoint(text.codePointAt(0) ?? 0)
}

function lastOf(text: string): string {
  return /.$/su.exec(text)?.[0] ?? ''
}

function spelled(one: string): string {
  const code = one.codePointAt(0) ?? 0
  const hex = code.toString(16)
  if (code < 0x100) return `\\x${hex.padStart(2, '0')}`
  return code < 0x10000 ? `\\u${hex.padStart(4, '0')}` : `\\u{${hex}}`
}

/**
 * A runner reads `::NAME::` at the beginning of a line, after white space, and `##[NAME]` anywhere in it (actions/runner,
 * ActionCommand.cs; other runners have `##vso[`, `##teamcity[`). A backslash within makes text of either.
 */
const COMMAND = /(?=:)(?<=(?:^|\n)[^\S\n]*:)|(?=\[)(?<=##[A-Za-z]*)/gu

/** The same, and no line of it is a command to a runner that reads what forge prints. */
export function inert(text: string): string {
  return unspoken(visible(text))
}

function unspoken(text: string): string {
  return text.replaceAll(COMMAND, '\\')
}

/** What draws on a terminal may colour, move the cursor and clear: sequences that are forge's own. */
const DRAWING = /(\u001B\[(?:[\d;]*[A-HJKSTm]|\?(?:25|2026)[hl]))/u

/** What the next piece may go on with: half a character; of what draws, a sequence that is not whole. */
const HALF = /[\uD800-\uDBFF]$/u
const HALF_DRAWN = /(?:[\uD800-\uDBFF]|\u001B(?:\[\??[\d;]*)?)$/u

export interface InertStream {
  /** `draws`: its sequences are forge's own, and the text between them was made visible before it was cut to its place. */
  push(chunk: string, draws?: boolean): string
  end(): string
  /** What comes next stands at the beginning of a line. */
  readonly beginsLine: boolean
}

/** For text that arrives in pieces, cut anywhere: lines that have begun count, and nothing but half of a character, or of a sequence that draws, is held back. */
export function inertStream(): InertStream {
  let told = '\n'
  let held = ''
  let cutLine = false
  const tell = (text: string): string => {
    const whole = unspoken(told + text)
    const more = whole.slice(told.length)
    told = endOf(whole)
    return more
  }
  return {
    push(chunk, draws = false) {
      // A line that ended with `\r` has ended; its `\n` may come with the next piece.
      const text = held + (cutLine ? chunk.replace(/^\n/u, '') : chunk)
      if (chunk !== '') cutLine = chunk.endsWith('\r')
      held = (draws ? HALF_DRAWN : HALF).exec(text)?.[0] ?? ''
      const parts = text.slice(0, text.length - held.length).split(draws ? DRAWING : /(?!)/u)
      return tell(parts.map((part, at) => (at % 2 === 1 ? part : visible(part))).join(''))
    },
    end() {
      const rest = held
      held = ''
      return tell(visible(rest))
    },
    get beginsLine() {
      return told === '\n' && held === ''
    },
  }
}

/** As much of what was told as says whether the next piece would make a command of it. */
function endOf(text: string): string {
  const [, line = 'x'] = /(\n[^\S\n]*:?)$/u.exec(text) ?? []
  return line === 'x' ? `x${/(?:##[A-Za-z]*|#)?$/u.exec(text)?.[0] ?? ''}` : line.replace(/[^\S\n]+/u, ' ')
}
