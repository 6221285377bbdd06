/** One entry of a dotenv file as it is written. */
export interface DotenvLine {
  readonly key: string
  /** Of the key, counted from 1. */
  readonly line: number
  /** What stands between the key and the value: `=`, ` = `, `: `. */
  readonly sign: string
  /** The value as it is written, quotes and blanks around it included; without a comment. */
  readonly written: string
  /** The quote that stands around all of it, as the dotenv package pairs quotes. */
  readonly quote: Quote | undefined
  /** Is there a comment behind it? */
  readonly hasComment: boolean
}

export type Quote = '"' | "'" | '`'

export interface DotenvLines {
  readonly entries: readonly DotenvLine[]
  /** Lines that are neither entry nor comment. */
  readonly strays: readonly number[]
}

// As in the package: line ends are \n, blanks are those of JavaScript, and so is what begins and ends a line.
const NAME = /^\s*(?:export\s+)?(?<key>[\w.-]+)(?<sign>\s*=|:\s)/my
const REST = String.raw`(?<gap>\s*)(?<comment>#.*)?$`
const QUOTED = (['"', "'", '`'] as const).map((quote) => {
  // A backslash before a quote keeps it open, if the value ends by another one; else the quote closes all the same.
  const text = String.raw`\s*${quote}(?:\\${quote}|[^${quote}])*${quote}`
  return { quote, form: new RegExp(`(?<written>${text})${REST}`, 'my') }
})
const PLAIN = new RegExp(String.raw`(?<written>[^#\n]*)${REST}`, 'my')
/** By code units: by letters, a search from the midst of one that takes two would begin before it, and find the same place for ever. */
const LINE_BEGIN = /^/gm
const NOTHING = /[^\S\n]*(?:#.*)?$/my

/** Finds each entry that the dotenv package finds (tried with 400,000 files), and where it stands. */
export function dotenvLines(text: string): DotenvLines {
  const source = text.replaceAll(/\r\n?/gu, '\n')
  const entries: DotenvLine[] = []
  const strays: number[] = []
  const lineOf = lineCounter(source)
  for (let at = 0; at < source.length;) {
    const name = matchAt(NAME, source, at)
    if (name === undefined) {
      if (matchAt(NOTHING, source, at) === undefined) strays.push(lineOf(at))
      at = nextLine(source, at + 1)
      continue
    }
    const { key = '', sign = '' } = name.groups ?? {}
    const value = valueAt(source, at + name[0].length)
    const line = lineOf(at + name[0].length - sign.length - key.length)
    // Name and sign are apart: neither line is one of NAME=VALUE, though the package reads both as one.
    if (/\n\s*\S/u.test(sign)) strays.push(line, line + sign.split('\n').length - 1)
    entries.push({ key, line, sign, ...value.as })
    at = nextLine(source, at + name[0].length + value.length)
  }
  return { entries, strays }
}

function valueAt(
  source: string,
  at: number,
): { readonly length: number; readonly as: Pick<DotenvLine, 'written' | 'quote' | 'hasComment'> } {
  const quoted = QUOTED.find(({ form }) => matchAt(form, source, at) !== undefined)
  const found = matchAt(quoted?.form ?? PLAIN, source, at)
  const { written = '', gap = '', comment } = found?.groups ?? {}
  return {
    length: found?.[0].length ?? 0,
    as: {
      written: `${written}${gap.split('\n', 1).join('')}`,
      quote: quoted?.quote,
      // The comment of the next line counts as part of the match, too.
      hasComment: comment !== undefined && !gap.includes('\n'),
    },
  }
}

function matchAt(form: RegExp, source: string, at: number): RegExpExecArray | undefined {
  form.lastIndex = at
  return form.exec(source) ?? undefined
}

/** The place itself where a line begins there. */
function nextLine(source: string, at: number): number {
  LINE_BEGIN.lastIndex = at
  return LINE_BEGIN.exec(source)?.index ?? source.length
}

/** Asked for places in their order: each part of the text is counted once. */
function lineCounter(source: string): (at: number) => number {
  let line = 1
  let counted = 0
  return (at) => {
    for (let end = source.indexOf('\n', counted); end >= 0 && end < at; end = source.indexOf('\n', counted)) {
      line += 1
      counted = end + 1
    }
    return line
  }
}
