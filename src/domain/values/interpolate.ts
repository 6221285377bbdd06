/** Looks up a variable; undefined when it is not set. */
export type Lookup = (name: string) => string | undefined

export interface Interpolated {
  readonly text: string
  /** Variables that are not set and have no default: they became empty, as compose does it. */
  readonly unset: readonly string[]
  /** `${NAME:?why}` without a value. */
  readonly required?: string
}

/**
 * Variables in a compose file (Compose specification, "Interpolation"): `$NAME`, `${NAME}`, with `:-` and `-` for a
 * default, `:+` and `+` for a replacement, `:?` and `?` for a demand, all of which may hold variables again; `$$` is a dollar.
 * A dotenv file writes the dollar as `\\$` instead (dotenv-expand, README).
 */
export function interpolate(text: string, lookup: Lookup, dollar: '$$' | '\\$' = '$$'): Interpolated {
  const unset: string[] = []
  let required: string | undefined
  const expand = (part: string): string => {
    let done = ''
    for (let at = 0; at < part.length;) {
      const found = part.startsWith(dollar, at) ? { ...DOLLAR, end: at + 2 } : variableAt(part, at)
      done += found === undefined ? (part[at] ?? '') : value(found)
      at = found?.end ?? at + 1
    }
    return done
  }
  const value = ({ name, operator, word }: Variable): string => {
    if (name === '') return '$'
    const set = lookup(name)
    const has = set !== undefined && (set !== '' || !operator.startsWith(':'))
    if (operator.endsWith('+')) return has ? expand(word) : ''
    if (has) return set
    if (operator.endsWith('-')) return expand(word)
    if (operator.endsWith('?')) required ??= word === '' ? `${name} is not set` : `${name}: ${expand(word)}`
    else unset.push(name)
    return set ?? ''
  }
  const result = expand(text)
  return { text: result, unset, ...(required === undefined ? {} : { required }) }
}

interface Variable {
  /** Empty: `$$`. */
  readonly name: string
  readonly operator: string
  readonly word: string
  readonly end: number
}

const DOLLAR = { name: '', operator: '', word: '' }

function variableAt(text: string, at: number): Variable | undefined {
  if (text[at] !== '$') return undefined
  const plain = /^\$([A-Za-z_]\w*)/u.exec(text.slice(at))
  if (plain?.[1] !== undefined) return { name: plain[1], operator: '', word: '', end: at + plain[0].length }
  const end = text[at + 1] === '{' ? closingBrace(text, at + 1) : undefined
  if (end === undefined) return undefined
  const inner = /^([A-Za-z_]\w*)(:?[-+?])?(.*)$/su.exec(text.slice(at + 2, end))
  if (inner?.[1] === undefined || (inner[2] === undefined && inner[3] !== '')) return undefined
  return { name: inner[1], operator: inner[2] ?? '', word: inner[3] ?? '', end: end + 1 }
}

function closingBrace(text: string, open: number): number | undefined {
  let depth = 0
  for (let at = open; at < text.length; at++) {
    if (text[at] === '{') depth++
    if (text[at] === '}' && --depth === 0) return at
  }
  return undefined
}
