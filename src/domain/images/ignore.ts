import { ignorePattern, type IgnorePattern } from './ignore-pattern.ts'

/** What is known of a file or folder of a context; a folder's is needed for what is in it. */
export interface Looked {
  readonly isIgnored: boolean
  /** Nothing in the folder can come back by an exception. */
  readonly isClosed: boolean
  /** Which patterns match it, or a folder that it is in. */
  readonly matched: readonly boolean[]
  /** The same as BuildKit counts it. */
  readonly counted: readonly boolean[]
}

/** `path`: within the context, with slashes. `above`: what was found of its folder; undefined in the context itself. */
export type Ignore = (path: string, above?: Looked) => Looked

export interface IgnoreProblem {
  readonly line: number
  readonly message: string
}

/**
 * The rules of a .dockerignore (https://github.com/moby/patternmatcher). Builders go through them in two ways, which differ where
 * a pattern repeats, or an exception follows, another about the same folder; here a file is left out only where both leave it out:
 * what some builder sees counts.
 */
export function readIgnore(text: string): Ignore | IgnoreProblem {
  const patterns: IgnorePattern[] = []
  for (const [index, line] of text
    .replace(/^\uFEFF/u, '')
    .split('\n')
    .entries()) {
    const pattern = readLine(line)
    if (pattern === undefined) continue
    if ('problem' in pattern) return { line: index + 1, message: `"${line.trim()}" ${pattern.problem}` }
    patterns.push(pattern)
  }
  return (path, above) => look(patterns, path, above)
}

/** Nothing is left out. */
export const ignoreNothing: Ignore = (path, above) => look([], path, above)

/** Twice, as there: a line of the file becomes a text, and that a pattern (`/!a` is an exception, too). */
function readLine(line: string): IgnorePattern | { readonly problem: string } | undefined {
  const whole = trimmed(line)
  if (whole === '' || line.startsWith('#')) return undefined
  const text = whole.startsWith('!') ? `!${unrooted(trimmed(whole.slice(1)))}` : unrooted(whole)
  if (trimmed(text) === '') return undefined
  const pattern = cleaned(trimmed(text))
  if (pattern === '!') return { problem: 'is an exception of nothing' }
  const isException = pattern.startsWith('!')
  return ignorePattern(isException ? pattern.slice(1) : pattern, isException)
}

function unrooted(path: string): string {
  return path === '' ? '' : cleaned(path).replace(/^\/(?=.)/u, '')
}

/** As Go does it: a byte order mark is no space. */
function trimmed(text: string): string {
  return text.replaceAll(/^[^\S\uFEFF]+|[^\S\uFEFF]+$/gu, '')
}

/** The shortest way to write a path, as Go's path.Clean. */
function cleaned(path: string): string {
  const isRooted = path.startsWith('/')
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue
    if (part !== '..' || (parts.length > 0 ? parts.at(-1) === '..' : !isRooted)) parts.push(part)
    else parts.pop()
  }
  const joined = parts.join('/')
  return isRooted ? `/${joined}` : joined || '.'
}

function look(patterns: readonly IgnorePattern[], path: string, above: Looked | undefined): Looked {
  const own = patterns.map((pattern) => pattern.matches(path))
  const matched = own.map((is, at) => is || above?.matched[at] === true)
  const counted: boolean[] = []
  let [inWhole, byStep] = [false, false]
  for (const [at, { isException }] of patterns.entries()) {
    if (isException === inWhole && matched[at] === true) inWhole = !isException
    // BuildKit does not ask a pattern that would change nothing, and then does not know it for what is below either.
    const counts = above?.counted[at] === true || (isException === byStep && own[at] === true)
    counted.push(counts)
    if (counts) byStep = !isException
  }
  const isIgnored = inWhole && byStep
  const mayReturn = patterns.some(
    ({ isException, literal }) => isException && (literal?.startsWith(`${path}/`) ?? true),
  )
  return { isIgnored, isClosed: isIgnored && !mayReturn, matched, counted }
}
