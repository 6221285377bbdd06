/** Does one character fit? */
type Sign = (sign: string) => boolean

/** What stands for any number of characters. */
const STAR = undefined

/**
 * Go's patterns (https://pkg.go.dev/path/filepath#Match): `*` and `?` stop at a slash. No regular expression: with many stars
 * one can take for ever, and a stranger may have written the pattern. Time grows with the product of both lengths, at worst.
 */
export function globOf(pattern: string): (text: string) => boolean {
  const wanted = (pattern.match(/\[\^?(?:\\.|[^\]\\])+\]|\\.|./gsu) ?? []).map(signOf)
  return (text) => isMatch(wanted, Array.from(text))
}

function isMatch(wanted: readonly (Sign | undefined)[], signs: readonly string[]): boolean {
  let index = 0
  let at = 0
  // The last star, and how far it reaches: an earlier one would gain nothing by reaching further.
  let star: { readonly index: number; readonly until: number } | undefined
  while (at < signs.length || index < wanted.length) {
    const fits = wanted[index]
    if (index < wanted.length && fits === STAR) {
      star = { index, until: at }
      index += 1
    } else if (at < signs.length && fits?.(signs[at] ?? '') === true) {
      index += 1
      at += 1
    } else {
      if (star === undefined || star.until >= signs.length || signs[star.until] === '/') return false
      star = { index: star.index, until: star.until + 1 }
      index = star.index + 1
      at = star.until
    }
  }
  return true
}

function signOf(part: string): Sign | undefined {
  if (part === '*') return STAR
  if (part === '?') return (sign) => sign !== '/'
  if (part.length > 1 && part.startsWith('[')) return classOf(part)
  const literal = part.length > 1 ? part.slice(1) : part
  return (sign) => sign === literal
}

/** `[a-c]`, `[^a-c]`; a range that is reversed holds nothing. */
function classOf(part: string): Sign {
  const [, not, inside = ''] = /^\[(\^?)(.*)\]$/su.exec(part) ?? []
  const ranges = Array.from(inside.matchAll(/(\\.|[^\\])(?:-(\\.|[^\\]))?/gsu), ([, low = '', high = low]) => {
    return [pointOf(low), pointOf(high)] as const
  })
  return (sign) => {
    const point = pointOf(sign)
    return ranges.some(([low, high]) => low <= point && point <= high) !== (not === '^')
  }
}

function pointOf(sign: string): number {
  return sign.replace(/^\\(?=.)/su, '').codePointAt(0) ?? 0
}
