import type { Position, Problem } from '../config/position.ts'
import type { DotenvLine } from './dotenv-lines.ts'

/** Why bash (`. FILE`) or docker compose reads an entry otherwise than the dotenv package. */
const WHY = {
  name: 'bash takes letters, digits and _ alone for a name',
  sign: 'bash takes neither ":" nor a blank around "="',
  blank: 'bash ends a value at a blank; put it into quotes',
  comment: 'this # begins no comment there; put the value into quotes, and a blank before a comment',
  backslash: 'a backslash makes another character, or goes; single quotes keep it',
  quote:
    'quotes within a value, a backslash before one or text behind it count otherwise; put all of it into one pair of quotes',
  backtick: 'bash runs what stands in backticks, and docker compose keeps them; use single quotes',
  dollar: 'this dollar sign means something else, or nothing; single quotes keep it',
  end: 'bash ends a value at any of ;&|<>(); put it into quotes',
  home: 'bash makes a home folder of ~; put it into quotes',
  carriage: 'bash takes the \\r of a Windows line end into the value',
  twice: 'it is set twice, and what refers to it in between gets the first value there, the last one here',
} as const

export type Otherwise = keyof typeof WHY

/** One entry that bash or docker compose reads otherwise. */
export interface Doubt {
  readonly key: string
  readonly at: Position
  readonly why: Otherwise
}

/** One line for each reason in each file, so that a file full of blanks is told once. Names alone: values may be secret. */
export function doubtWarnings(doubts: readonly Doubt[]): Problem[] {
  const groups = Object.values(Object.groupBy(doubts, ({ at, why }) => `${at.file} ${why}`))
  return groups.flatMap((group = []) => {
    const [first] = group
    if (first === undefined) return []
    const keys = [...new Set(group.map(({ key }) => key))]
    const more = keys.length > 3 ? ` and ${keys.length - 3} more` : ''
    const message = `${keys.slice(0, 3).join(', ')}${more}: bash or docker compose reads this otherwise than dotenv and forge: ${WHY[first.why]}`
    return [{ message, at: first.at }]
  })
}

/** The first reason why bash or docker compose would read an entry otherwise (tried with bash 5.2 and compose-go 2.4). */
export function otherwiseRead({ key, sign, written, quote, hasComment }: DotenvLine): Otherwise | undefined {
  if (!/^[A-Za-z_]\w*$/u.test(key)) return 'name'
  const text = written.trim()
  if (hasComment && (text === '' || !written.endsWith(' '))) return 'comment'
  if (sign !== '=' || (text !== '' && /^\s/u.test(written))) return 'sign'
  // Blanks that only JavaScript takes for some stay in the value elsewhere.
  if (/[^\S \t]/u.test(written.replace(text, ''))) return 'blank'
  if (quote === undefined) return plainOtherwise(text)
  return quotedOtherwise(text.slice(1, -1), quote)
}

function plainOtherwise(text: string): Otherwise | undefined {
  if (/["']/u.test(text)) return 'quote'
  if (text.includes('`')) return 'backtick'
  if (text.includes('\\')) return 'backslash'
  if (/(?:^|:)~/u.test(text)) return 'home'
  const rest = withoutVariables(text)
  if (isOddDollar(rest)) return 'dollar'
  if (/\s/u.test(rest)) return 'blank'
  return /[;&|<>()]/u.test(rest) ? 'end' : undefined
}

function quotedOtherwise(inner: string, quote: string): Otherwise | undefined {
  if (quote === "'") return inner.includes("'") || inner.endsWith('\\') ? 'quote' : undefined
  if (quote === '`') return 'backtick'
  if (/\\[abcfnrtv"\\`\d\n]/u.test(inner) || inner.endsWith('\\')) return 'backslash'
  const rest = withoutVariables(inner.replaceAll('\\$', ''))
  if (rest.includes('"')) return 'quote'
  if (rest.includes('`')) return 'backtick'
  return isOddDollar(rest) ? 'dollar' : undefined
}

/** Variables whose default is plain text; all read them alike. */
function withoutVariables(text: string): string {
  return text.replaceAll(/\$(?:[A-Za-z_]\w*|\{[A-Za-z_]\w*(?::?[-+?][\w .,:/@%=-]*)?\})/gu, 'x')
}

/** A dollar sign at the end or before a blank is one for all. */
function isOddDollar(text: string): boolean {
  return /\$[^\s]/u.test(text)
}
