/** One line of a .dockerignore. */
export interface IgnorePattern {
  readonly isException: boolean
  /** What it begins with, where no wildcard comes before; undefined: it may match anywhere. */
  readonly literal: string | undefined
  matches(path: string): boolean
}

/** What one part of a pattern lets the text be: from where it begins to where it may end. */
type Part =
  | { readonly kind: 'sign'; readonly fits: (sign: string) => boolean }
  /** `*`: anything within one name. */
  | { readonly kind: 'name' }
  /** `**` with more behind it: whole folders, or none. */
  | { readonly kind: 'folders' }
  /** `**` at the end. */
  | { readonly kind: 'rest' }
  /** `^` in a pattern with wildcards is the beginning of the path. */
  | { readonly kind: 'start' }

type Shape = 'exact' | 'prefix' | 'suffix' | 'parts'

/**
 * A cleaned pattern, without the `!` of an exception, as https://github.com/moby/patternmatcher reads it; what is wrong with it
 * where it is none. No regular expression: with many stars one can take for ever.
 */
export function ignorePattern(text: string, isException: boolean): IgnorePattern | { readonly problem: string } {
  const parsed = parse(Array.from(text))
  if ('problem' in parsed) return parsed
  const { shape, parts } = parsed
  const bare = shape === 'prefix' ? text.slice(0, -2) : text
  const matches = {
    exact: (path: string) => path === text,
    prefix: (path: string) => path.startsWith(bare),
    suffix: (path: string) => endsWith(path, text.slice(2)),
    parts: (path: string) => isMatch(parts, Array.from(path)),
  }[shape]
  return { isException, literal: shape === 'exact' || shape === 'prefix' ? bare : undefined, matches }
}

/** `**` and then plain text: that text at the end, and `**`+`/foo` is foo itself too. */
function endsWith(path: string, end: string): boolean {
  return path.endsWith(end) || (end.startsWith('/') && path === end.slice(1))
}

function parse(signs: readonly string[]): { shape: Shape; parts: readonly Part[] } | { readonly problem: string } {
  const parts: Part[] = []
  let shape: Shape = 'exact'
  let at = 0
  while (at < signs.length) {
    const sign = signs[at] ?? ''
    if (sign === '*' && signs[at + 1] === '*') {
      const isFirst = at === 0
      at += signs[at + 2] === '/' ? 3 : 2
      const isLast = at >= signs.length
      parts.push({ kind: isLast ? 'rest' : 'folders' })
      shape = isFirst ? 'suffix' : isLast && shape === 'exact' ? 'prefix' : 'parts'
      continue
    }
    const read = readOne(signs, at)
    if ('problem' in read) return read
    parts.push(read.part)
    if (!read.isPlain) shape = 'parts'
    at = read.next
  }
  return { shape, parts }
}

type Read = { readonly part: Part; readonly isPlain: boolean; readonly next: number }

function readOne(signs: readonly string[], at: number): Read | { readonly problem: string } {
  const sign = signs[at] ?? ''
  const next = at + 1
  if (sign === '*') return { part: { kind: 'name' }, isPlain: false, next }
  if (sign === '?') return { part: { kind: 'sign', fits: (one) => one !== '/' }, isPlain: false, next }
  if (sign === '^') return { part: { kind: 'start' }, isPlain: true, next }
  if (sign === '[') return readClass(signs, next)
  if (sign !== '\\') return { part: { kind: 'sign', fits: (one) => one === sign }, isPlain: sign !== ']', next }
  const escaped = readEscaped(signs, at)
  if ('problem' in escaped) return escaped
  return { part: { kind: 'sign', fits: (one) => one === escaped.sign }, isPlain: false, next: escaped.next }
}

type Sign = { readonly sign: string; readonly next: number }

/** A sign, or one behind a backslash. Behind it letters and digits mean other things to a regular expression, or nothing. */
function readEscaped(signs: readonly string[], at: number): Sign | { readonly problem: string } {
  const sign = signs[at] ?? ''
  if (sign !== '\\') return { sign, next: at + 1 }
  const escaped = signs[at + 1]
  if (escaped === undefined) return { problem: 'ends with a backslash' }
  if (!/^[!-~\s]$/u.test(escaped) || /^[A-Za-z0-9]$/u.test(escaped))
    return { problem: `has "\\${escaped}", which has no meaning that all builders share` }
  return { sign: escaped, next: at + 2 }
}

/** `[a-c]`, `[^a-c]`: of any sign, a slash too. */
function readClass(signs: readonly string[], start: number): Read | { readonly problem: string } {
  const isNot = signs[start] === '^'
  const ranges: (readonly [number, number])[] = []
  let at = isNot ? start + 1 : start
  while (at < signs.length && (signs[at] !== ']' || ranges.length === 0)) {
    const low = readBound(signs, at)
    if ('problem' in low) return low
    const high = signs[low.next] === '-' ? readBound(signs, low.next + 1) : low
    if ('problem' in high) return high
    if (pointOf(low.sign) > pointOf(high.sign)) return { problem: 'has a range that ends before it begins' }
    ranges.push([pointOf(low.sign), pointOf(high.sign)])
    at = high.next
  }
  if (at >= signs.length) return { problem: 'has a "[" that is not closed' }
  const fits = (one: string): boolean =>
    ranges.some(([low, high]) => low <= pointOf(one) && pointOf(one) <= high) !== isNot
  return { part: { kind: 'sign', fits }, isPlain: false, next: at + 1 }
}

function readBound(signs: readonly string[], at: number): Sign | { readonly problem: string } {
  const sign = signs[at]
  if (sign === undefined) return { problem: 'has a "[" that is not closed' }
  if (sign === '-' || sign === ']') return { problem: `has "${sign}" where a sign must stand between [ and ]` }
  // A builder makes a regular expression of it, where these are no longer signs.
  if (sign === '*' || sign === '?' || (sign === '[' && signs[at + 1] === ':'))
    return { problem: `has "${sign}" between [ and ], which builders do not take for a sign` }
  return readEscaped(signs, at)
}

function pointOf(sign: string): number {
  return sign.codePointAt(0) ?? 0
}

/** Part by part, all the places that are reached: time grows with the product of both lengths. */
function isMatch(parts: readonly Part[], signs: readonly string[]): boolean {
  let reached: readonly boolean[] = Array.from({ length: signs.length + 1 }, (_, at) => at === 0)
  for (const part of parts) {
    reached = after(part, signs, reached)
    if (!reached.includes(true)) return false
  }
  return reached.at(-1) === true
}

/** Where a part can end that begins at one of the places `from`. */
function after(part: Part, signs: readonly string[], from: readonly boolean[]): boolean[] {
  switch (part.kind) {
    case 'start':
      return from.map((is, at) => is && at === 0)
    case 'sign':
      return from.map((_, at) => at > 0 && from[at - 1] === true && part.fits(signs[at - 1] ?? ''))
    case 'name':
      return upTo('/', signs, from)
    case 'rest':
      return upTo('\n', signs, from)
    case 'folders':
      return upTo('\n', signs, from).map((is, at) => is && (from[at] === true || signs[at - 1] === '/'))
  }
}

function upTo(stop: string, signs: readonly string[], from: readonly boolean[]): boolean[] {
  let is = false
  return from.map((begins, at) => (is = begins || (is && signs[at - 1] !== stop)))
}
